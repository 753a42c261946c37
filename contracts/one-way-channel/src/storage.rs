//! What the channel remembers, all of it in the instance's storage.

use soroban_sdk::{Address, BytesN, Env, IntoVal, TryFromVal, Val, contracttype};

use crate::event::Open;

/// The keys of the instance's storage.
#[contracttype]
pub enum DataKey {
    /// `Address`: the SEP-41 token.
    Token,
    /// `Address`: the funder.
    From,
    /// `BytesN<32>`: the ed25519 public key that signs commitments.
    CommitmentKey,
    /// `Address`: the recipient.
    To,
    /// `u32`: ledgers between `close_start` and `refund`.
    RefundWaitingPeriod,
    /// `i128`: what the recipient was paid, in base units; not there before the first payment.
    WithdrawnAmount,
    /// `u32`: the ledger in which the end of the channel comes; not there while nobody closes it.
    CloseEffectiveAtLedger,
}

/// Stores the channel's terms, which never change.
pub(crate) fn open(env: &Env, terms: &Open) {
    set(env, &DataKey::Token, &terms.token);
    set(env, &DataKey::From, &terms.from);
    set(env, &DataKey::CommitmentKey, &terms.commitment_key);
    set(env, &DataKey::To, &terms.to);
    set(
        env,
        &DataKey::RefundWaitingPeriod,
        &terms.refund_waiting_period,
    );
}

pub(crate) fn token(env: &Env) -> Address {
    term(env, &DataKey::Token)
}

pub(crate) fn from(env: &Env) -> Address {
    term(env, &DataKey::From)
}

pub(crate) fn commitment_key(env: &Env) -> BytesN<32> {
    term(env, &DataKey::CommitmentKey)
}

pub(crate) fn to(env: &Env) -> Address {
    term(env, &DataKey::To)
}

pub(crate) fn refund_waiting_period(env: &Env) -> u32 {
    term(env, &DataKey::RefundWaitingPeriod)
}

pub(crate) fn withdrawn(env: &Env) -> i128 {
    env.storage()
        .instance()
        .get(&DataKey::WithdrawnAmount)
        .unwrap_or(0)
}

pub(crate) fn set_withdrawn(env: &Env, amount: i128) {
    set(env, &DataKey::WithdrawnAmount, &amount);
}

pub(crate) fn close_effective_at(env: &Env) -> Option<u32> {
    env.storage()
        .instance()
        .get(&DataKey::CloseEffectiveAtLedger)
}

pub(crate) fn set_close_effective_at(env: &Env, ledger: u32) {
    set(env, &DataKey::CloseEffectiveAtLedger, &ledger);
}

fn term<T: TryFromVal<Env, Val>>(env: &Env, key: &DataKey) -> T {
    env.storage()
        .instance()
        .get(key)
        .expect("the constructor stored every term")
}

fn set<T: IntoVal<Env, Val>>(env: &Env, key: &DataKey, value: &T) {
    env.storage().instance().set(key, value);
}
