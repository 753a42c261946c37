//! The MPP door of the gate, intent `channel` on Stellar: vouchers of a one-way channel, which cost
//! no transaction.
//!
//! Its requests do not go through the state machine of payments that are settled one by one: a
//! voucher is accepted by one durable write of its channel, and the channels know the rules.

pub(crate) mod chosen;
pub(crate) mod credential;
mod issuers;
mod metered;
pub(crate) mod offer;
pub(crate) mod receipts;
pub(crate) mod serve;
pub(crate) mod top_up;

pub use offer::{ChannelOffer, channel};
