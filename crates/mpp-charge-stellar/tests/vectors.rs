//! Honest payments, and one that breaks each rule.

#![allow(clippy::unwrap_used, reason = "a helper of a test may panic")]

#[path = "support/charge.rs"]
mod charge;

#[path = "vectors/challenge.rs"]
mod challenge;
#[path = "vectors/client.rs"]
mod client;
#[path = "vectors/official.rs"]
mod official;
#[path = "vectors/push.rs"]
mod push;
#[path = "vectors/refusals.rs"]
mod refusals;
#[path = "vectors/sponsored.rs"]
mod sponsored;
#[path = "vectors/unsponsored.rs"]
mod unsponsored;
