//! Hand-picked texts that are taken and refused.

use std::time::Duration;

use coinslot_caip2_network::NetworkId;
use coinslot_payment_store::{
    MAX_PAYMENT_ID_BYTES, OpenStoreError, ParsePaymentIdErrorKind, PaymentId, Store, UnixMillis,
};

const PAYER: &str = "GBRPYHIL2CI3FNQ4BXLFMNDLFJUNPU2HY3ZMFSHONUCEOASW7QC7OX2H";

#[test]
fn payment_ids_are_written_in_one_way() {
    let network = NetworkId::from_bytes([0xab; 32]);
    let hex = "ab".repeat(32);
    let id = PaymentId::authorization(&network, PAYER, i64::MIN);
    assert_eq!(
        id.as_str(),
        format!("auth:{hex}:{PAYER}:-9223372036854775808")
    );
    assert_eq!(id.as_str().parse(), Ok(id));

    let hash = "0123456789abcdef".repeat(4);
    let id = PaymentId::transaction(&network, &hash);
    assert_eq!(id.to_string(), format!("tx:{hex}:{hash}"));
    assert_eq!(
        PaymentId::transaction(&network, &hash.to_uppercase()),
        id,
        "one hash, one id"
    );
    assert_eq!(id.as_str().parse(), Ok(id));
}

#[test]
fn payments_that_differ_have_ids_that_differ() {
    let (one, two) = (
        NetworkId::from_bytes([1; 32]),
        NetworkId::from_bytes([2; 32]),
    );
    let ids = [
        PaymentId::authorization(&one, PAYER, 1),
        PaymentId::authorization(&one, PAYER, -1),
        PaymentId::authorization(&one, PAYER, 11),
        PaymentId::authorization(&one, &PAYER.replace('H', "I"), 1),
        PaymentId::authorization(&two, PAYER, 1),
        PaymentId::transaction(&one, "1"),
        PaymentId::transaction(&two, "1"),
    ];
    let distinct: std::collections::HashSet<_> = ids.iter().collect();
    assert_eq!(distinct.len(), ids.len());
}

#[test]
fn payment_ids_that_are_refused() {
    use ParsePaymentIdErrorKind::{InvalidByte, NoKind, TooLong};
    let longest = format!("x:{}", "y".repeat(MAX_PAYMENT_ID_BYTES - 2));
    assert!(longest.parse::<PaymentId>().is_ok());
    for (text, kind, position) in [
        ("", NoKind, 0),
        ("x", NoKind, 0),
        (":x", NoKind, 0),
        ("x:", NoKind, 0),
        ("tx: 1", InvalidByte, 3),
        ("tx:1\n", InvalidByte, 4),
        ("tx:\u{e9}", InvalidByte, 3),
        ("\0tx:1", InvalidByte, 0),
        (&format!("{longest}y"), TooLong, MAX_PAYMENT_ID_BYTES),
    ] {
        let error = text.parse::<PaymentId>().unwrap_err();
        assert_eq!(
            (error.kind(), error.position()),
            (kind, position),
            "{text:?}"
        );
    }
}

#[test]
fn times_end_where_time_ends() {
    let (first, last) = (UnixMillis::new(i64::MIN), UnixMillis::new(i64::MAX));
    assert_eq!(last.saturating_add(Duration::from_millis(1)), last);
    assert_eq!(last.saturating_add(Duration::MAX), last);
    assert_eq!(first.saturating_sub(Duration::MAX), first);
    assert_eq!(UnixMillis::from_seconds(u64::MAX), last);
    assert_eq!(first.as_seconds(), 0);
    assert_eq!(UnixMillis::new(1999).as_seconds(), 1);
    assert_eq!(
        last.saturating_since(first),
        Duration::from_millis(u64::MAX / 2)
    );
    assert_eq!(first.saturating_since(last), Duration::ZERO);
    assert_eq!(
        UnixMillis::new(12)
            .saturating_since(UnixMillis::new(5))
            .as_millis(),
        7
    );
}

#[tokio::test]
async fn addresses_of_stores() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().display();
    for address in [
        "memory:",
        &format!("sqlite:{path}/1.db"),
        &format!("sqlite://{path}/2.db"),
    ] {
        Store::open(address).await.unwrap().ping().await.unwrap();
    }
    assert!(folder.path().join("1.db").exists() && folder.path().join("2.db").exists());

    for address in [
        "",
        "payments.db",
        "memory",
        "memory:x",
        "SQLITE:x.db",
        "postgres://x",
    ] {
        let error = Store::open(address).await.err().unwrap();
        assert!(
            matches!(error, OpenStoreError::UnknownAddress),
            "{address:?} gave {error:?}"
        );
    }
    for address in ["sqlite:", "sqlite://", "sqlite::memory:"] {
        let error = Store::open(address).await.err().unwrap();
        assert!(
            matches!(error, OpenStoreError::NoFile),
            "{address:?} gave {error:?}"
        );
    }
}
