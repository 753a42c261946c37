//! The funder's promise, as bytes to sign.

use soroban_sdk::{
    Address, Bytes, BytesN, Env, Symbol, contracttype, symbol_short, xdr::ToXdr as _,
};

use crate::storage;

/// The recipient of one channel on one network may have this amount, all in all.
///
/// What is signed is the XDR of an `ScVal` map with the fields in alphabetical order. Domain, network and channel keep a
/// signature from meaning anything anywhere else.
#[contracttype]
pub struct Commitment {
    /// Always `chancmmt`.
    domain: Symbol,
    /// The SHA-256 of the network's passphrase.
    network: BytesN<32>,
    /// The channel's address.
    channel: Address,
    /// The cumulative amount, in the token's base units.
    amount: i128,
}

impl Commitment {
    /// The commitment of the running contract to an amount.
    pub(crate) fn of_current_channel(env: &Env, amount: i128) -> Self {
        Self {
            domain: symbol_short!("chancmmt"),
            network: env.ledger().network_id(),
            channel: env.current_contract_address(),
            amount,
        }
    }

    /// The bytes to sign.
    pub(crate) fn to_bytes(&self) -> Bytes {
        self.to_xdr(self.channel.env())
    }

    /// Traps unless `sig` is the commitment key's signature.
    pub(crate) fn verify(&self, sig: &BytesN<64>) {
        let env = self.channel.env();
        env.crypto()
            .ed25519_verify(&storage::commitment_key(env), &self.to_bytes(), sig);
    }
}
