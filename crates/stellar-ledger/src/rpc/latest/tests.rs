use super::{Answer, CloseTimes, read};
use crate::LatestLedger;

fn estimate(seen: &[(u32, Option<u64>)]) -> u32 {
    let times = CloseTimes::default();
    for (sequence, close_time) in seen {
        times.observe(&LatestLedger {
            sequence: *sequence,
            close_time: *close_time,
            protocol_version: 30,
        });
    }
    times.estimate()
}

#[test]
fn close_times_come_from_what_was_seen() {
    assert_eq!(estimate(&[]), 5, "nothing seen");
    assert_eq!(estimate(&[(10, Some(1000))]), 5, "one ledger says nothing");
    assert_eq!(
        estimate(&[(10, Some(1000)), (13, Some(1018))]),
        5,
        "too short a time"
    );
    assert_eq!(estimate(&[(10, Some(1000)), (20, Some(1060))]), 6);
    assert_eq!(
        estimate(&[(10, Some(1000)), (20, Some(1059))]),
        5,
        "rounded down"
    );
    assert_eq!(
        estimate(&[(10, Some(1000)), (15, Some(1030)), (30, Some(1080))]),
        4
    );
    assert_eq!(
        estimate(&[(10, Some(1000)), (20, None)]),
        5,
        "without a time"
    );
}

#[test]
fn figures_that_no_clock_makes_are_left_out() {
    assert_eq!(
        estimate(&[(10, Some(1000)), (500, Some(1030))]),
        5,
        "closes on demand"
    );
    assert_eq!(
        estimate(&[(10, Some(1000)), (11, Some(1300))]),
        5,
        "stood still"
    );
    assert_eq!(
        estimate(&[(10, Some(1000)), (20, Some(900))]),
        5,
        "goes back in time"
    );
    assert_eq!(
        estimate(&[(10, Some(1000)), (10, Some(1100))]),
        5,
        "the same ledger"
    );
}

#[test]
fn a_node_that_is_behind_changes_nothing() {
    let seen = [
        (10, Some(1000)),
        (20, Some(1060)),
        (15, Some(1030)),
        (3, Some(1)),
    ];
    assert_eq!(estimate(&seen), 6);
}

#[test]
fn old_observations_give_way() {
    // An hour at 6 s, then an hour at 8 s.
    let fast = (0..60).map(|minute| (minute * 10, Some(1000 + u64::from(minute) * 60)));
    let slow = (1..60).map(|step| (590 + step * 10, Some(4540 + u64::from(step) * 80)));
    let seen: Vec<_> = fast.chain(slow).collect();
    assert_eq!(estimate(&seen), 8);
}

#[test]
fn answers_of_several_versions() {
    let latest = |text: &str| {
        let answer: Answer = serde_json::from_str(text).unwrap();
        read(&answer).map(|latest| (latest.sequence, latest.close_time, latest.protocol_version))
    };
    let old = r#"{"id":"00","protocolVersion":23,"sequence":7}"#;
    assert_eq!(latest(old).unwrap(), (7, None, 23));
    let new = r#"{"id":"00","protocolVersion":"23","sequence":7,"closeTime":"1750000000"}"#;
    assert_eq!(latest(new).unwrap(), (7, Some(1_750_000_000), 23));
    for bad in [
        r#"{"protocolVersion":-1,"sequence":7}"#,
        r#"{"protocolVersion":23,"sequence":7,"closeTime":"-1"}"#,
        r#"{"protocolVersion":23,"sequence":7,"closeTime":"+1"}"#,
        r#"{"protocolVersion":23,"sequence":7,"closeTime":"1e9"}"#,
        r#"{"protocolVersion":23,"sequence":7,"headerXdr":"AAAA"}"#,
        r#"{"protocolVersion":23,"sequence":7,"headerXdr":" "}"#,
    ] {
        latest(bad).unwrap_err();
    }
}
