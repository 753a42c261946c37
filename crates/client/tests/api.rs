//! What the public types promise: threads, redaction, one name per thing.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::error::Error;

use coinslot_client::{
    Any, Budget, ChannelError, ChannelFunds, ChannelUsage, HostRule, IdempotencyKey, PaidEvents,
    ParseHostErrorKind, PayingClient, PaymentError, PaymentEvent, PaymentMiddleware,
    PaymentReceipt, PinError, Preview, ServerText, StreamError, StreamReceipt,
};
use coinslot_payment_store::{MemoryStore, PaymentStore};
use coinslot_soroban_authorization::SecretKey;

fn shared<T: Send + Sync + 'static>() {}
fn moved<T: Send + 'static>() {}
fn error<T: Error + Send + Sync + 'static>() {}

#[test]
fn everything_crosses_threads() {
    shared::<PayingClient>();
    shared::<PaymentMiddleware>();
    shared::<PaymentReceipt>();
    shared::<PaymentEvent>();
    shared::<Budget>();
    shared::<Preview>();
    error::<PaymentError>();
    shared::<ChannelFunds>();
    shared::<ChannelUsage>();
    error::<ChannelError>();
    error::<StreamError>();
    moved::<PaidEvents>();
    shared::<StreamReceipt>();
    error::<PinError>();
}

fn budget() -> Budget {
    let caps = Budget::per_payment("$0.01").unwrap().per_day("$1").unwrap();
    caps.per_host_per_day("$0.5").unwrap().hosts(Any).unwrap()
}

#[tokio::test]
async fn no_secret_is_printed() {
    let key = SecretKey::from_seed([9; 32]);
    let (secret, payer) = (key.expose_secret(), key.account_id().to_string());
    let store: std::sync::Arc<dyn PaymentStore> = std::sync::Arc::new(MemoryStore::new());
    let needs_budget = PayingClient::builder(key);
    let mut printed = format!("{needs_budget:?}");
    let needs_store = needs_budget.budget(budget());
    printed += &format!("{needs_store:?}");
    let builder = needs_store.store(store);
    printed += &format!("{builder:?}");
    let client = builder.build().unwrap();
    printed += &format!("{client:?} {:?}", IdempotencyKey::new("order 4711"));
    assert!(
        !printed.contains(&secret) && !printed.contains("4711"),
        "{printed}"
    );
    assert!(printed.contains(&payer), "{printed}");
}

#[test]
fn prices_hosts_and_payees_are_checked_where_they_are_written() {
    for price in ["0", "$0", "-1", "1e3", "1,5", "", "$", "1_0", " 1"] {
        assert!(Budget::per_payment(price).is_err(), "{price}");
    }
    for (host, kind) in [
        ("", ParseHostErrorKind::Empty),
        ("https://api.example.com", ParseHostErrorKind::Url),
        ("api.example.com/", ParseHostErrorKind::Url),
        ("user@api.example.com", ParseHostErrorKind::Url),
        ("*.example.com", ParseHostErrorKind::Wildcard),
        ("api.example.com:", ParseHostErrorKind::Port),
        ("api.example.com:0", ParseHostErrorKind::Port),
        ("api.example.com:+80", ParseHostErrorKind::Port),
        ("api.example.com:65536", ParseHostErrorKind::Port),
        ("a b", ParseHostErrorKind::Name),
        ("::1", ParseHostErrorKind::Name),
        ("[::1", ParseHostErrorKind::Name),
    ] {
        assert_eq!(host.parse::<HostRule>().unwrap_err().kind(), kind, "{host}");
    }
    assert!(matches!(
        budget().pin_payee("api.example.com", "GNOTANADDRESS"),
        Err(PinError::Payee(_))
    ));
    assert!(matches!(
        budget().pin_payee("*", "G"),
        Err(PinError::Host(_))
    ));
}

#[test]
fn a_host_rule_allows_its_host_and_nothing_like_it() {
    let allows = |rule: &str, url: &str| {
        rule.parse::<HostRule>()
            .unwrap()
            .allows(&url.parse().unwrap())
    };
    for (rule, url) in [
        ("api.example.com", "https://api.example.com/x"),
        ("API.Example.COM", "https://api.example.com:8443/"),
        ("api.example.com:443", "https://api.example.com/"),
        ("bücher.example", "https://xn--bcher-kva.example/"),
        ("127.0.0.1", "http://2130706433/"),
        ("[::1]:3000", "http://[::1]:3000/"),
    ] {
        assert!(allows(rule, url), "{rule} {url}");
    }
    for (rule, url) in [
        ("api.example.com", "https://api.example.com.evil.example/"),
        ("api.example.com", "https://evil.example/api.example.com"),
        ("api.example.com", "https://api.example.com@evil.example/"),
        ("api.example.com", "https://x.api.example.com/"),
        ("example.com", "https://api.example.com/"),
        ("api.example.com:8443", "https://api.example.com/"),
        ("localhost", "http://127.0.0.1/"),
    ] {
        assert!(!allows(rule, url), "{rule} {url}");
    }
}

#[test]
fn strangers_text_is_made_fit_for_a_log() {
    let text = ServerText::new("a\r\nb\u{1b}[0m\u{202e}\u{200b}\u{feff}é");
    assert_eq!(
        text.as_str(),
        "a\u{fffd}\u{fffd}b\u{fffd}[0m\u{fffd}\u{fffd}\u{fffd}é"
    );
    assert_eq!(
        ServerText::new(&"x".repeat(201)).as_str(),
        format!("{}…", "x".repeat(200))
    );
    assert_eq!(ServerText::new(&"x".repeat(200)).as_str(), "x".repeat(200));
}
