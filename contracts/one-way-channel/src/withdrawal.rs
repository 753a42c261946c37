//! What goes to the recipient, in three steps: allowed, recorded, paid.

use soroban_sdk::{Address, BytesN, Env, assert_with_error};

use crate::{
    commitment::Commitment, deposit::token_client, error::Error, event::Withdraw, storage,
};

/// Goes on only for the recipient with a signed commitment to the cumulative amount; says who the recipient is.
pub(crate) fn authorize(env: &Env, amount: i128, sig: &BytesN<64>) -> Address {
    assert_with_error!(env, amount >= 0, Error::NegativeAmount);
    let to = storage::to(env);
    to.require_auth();
    Commitment::of_current_channel(env, amount).verify(sig);
    to
}

/// Records the cumulative amount as withdrawn; says what is to be paid now, not above zero for an older commitment.
pub(crate) fn record(env: &Env, amount: i128) -> i128 {
    let payout = amount
        .checked_sub(storage::withdrawn(env))
        .expect("neither is negative");
    if payout > 0 {
        storage::set_withdrawn(env, amount);
    }
    payout
}

/// Pays the recipient what [`record`] said.
pub(crate) fn pay(env: &Env, to: Address, payout: i128) {
    if payout > 0 {
        token_client(env).transfer(&env.current_contract_address(), &to, &payout);
        Withdraw { to, amount: payout }.publish(env);
    }
}
