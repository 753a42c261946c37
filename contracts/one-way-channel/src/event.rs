//! The contract's events: the topic is the name in lower case, the data a map of the fields.

use soroban_sdk::{Address, BytesN, contractevent};

/// The channel was opened.
#[contractevent]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Open {
    /// The funder.
    pub from: Address,
    /// The ed25519 public key that signs commitments.
    pub commitment_key: BytesN<32>,
    /// The recipient.
    pub to: Address,
    /// The SEP-41 token that is paid.
    pub token: Address,
    /// The first deposit, in the token's base units.
    pub amount: i128,
    /// The ledgers between `close_start` and `refund`.
    pub refund_waiting_period: u32,
}

/// The end of the channel was fixed: settle before it comes.
#[contractevent]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Close {
    /// The first ledger in which the funder can refund; the current one if the recipient closed.
    pub effective_at_ledger: u32,
}

/// The recipient was paid.
#[contractevent]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Withdraw {
    /// The recipient.
    pub to: Address,
    /// What was paid now, in the token's base units: not the cumulative amount.
    pub amount: i128,
}

/// The funder got back what was left.
#[contractevent]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refund {
    /// The funder.
    pub from: Address,
    /// What was returned, in the token's base units: the whole balance.
    pub amount: i128,
}
