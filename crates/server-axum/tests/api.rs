//! What the public types promise.

use coinslot_server_axum::{Metered, NoGate, NoMeter, Paid};

fn send_sync<T: Send + Sync + 'static>() {}

#[test]
fn types_are_send_and_sync() {
    send_sync::<Paid>();
    send_sync::<NoGate>();
    send_sync::<Metered>();
    send_sync::<NoMeter>();
}

#[test]
fn the_rejection_says_what_to_do() {
    let sentence = NoGate.to_string();
    assert!(
        sentence.contains("no gate") && sentence.contains("paid_get"),
        "{sentence}"
    );
}

#[test]
fn the_rejection_without_a_meter_says_what_to_do() {
    let sentence = NoMeter.to_string();
    assert!(
        sentence.contains("by the unit") && sentence.contains("per_unit"),
        "{sentence}"
    );
}
