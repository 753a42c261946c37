//! The end of the channel: when it comes, and what goes back to the funder.

use soroban_sdk::Env;

use crate::{
    deposit::{balance, token_client},
    error::Error,
    event::{Close, Refund},
    storage,
};

/// Lets the end come in this ledger, unless it has come before; the event to publish, if it comes now.
pub(crate) fn close_now(env: &Env) -> Option<Close> {
    let effective_at_ledger = env.ledger().sequence();
    if storage::close_effective_at(env).is_some_and(|ledger| ledger <= effective_at_ledger) {
        return None;
    }
    storage::set_close_effective_at(env, effective_at_ledger);
    Some(Close {
        effective_at_ledger,
    })
}

/// Lets the end come after the waiting period, if the funder says so.
pub(crate) fn start(env: &Env) -> Result<(), Error> {
    let now = env.ledger().sequence();
    if storage::close_effective_at(env).is_some_and(|ledger| ledger <= now) {
        return Err(Error::AlreadyClosed);
    }
    storage::from(env).require_auth();
    // A period past the last ledger number means: only the recipient can close.
    let effective_at_ledger = now.saturating_add(storage::refund_waiting_period(env));
    storage::set_close_effective_at(env, effective_at_ledger);
    Close {
        effective_at_ledger,
    }
    .publish(env);
    Ok(())
}

/// Returns the balance, if the end has come and the funder says so.
pub(crate) fn refund(env: &Env) -> Result<(), Error> {
    let effective_at = storage::close_effective_at(env).ok_or(Error::NotClosed)?;
    if env.ledger().sequence() < effective_at {
        return Err(Error::RefundWaitingPeriodNotElapsed);
    }
    let from = storage::from(env);
    from.require_auth();
    let amount = balance(env);
    if amount > 0 {
        token_client(env).transfer(&env.current_contract_address(), &from, &amount);
        Refund { from, amount }.publish(env);
    }
    Ok(())
}

/// Returns the balance to a funder who did not ask: one who cannot be paid must not keep the recipient from being paid.
pub(crate) fn try_return_rest(env: &Env) {
    let from = storage::from(env);
    let amount = balance(env);
    if amount > 0
        && token_client(env)
            .try_transfer(&env.current_contract_address(), &from, &amount)
            .is_ok()
    {
        Refund { from, amount }.publish(env);
    }
}
