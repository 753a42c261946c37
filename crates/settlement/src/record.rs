//! What a claim's detail holds: everything that a settlement needs to go on after a crash.

use coinslot_soroban_authorization::{TransactionHash, Transfer};
use coinslot_stellar_address::{AccountId, Address, ContractId};
use coinslot_x402_wire::ReasonCode;
use serde::{Deserialize, Serialize};

use crate::budget::Reservation;
use crate::engine::{Asked, Examined};

mod text;

/// A settlement as it is stored, in JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SettlementRecord {
    /// What was claimed. Whoever asks again must ask for the same.
    pub(crate) terms: Terms,
    /// The payer's nonce.
    pub(crate) nonce: i64,
    /// The last ledger in which the payer's signature holds.
    pub(crate) expiration_ledger: u32,
    /// The newest ledger when the payment was claimed. What landed later landed after our claim.
    pub(crate) claimed_ledger: u32,
    /// What was signed, oldest first. All of them spend the same nonce: at most one can pay.
    #[serde(default)]
    pub(crate) attempts: Vec<Attempt>,
    /// Fees set aside.
    #[serde(default)]
    pub(crate) reservation: Reservation,
    /// What came of it.
    #[serde(default)]
    pub(crate) outcome: Option<Outcome>,
    /// Whether a transaction for it was ever submitted: the signature is public since, and the
    /// claim is not let go.
    #[serde(default)]
    pub(crate) broadcast: bool,
    /// Who was told of the success: the purchase that it belongs to.
    #[serde(default)]
    pub(crate) told: Option<Purchase>,
}

/// What a caller calls the purchase for which it was told of a success.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Purchase {
    /// Nothing: the caller cannot be told again.
    Unnamed,
    /// Its idempotency key.
    Named(String),
}

impl SettlementRecord {
    /// The record of a payment that is claimed now.
    pub(crate) fn new(asked: &Asked, examined: &Examined) -> Self {
        Self {
            terms: asked.terms.clone(),
            nonce: asked.payment.nonce(),
            expiration_ledger: asked.payment.expiration_ledger(),
            claimed_ledger: examined.latest.sequence,
            attempts: Vec::new(),
            reservation: Reservation::default(),
            outcome: None,
            broadcast: false,
            told: None,
        }
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(bytes)
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        // Strings and integers under string keys cannot fail to serialise.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The hashes under which this payment may be found, newest first.
    pub(crate) fn hashes(&self) -> impl Iterator<Item = TransactionHash> + '_ {
        self.attempts.iter().rev().flat_map(|attempt| {
            std::iter::once(attempt.hash)
                .chain(attempt.inner_hash.filter(|inner| *inner != attempt.hash))
        })
    }
}

/// What a payment is for.
///
/// Memo, fee, sequence and whatever else surrounds the authorization entry in a payload is not
/// part of it: the same entry in another wrapping is the same payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Terms {
    #[serde(with = "text")]
    pub(crate) token: ContractId,
    #[serde(with = "text")]
    pub(crate) from: Address,
    #[serde(with = "text")]
    pub(crate) to: Address,
    #[serde(with = "text")]
    pub(crate) amount: i128,
    /// The URL that the payment names, so that one payment does not buy two resources.
    pub(crate) resource: Option<String>,
    /// The signed authorization entry. A repetition must present the signature again.
    pub(crate) entry: String,
}

impl Terms {
    pub(crate) fn new(transfer: &Transfer, entry: String, resource: Option<&str>) -> Self {
        Self {
            token: transfer.token,
            from: transfer.from,
            to: transfer.to,
            amount: transfer.amount,
            resource: resource.map(str::to_owned),
            entry,
        }
    }

    /// The payer as budgets and payment ids name it.
    pub(crate) fn payer(&self) -> String {
        self.from.to_string()
    }

    pub(crate) fn transfer(&self) -> Transfer {
        Transfer {
            token: self.token,
            from: self.from,
            to: self.to,
            amount: self.amount,
        }
    }
}

/// A transaction that was signed, and may have been broadcast.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Attempt {
    /// The hash of what is submitted; of the outer transaction when it is a fee bump.
    #[serde(with = "text")]
    pub(crate) hash: TransactionHash,
    /// The hash of the transaction inside a fee bump.
    #[serde(with = "text::optional", default)]
    pub(crate) inner_hash: Option<TransactionHash>,
    /// The signed envelope, so that exactly it can be submitted again.
    pub(crate) envelope: String,
    /// Whose sequence number it uses.
    #[serde(with = "text")]
    pub(crate) sponsor: AccountId,
    pub(crate) sequence: i64,
    /// What its declared resources cost, in stroops.
    pub(crate) resource_fee: u64,
    /// The bid for inclusion, per operation, in stroops.
    pub(crate) inclusion_bid: u64,
    /// The most that it can cost, in stroops.
    pub(crate) fee: u64,
    /// The close time, in Unix seconds, after which it can no longer land.
    pub(crate) max_time: u64,
    /// The newest ledger when it was signed.
    pub(crate) signed_at_ledger: u32,
}

/// How a settlement ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Outcome {
    /// The tokens moved.
    #[serde(rename = "confirmed")]
    Confirmed {
        /// The transaction that moved them: ours, or one that someone else submitted after our
        /// claim.
        #[serde(with = "text")]
        transaction: TransactionHash,
        ledger: u32,
    },
    /// They did not, and will not by this payment.
    #[serde(rename = "failed")]
    Failed {
        reason: ReasonCode,
        message: String,
        #[serde(with = "text::optional", default)]
        transaction: Option<TransactionHash>,
    },
}
