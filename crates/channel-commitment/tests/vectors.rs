//! What is accepted and what is refused, with bytes that the official programs and the contract wrote.

#![allow(clippy::unwrap_used, reason = "a helper of a test may panic")]

#[path = "vectors/contract_run.rs"]
mod contract_run;

#[path = "vectors/calls.rs"]
mod calls;
#[path = "vectors/commitments.rs"]
mod commitments;
#[path = "vectors/entries.rs"]
mod entries;
#[path = "vectors/events.rs"]
mod events;
#[path = "vectors/keys.rs"]
mod keys;
#[path = "vectors/official.rs"]
mod official;
#[path = "vectors/proofs.rs"]
mod proofs;
#[path = "vectors/strictness.rs"]
mod strictness;
