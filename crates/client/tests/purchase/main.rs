//! A paying client against honest and hostile sellers.
//!
//! The sellers are real HTTP servers on this machine. The ledger is a model that knows just enough: it checks the
//! signature, the nonce and the expiry of what is settled on it. The flows over the real Soroban engine are in the
//! workspace's package of whole flows.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod booth;
mod caps;
mod channel_close;
mod channel_honest;
mod channel_hostile;
mod channel_lost;
mod channel_refused;
mod channel_shared;
mod charge_honest;
mod charge_hostile;
mod charge_lost;
mod durable;
mod guard;
mod honest;
mod hostile;
mod ledger;
mod lost;
mod seller;
mod shop;
mod stall;
mod stream_honest;
mod stream_hostile;
mod till;
