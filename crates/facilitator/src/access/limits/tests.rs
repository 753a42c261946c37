use super::*;

fn limits(concurrency: u32, per_second: u32) -> CallerLimits {
    let limits = AccessLimits {
        concurrency: NonZeroU32::new(concurrency).unwrap(),
        per_second: NonZeroU32::new(per_second).unwrap(),
    };
    CallerLimits::new(limits, 1)
}

#[test]
fn each_caller_has_its_own_room() {
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

#[test]
fn a_seconds_worth_may_come_at_once_and_then_it_takes_time() {
    let (start, each) = (Instant::now(), Duration::from_millis(250));
    let mut bucket = Bucket { full_at: start };
    for _ in 0..4 {
        assert_eq!(bucket.take(each, start), None);
    }
    assert_eq!(bucket.take(each, start), Some(each));
    assert_eq!(bucket.take(each, start + each), None);
    assert_eq!(bucket.take(each, start + each), Some(each));
    // Nothing is saved up beyond a second.
    let later = start + Duration::from_secs(60);
    for _ in 0..4 {
        assert_eq!(bucket.take(each, later), None);
    }
    assert!(bucket.take(each, later).is_some());
}

#[test]
fn too_fast_is_said_with_how_long_to_wait() {
    let limits = limits(100, 1);
    limits.admit(Caller::Anyone).unwrap();
    let turned = limits.admit(Caller::Anyone).unwrap_err();
    assert!(matches!(turned, Turned::TooFast { retry_after } if !retry_after.is_zero()));
}

#[test]
fn an_unknown_caller_has_no_room() {
    assert!(limits(1, 1).admit(Caller::Key(1)).is_err());
}
