//! What a call can be refused for, besides a missing authorization, a wrong signature and the token's own errors.

use soroban_sdk::contracterror;

/// The contract's error codes.
#[contracterror]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u32)]
pub enum Error {
    /// An amount is below zero.
    NegativeAmount = 1,
    /// A refund, although nobody closed the channel or started to.
    NotClosed = 2,
    /// A refund before the ledger in which the end of the channel comes.
    RefundWaitingPeriodNotElapsed = 3,
    /// The end of the channel has already come.
    AlreadyClosed = 4,
}
