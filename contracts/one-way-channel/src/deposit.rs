//! What comes into the channel.

use soroban_sdk::{Env, assert_with_error, token};

use crate::{error::Error, storage};

/// Takes an amount from the funder, who has to authorize it; nothing, when it is zero.
pub(crate) fn take(env: &Env, amount: i128) {
    assert_with_error!(env, amount >= 0, Error::NegativeAmount);
    if amount > 0 {
        let from = storage::from(env);
        from.require_auth();
        token_client(env).transfer(&from, env.current_contract_address(), &amount);
    }
}

/// What the token says that the channel holds.
pub(crate) fn balance(env: &Env) -> i128 {
    token_client(env).balance(&env.current_contract_address())
}

pub(crate) fn token_client(env: &Env) -> token::Client<'_> {
    token::Client::new(env, &storage::token(env))
}
