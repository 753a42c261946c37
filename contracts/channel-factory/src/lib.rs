//! Opens one-way channels from one wasm, at addresses that can be computed before.
//!
//! The address of a channel follows from the factory's address and the caller's salt, and from nothing else: neither
//! from the funder nor from the terms. So anyone can open a channel with a salt that somebody else is about to use, on
//! terms of his own; the other's `open` then fails. Nobody should sign for, pay into or accept a channel whose address
//! was only computed: open it, read its terms from the chain and compare. A random salt, shown to nobody before, leaves
//! only those who see the transaction before it is in a ledger.
#![no_std]

pub mod storage;

use soroban_sdk::{Address, BytesN, Env, contract, contractimpl};

/// The factory; see the crate's documentation.
#[contract]
pub struct ChannelFactory;

#[contractimpl]
impl ChannelFactory {
    /// Sets the admin, who never changes, and the wasm of the channels.
    ///
    /// Auth: none.
    pub fn __constructor(env: &Env, admin: Address, wasm_hash: BytesN<32>) {
        storage::set_admin(env, &admin);
        storage::set_wasm_hash(env, &wasm_hash);
        coinslot_instance_ttl::extend(env);
    }

    /// Who may replace the wasm.
    pub fn admin(env: &Env) -> Address {
        storage::admin(env)
    }

    /// The SHA-256 of the wasm that the next channel will run.
    pub fn wasm_hash(env: &Env) -> BytesN<32> {
        storage::wasm_hash(env)
    }

    /// Replaces the wasm for channels that are opened from now on. Those that are open keep theirs.
    ///
    /// Auth: `admin`.
    pub fn set_wasm(env: &Env, wasm_hash: BytesN<32>) {
        storage::admin(env).require_auth();
        storage::set_wasm_hash(env, &wasm_hash);
        coinslot_instance_ttl::extend(env);
    }

    /// Opens a channel and says its address. The terms are those of the channel's constructor.
    ///
    /// Auth: `from`, if `amount` is above zero. Errors: the channel's; and the host's, when a contract already has the
    /// address that follows from `salt`.
    #[allow(
        clippy::too_many_arguments,
        reason = "the terms of the channel's constructor"
    )]
    pub fn open(
        env: &Env,
        salt: BytesN<32>,
        token: Address,
        from: Address,
        commitment_key: BytesN<32>,
        to: Address,
        amount: i128,
        refund_waiting_period: u32,
    ) -> Address {
        if amount > 0 {
            // With this the funder's authorization is rooted in this call, and the channel's deposit is part of it.
            from.require_auth();
        }
        let terms = (
            token,
            from,
            commitment_key,
            to,
            amount,
            refund_waiting_period,
        );
        let channel = env
            .deployer()
            .with_current_contract(salt)
            .deploy_v2(storage::wasm_hash(env), terms);
        coinslot_instance_ttl::extend(env);
        channel
    }
}
