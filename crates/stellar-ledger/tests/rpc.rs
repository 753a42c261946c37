//! The RPC client against nodes that answer, fail, hang, lag and lie.

#![allow(clippy::unwrap_used, reason = "a helper of a test may panic")]

#[path = "rpc/entries.rs"]
mod entries;
#[path = "rpc/events.rs"]
mod events;
#[path = "rpc/facts.rs"]
mod facts;
#[path = "rpc/failover.rs"]
mod failover;
#[path = "rpc/fixtures.rs"]
mod fixtures;
#[path = "rpc/node.rs"]
mod node;
#[path = "rpc/server.rs"]
mod server;
#[path = "rpc/transactions.rs"]
mod transactions;
#[path = "rpc/transfers.rs"]
mod transfers;
