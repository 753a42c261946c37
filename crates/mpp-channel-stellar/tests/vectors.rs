//! What is accepted, and one case that breaks each rule.

#![allow(clippy::unwrap_used, reason = "a helper of a test may panic")]

#[path = "support/channel.rs"]
mod channel;

#[path = "vectors/buyer.rs"]
mod buyer;
#[path = "vectors/close.rs"]
mod close;
#[path = "vectors/duty.rs"]
mod duty;
#[path = "vectors/registration.rs"]
mod registration;
#[path = "vectors/sentences.rs"]
mod sentences;
#[path = "vectors/stored.rs"]
mod stored;
#[path = "vectors/stream.rs"]
mod stream;
#[path = "vectors/voucher.rs"]
mod voucher;
