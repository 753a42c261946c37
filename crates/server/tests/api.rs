//! What the public types promise.

use coinslot_server::{
    BuildGateError, Challenge, Dependency, Event, Gate, GateBuilder, GateService, Offer,
    OfferError, Page, Payment, PriceError, PriceTag, Protocol, RecordPolicy, ResourceBaseError,
    SettleTiming,
    stream::{Meter, MeterError, SseBody, SseEvent, SseEventError},
    x402,
};

fn send_sync<T: Send + Sync + 'static>() {}
fn send<T: Send + 'static>() {}
fn clone<T: Clone>() {}
fn error<T: std::error::Error + Send + Sync + 'static>() {}

#[test]
fn types_are_send_and_sync() {
    send_sync::<Gate>();
    send_sync::<GateBuilder>();
    send_sync::<GateService<()>>();
    send_sync::<Offer>();
    send_sync::<Payment>();
    send_sync::<Event<'static>>();
    send_sync::<Challenge<'static>>();
    send_sync::<Page>();
    send_sync::<Meter>();
    send_sync::<SseEvent>();
}

#[test]
fn a_body_can_be_sent() {
    send::<SseBody<futures_util::stream::Empty<SseEvent>>>();
}

#[test]
fn configuration_can_be_cloned() {
    clone::<Gate>();
    clone::<GateBuilder>();
    clone::<GateService<()>>();
    clone::<Offer>();
    clone::<x402::ExactOffer>();
    clone::<PriceTag>();
    clone::<RecordPolicy>();
    clone::<SettleTiming>();
    clone::<Payment>();
    clone::<Meter>();
    clone::<SseEvent>();
}

#[test]
fn errors_are_errors() {
    error::<BuildGateError>();
    error::<OfferError>();
    error::<PriceError>();
    error::<ResourceBaseError>();
    error::<MeterError>();
    error::<SseEventError>();
}

#[test]
fn names_are_stable() {
    assert_eq!(Protocol::X402.to_string(), "x402");
    assert_eq!(Dependency::Store.as_str(), "store");
    assert_eq!(SettleTiming::default(), SettleTiming::Before);
    assert!(RecordPolicy::default().max_body <= RecordPolicy::MAX_BODY_LIMIT);
    assert!(
        !RecordPolicy::default()
            .headers
            .contains(&http::header::SET_COOKIE)
    );
}
