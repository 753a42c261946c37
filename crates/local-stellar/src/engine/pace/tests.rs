use std::time::{Duration, Instant};

use super::{CloseMode, Pace};

/// Closes whenever a ledger is due and something is pending; how many that are in a time.
fn closes_within(time: Duration) -> u32 {
    let start = Instant::now();
    let mut pace = Pace::new(CloseMode::OnSubmit, start);
    let mut now = start + Duration::from_secs(60);
    let end = now + time;
    let mut closes = 0;
    while let Some(due) = pace.due(true) {
        now = now.max(due);
        if now >= end {
            break;
        }
        pace.closed(now);
        closes += 1;
    }
    closes
}

#[test]
fn a_burst_and_then_one_a_second() {
    assert_eq!(closes_within(Duration::from_millis(1)), 1);
    assert_eq!(closes_within(Duration::from_millis(200)), 4);
    assert!((12..=14).contains(&closes_within(Duration::from_secs(10))));
}

#[test]
fn without_submissions_every_five_seconds() {
    let now = Instant::now();
    let pace = Pace::new(CloseMode::OnSubmit, now);
    assert_eq!(pace.due(false), Some(now + Duration::from_secs(5)));
    assert!(pace.can_join(now + Duration::from_millis(999)));
    assert!(!pace.can_join(now + Duration::from_secs(1)));
}

#[test]
fn timers_and_hands_do_not_look_at_submissions() {
    let now = Instant::now();
    let every = Pace::new(CloseMode::Every(Duration::from_secs(3)), now);
    assert_eq!(every.due(true), every.due(false));
    assert_eq!(every.due(true), Some(now + Duration::from_secs(3)));
    let manual = Pace::new(CloseMode::Manual, now);
    assert_eq!(manual.due(true), None);
    assert!(!manual.can_join(now));
}
