use super::*;

#[test]
fn rounds_up() {
    assert_eq!(ledgers_within(60, 5), 12);
    assert_eq!(ledgers_within(61, 5), 13);
    assert_eq!(ledgers_within(1, 6), 1);
    assert_eq!(ledgers_within(0, 6), 0);
}

#[test]
fn assumes_five_seconds_when_nobody_knows() {
    assert_eq!(ledgers_within(60, 0), 12);
}

#[test]
fn does_not_overflow() {
    assert_eq!(ledgers_within(u64::MAX, 1), u32::MAX);
}
