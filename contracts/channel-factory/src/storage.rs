//! What the factory remembers, in the instance's storage.

use soroban_sdk::{Address, BytesN, Env, contracttype};

/// The keys of the instance's storage.
#[contracttype]
pub enum DataKey {
    /// `Address`: who may replace the wasm.
    Admin,
    /// `BytesN<32>`: the SHA-256 of the channels' wasm.
    WasmHash,
}

pub(crate) fn admin(env: &Env) -> Address {
    env.storage()
        .instance()
        .get(&DataKey::Admin)
        .expect("the constructor stored it")
}

pub(crate) fn set_admin(env: &Env, admin: &Address) {
    env.storage().instance().set(&DataKey::Admin, admin);
}

pub(crate) fn wasm_hash(env: &Env) -> BytesN<32> {
    env.storage()
        .instance()
        .get(&DataKey::WasmHash)
        .expect("the constructor stored it")
}

pub(crate) fn set_wasm_hash(env: &Env, wasm_hash: &BytesN<32>) {
    env.storage().instance().set(&DataKey::WasmHash, wasm_hash);
}
