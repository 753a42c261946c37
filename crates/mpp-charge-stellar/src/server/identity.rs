//! What tells one payment from another: that on which the network itself deduplicates.

use coinslot_caip2_network::NetworkId;
use coinslot_mpp_wire::Payload;
use coinslot_mpp_wire::stellar::ChargePayload;
use coinslot_soroban_authorization::{AuthEntry, Credential, Envelope, TransactionHash};
use coinslot_stellar_address::Address;

use super::{Refusal, credential, pull_mode_verification as pull};
use crate::terms::ChargeTerms;

/// The identity of a payment. All of it is to be claimed, and none of it may be claimed already: what was paid through
/// one door buys nothing through another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The network.
    pub network_id: NetworkId,
    /// The address that authorized the transfer by an entry of its own, and the entry's nonce.
    pub authorization: Option<(Address, i64)>,
    /// The hashes of the transaction: that of the transaction itself, then that of the fee bump around it if there is
    /// one. Empty for a sponsored charge, whose transaction is not made yet.
    pub hashes: Vec<TransactionHash>,
}

/// What tells this payment from others, before anything about it is verified.
///
/// A pushed transaction has not been looked up yet: only the hash that is presented is known, which may be that of a fee
/// bump.
///
/// # Errors
///
/// When the payload is none of a charge, or its transaction is not one transfer with one authorization entry.
pub fn identify(payload: &Payload, terms: &ChargeTerms) -> Result<Identity, Refusal> {
    let network_id = terms.network_id();
    let transaction = match credential::payload_type_must_be_known(payload)? {
        ChargePayload::SignedHash { hash, .. } | ChargePayload::Hash { hash } => {
            return Ok(Identity {
                network_id,
                authorization: None,
                hashes: vec![TransactionHash::from_bytes(hash)],
            });
        }
        ChargePayload::Transaction { transaction } => transaction,
    };
    let envelope = pull::transaction_must_be_an_envelope(&transaction)?;
    let invocation = if terms.is_sponsored() {
        pull::must_contain_exactly_one_invoke_host_function(&envelope)?
    } else {
        let inner = envelope.inner();
        pull::must_contain_exactly_one_invoke_host_function(inner.as_ref().unwrap_or(&envelope))?
    };
    let transfer = pull::must_be_the_transfer_of_the_request(&invocation, terms)?;
    let entry =
        pull::must_contain_exactly_one_entry_for_the_transfer(invocation.auth(), &transfer)?;
    Ok(Identity {
        network_id,
        authorization: authorization(entry),
        hashes: if terms.is_sponsored() {
            Vec::new()
        } else {
            hashes(&envelope, &network_id)
        },
    })
}

/// The address and the nonce of an entry that has them.
pub(super) const fn authorization(entry: &AuthEntry) -> Option<(Address, i64)> {
    match entry.credential() {
        Credential::Address { address, nonce, .. } => Some((address, nonce)),
        Credential::SourceAccount | Credential::Unsupported => None,
    }
}

/// The inner hash, then the outer one if that is another.
pub(super) fn hashes(envelope: &Envelope, network: &NetworkId) -> Vec<TransactionHash> {
    let mut hashes = vec![envelope.inner_hash(network)];
    if envelope.is_fee_bump() {
        hashes.push(envelope.hash(network));
    }
    hashes
}
