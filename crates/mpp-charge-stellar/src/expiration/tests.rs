use super::*;

#[test]
fn rounds_up_to_whole_ledgers() {
    assert_eq!(ledger_expiration(1_000, 600, 300), 1_060);
    assert_eq!(ledger_expiration(1_000, 601, 300), 1_061);
    assert_eq!(ledger_expiration(1_000, 301, 300), 1_001);
}

#[test]
fn nothing_is_left_of_what_has_expired() {
    assert_eq!(ledger_expiration(1_000, 300, 300), 1_000);
    assert_eq!(ledger_expiration(1_000, 299, 300), 1_000);
}

#[test]
fn does_not_overflow() {
    assert_eq!(ledger_expiration(1, u64::MAX, 0), u32::MAX);
}
