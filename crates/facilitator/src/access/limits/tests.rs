use super::*;

fn limits(concurrency: u32, per_second: u32) -> CallerLimits {
    let limits = AccessLimits {
        concurrency: NonZeroU32::new(concurrency).unwrap(),
        per_second: NonZeroU32::new(per_second).unwrap(),
    };
    CallerLimits::new(limits, 1)
}

#[tokio::test(start_paused = true)]
async fn each_caller_has_its_own_room() {
    let limits = limits(1, 1000);
    let held = limits.admit(Caller::Key(0)).unwrap();
    assert_eq!(
        limits.admit(Caller::Key(0)).unwrap_err(),
        Turned::TooManyAtOnce
    );
    limits.admit(Caller::Anyone).unwrap();
    drop(held);
    limits.admit(Caller::Key(0)).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_seconds_worth_may_come_at_once_and_then_it_takes_time() {
    let limits = limits(100, 4);
    for _ in 0..4 {
        limits.admit(Caller::Anyone).unwrap();
    }
    let retry_after = Duration::from_millis(250);
    assert_eq!(
        limits.admit(Caller::Anyone).unwrap_err(),
        Turned::TooFast { retry_after }
    );
    tokio::time::advance(retry_after).await;
    limits.admit(Caller::Anyone).unwrap();
    assert!(limits.admit(Caller::Anyone).is_err());
}

#[tokio::test(start_paused = true)]
async fn an_unknown_caller_has_no_room() {
    assert!(limits(1, 1).admit(Caller::Key(1)).is_err());
}
