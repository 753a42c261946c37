use coinslot_payment_store::ManualClock;

use super::*;

#[test]
fn runs_under_way_and_unpaid_runs_count_until_the_window_has_passed() {
    let clock = Arc::new(ManualClock::new(UnixMillis::from_seconds(1_000)));
    let cap = NonZeroU32::new(2).unwrap();
    let runs = UnpaidRuns::new(
        cap,
        Duration::from_secs(60),
        Arc::clone(&clock) as Arc<dyn Clock>,
    );

    let first = runs.reserve().unwrap();
    let second = runs.reserve().unwrap();
    assert!(runs.reserve().is_none(), "two are under way");
    second.no_loss();
    let second = runs.reserve().unwrap();
    drop(first);
    assert!(runs.reserve().is_none(), "one is under way, one is lost");
    clock.advance(Duration::from_secs(59));
    assert!(runs.reserve().is_none());
    clock.advance(Duration::from_secs(1));
    let third = runs.reserve().unwrap();
    assert!(
        runs.reserve().is_none(),
        "the lost one is forgotten, two are under way"
    );
    third.no_loss();
    second.no_loss();
}
