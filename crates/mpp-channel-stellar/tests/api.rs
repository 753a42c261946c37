//! The traits that the public types have, and what their `Debug` does not show.

#![allow(clippy::unwrap_used, reason = "a helper of a test may panic")]

#[path = "support/channel.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod channel;

use core::{error::Error, fmt::Debug};

use channel::*;
use coinslot_mpp_channel_stellar::client::{
    BuyerRefusal, BuyerState, Caps, Pending, Purchase, Sign,
};
use coinslot_mpp_channel_stellar::{
    Accepted, ChannelFacts, ChannelPolicy, ChannelRefusal, ChannelState, CloseJudgement,
    ClosingReason, Denied, Duty, Judgement, Meter, NeedVoucher, Owner, Phase, Presented, Price,
    ReadStateError, Refusal, RegisteredChannel, RequestFingerprint, Serving, register,
};

fn value<T: Send + Sync + Debug + Clone + 'static>() {}
fn error<T: Error + Send + Sync + 'static>() {}

#[test]
fn values_can_be_shared_and_cloned() {
    value::<Accepted>();
    value::<BuyerState>();
    value::<Caps>();
    value::<ChannelFacts>();
    value::<ChannelPolicy>();
    value::<ChannelState>();
    value::<CloseJudgement>();
    value::<ClosingReason>();
    value::<Duty>();
    value::<Judgement>();
    value::<Meter>();
    value::<NeedVoucher>();
    value::<Owner>();
    value::<Pending>();
    value::<Phase>();
    value::<Presented<'static>>();
    value::<Price>();
    value::<Purchase<'static>>();
    value::<RegisteredChannel>();
    value::<RequestFingerprint>();
    value::<Serving>();
    value::<Sign>();
}

#[test]
fn errors_are_errors() {
    error::<BuyerRefusal>();
    error::<ChannelRefusal>();
    error::<Denied>();
    error::<ReadStateError>();
    error::<Refusal>();
}

#[test]
fn debug_shows_no_signature() {
    let state = pay(10, 10, 1).accepted(&first());
    let registered = register(channel(), &network(), &facts(), &policy()).unwrap();
    let judged = pay(20, 10, 2).judge(&state, &facts());
    let signatures = [voucher(10), voucher(20)].map(|voucher| *voucher.signature());
    for shown in [
        format!("{state:?}"),
        format!("{registered:?}"),
        format!("{judged:?}"),
    ] {
        for signature in &signatures {
            assert!(!shown.contains(&hex::encode(signature)[..16]), "{shown}");
            let bytes = format!("{:?}", &signature[..4]);
            assert!(!shown.contains(bytes.trim_matches(['[', ']'])), "{shown}");
        }
    }
}
