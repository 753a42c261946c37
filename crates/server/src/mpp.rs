//! The MPP door of the gate on Stellar: what is offered, how a credential is read, how it is
//! verified and settled, and how the answer is told. Specification: the Payment HTTP Authentication
//! Scheme, the charge intent, the Stellar charge method; for the intent `channel` the official SDK.

pub(crate) mod challenge;
pub(crate) mod channel;
pub(crate) mod credential;
pub(crate) mod headers;
pub(crate) mod offer;
pub(crate) mod settle;

pub use channel::{ChannelOffer, channel};
pub use offer::{ChargeOffer, charge};
