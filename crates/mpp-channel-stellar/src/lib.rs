#![doc = include_str!("../README.md")]
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::as_conversions,
        clippy::indexing_slicing,
        clippy::panic
    )
)]

pub mod client;

mod accepted;
mod close;
mod duty;
mod facts;
mod judgement;
mod policy;
mod refusal;
mod registration;
mod sealed_json;
mod state;
mod stored;
mod stream;
mod voucher;

pub use accepted::{Accepted, Owner, Price, RequestFingerprint, Serving};
pub use duty::Duty;
pub use facts::ChannelFacts;
pub use judgement::{CloseJudgement, Denied, Judgement, Presented};
pub use policy::ChannelPolicy;
pub use refusal::{ChannelRefusal, Refusal};
pub use registration::{RegisteredChannel, register};
pub use state::{ChannelState, ClosingReason, Phase};
pub use stored::ReadStateError;
pub use stream::{Meter, NeedVoucher};
