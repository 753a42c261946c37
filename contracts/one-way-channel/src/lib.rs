//! A one-way payment channel: many payments off the chain, from one funder to one recipient, two transactions on it.
//!
//! The funder deposits tokens and signs *commitments* with a key that the channel knows. A commitment entitles the
//! recipient to a cumulative amount, so that a newer one replaces all before it; the recipient needs only the highest.
//!
//! | step | called by | what it does |
//! |---|---|---|
//! | open | deployer | the constructor stores the parties and takes the first deposit |
//! | [`top_up`](OneWayChannel::top_up) | funder | deposits more |
//! | [`settle`](OneWayChannel::settle) | recipient | pays out what a commitment promises and was not paid yet |
//! | [`close`](OneWayChannel::close) | recipient | settles, ends the channel at once and returns the rest to the funder |
//! | [`close_start`](OneWayChannel::close_start) | funder | ends the channel after the waiting period |
//! | [`refund`](OneWayChannel::refund) | funder | takes everything that is left, once the end has come |
//!
//! The contract keeps nothing back for the recipient: who has not settled when the funder refunds has lost that money.
//! The waiting period is the recipient's time to see the [`Close`](event::Close) event and to settle.
//!
//! Amounts are in the token's base units. Times are ledgers: a period is a number of them, a moment is the sequence
//! number of one. Interface, storage, events and commitments are those of the contract that `contracts/README.md`
//! names as the reference; that page also lists what differs.
#![no_std]

mod closing;
pub mod commitment;
mod deposit;
pub mod error;
pub mod event;
pub mod storage;
mod withdrawal;

use soroban_sdk::{Address, Bytes, BytesN, Env, assert_with_error, contract, contractimpl};

use crate::{commitment::Commitment, error::Error};

/// The channel; see the crate's documentation.
#[contract]
pub struct OneWayChannel;

#[contractimpl]
impl OneWayChannel {
    /// Opens the channel with a first deposit, which may be zero.
    ///
    /// - `token`: the SEP-41 token that is paid.
    /// - `from`: the funder.
    /// - `commitment_key`: the ed25519 public key that signs commitments. It never changes.
    /// - `to`: the recipient.
    /// - `amount`: the deposit, in the token's base units.
    /// - `refund_waiting_period`: the ledgers between `close_start` and `refund`: the recipient's time to settle.
    ///
    /// Auth: `from`, if `amount` is not zero. Errors: `NegativeAmount`. Event: `open`.
    pub fn __constructor(
        env: &Env,
        token: Address,
        from: Address,
        commitment_key: BytesN<32>,
        to: Address,
        amount: i128,
        refund_waiting_period: u32,
    ) {
        let opened = event::Open {
            from,
            commitment_key,
            to,
            token,
            amount,
            refund_waiting_period,
        };
        storage::open(env, &opened);
        deposit::take(env, amount);
        opened.publish(env);
        coinslot_instance_ttl::extend(env);
    }

    /// Deposits more of the funder's tokens. A plain transfer to the channel's address does the same.
    ///
    /// With `amount` zero it deposits nothing, and anyone may call it to keep the channel from being archived.
    ///
    /// Auth: `from`, if `amount` is not zero. Errors: `NegativeAmount`.
    pub fn top_up(env: &Env, amount: i128) {
        deposit::take(env, amount);
        coinslot_instance_ttl::extend(env);
    }

    /// Pays the recipient the part of a commitment's amount that was not paid before.
    ///
    /// `amount` is the cumulative amount that was signed. If no more than that was paid already, nothing happens. It can
    /// be called in every state of the channel, as long as its balance suffices.
    ///
    /// Auth: `to`, and `sig` by the commitment key. Errors: `NegativeAmount`. Event: `withdraw`, if something is paid.
    pub fn settle(env: &Env, amount: i128, sig: BytesN<64>) {
        let to = withdrawal::authorize(env, amount, &sig);
        let payout = withdrawal::record(env, amount);
        withdrawal::pay(env, to, payout);
        coinslot_instance_ttl::extend(env);
    }

    /// Settles, ends the channel in this ledger and returns the rest to the funder.
    ///
    /// If the funder cannot be paid (a missing trustline, for example), the rest stays for `refund` and the recipient is
    /// paid all the same. It can be called in every state of the channel, as long as its balance suffices.
    ///
    /// Auth: `to`, and `sig` by the commitment key. Errors: `NegativeAmount`. Events: `withdraw`, if something is paid;
    /// `close`, unless the end had come before; `refund`, if something is returned.
    pub fn close(env: &Env, amount: i128, sig: BytesN<64>) {
        let to = withdrawal::authorize(env, amount, &sig);
        let payout = withdrawal::record(env, amount);
        let closed = closing::close_now(env);
        withdrawal::pay(env, to, payout);
        if let Some(closed) = closed {
            closed.publish(env);
        }
        closing::try_return_rest(env);
        coinslot_instance_ttl::extend(env);
    }

    /// Ends the channel after the waiting period. Called again before it is over, the period starts anew.
    ///
    /// Auth: `from`. Errors: `AlreadyClosed`, if the end has come. Event: `close`.
    pub fn close_start(env: &Env) -> Result<(), Error> {
        closing::start(env)?;
        coinslot_instance_ttl::extend(env);
        Ok(())
    }

    /// Returns the whole balance to the funder. It can be called again, for what was deposited by mistake afterwards.
    ///
    /// Auth: `from`. Errors: `NotClosed`, `RefundWaitingPeriodNotElapsed`. Event: `refund`, if something is returned.
    pub fn refund(env: &Env) -> Result<(), Error> {
        closing::refund(env)?;
        coinslot_instance_ttl::extend(env);
        Ok(())
    }

    /// The bytes to sign for a cumulative amount: the XDR of a `Commitment`. They can as well be made off the chain.
    ///
    /// Auth: none. Errors: `NegativeAmount`.
    pub fn prepare_commitment(env: &Env, amount: i128) -> Bytes {
        assert_with_error!(env, amount >= 0, Error::NegativeAmount);
        Commitment::of_current_channel(env, amount).to_bytes()
    }

    /// The SEP-41 token that is paid.
    pub fn token(env: &Env) -> Address {
        storage::token(env)
    }

    /// The funder.
    pub fn from(env: &Env) -> Address {
        storage::from(env)
    }

    /// The recipient.
    pub fn to(env: &Env) -> Address {
        storage::to(env)
    }

    /// The ledgers between `close_start` and `refund`.
    pub fn refund_waiting_period(env: &Env) -> u32 {
        storage::refund_waiting_period(env)
    }

    /// What the channel holds now, in the token's base units.
    pub fn balance(env: &Env) -> i128 {
        deposit::balance(env)
    }

    /// What was ever deposited and not refunded: the balance and what was withdrawn. A commitment above it is not covered.
    pub fn deposited(env: &Env) -> i128 {
        deposit::balance(env)
            .checked_add(storage::withdrawn(env))
            .expect("a token's balances add up to less than i128::MAX")
    }

    /// What the recipient was paid so far, in the token's base units.
    pub fn withdrawn(env: &Env) -> i128 {
        storage::withdrawn(env)
    }
}
