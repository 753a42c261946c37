//! The payments whose outcome is not known yet, durable before they are sent.
//!
//! One record per logical request holds what was signed from the moment that it has left this process, and the exact
//! header that carries it or proves it. It is removed when the answer is had, or when it is certain that what was signed
//! expired unused. A request with a caller's key keeps its record, so that it is never paid twice.

use core::fmt;
use std::sync::Arc;

use coinslot_mpp_wire::Challenge;
use coinslot_payment_store::{PaymentStore, Record, StoreError, UnixMillis};
use coinslot_stellar_address::{AccountId, Address, ContractId};
use coinslot_x402_wire::PaymentPayload;
use serde::{Deserialize, Serialize};

use crate::damaged::DamagedRecord;
use crate::deadline::Deadline;
use crate::identity::PaymentIdentity;
use crate::logical_request::RequestId;
use crate::spending::Reservation;
use crate::terms::PaymentTerms;

/// The durable list of payments.
pub(crate) struct Journal {
    store: Arc<dyn PaymentStore>,
}

/// A payment in the journal.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Payment {
    pub(crate) state: State,
    pub(crate) reservation: Reservation,
    /// The network fee of a transaction of the payer's own.
    pub(crate) fee: Option<Reservation>,
    /// What was accepted.
    pub(crate) terms: PaymentTerms,
    pub(crate) draft: Draft,
    /// The payer, `G…`.
    pub(crate) payer: String,
    pub(crate) signed: Signed,
    /// The ledger at which it was signed.
    pub(crate) signed_at_ledger: u32,
    /// When it was signed.
    pub(crate) signed_at_millis: i64,
    /// What every attempt sends: for an authorization once its simulation has gone through, otherwise from the start.
    pub(crate) header: Option<String>,
    /// Whether the caller named the purchase, so that the record outlives the answer.
    pub(crate) keyed: bool,
}

/// The message that carries the payment, without what pays.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Draft {
    /// Accepted terms, resource, echoed extensions.
    X402(Box<PaymentPayload>),
    /// The challenge, as the value of a header.
    Mpp { challenge: String },
}

/// What was signed. Nothing else can take the money.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Signed {
    /// An authorization entry.
    Authorization {
        /// The entry in base64.
        entry: String,
        nonce: i64,
        /// The last ledger in which it can be used.
        expiration_ledger: u32,
    },
    /// A transaction of the payer's own.
    Transaction {
        /// The envelope in base64.
        envelope: String,
        /// Its hash in hexadecimal.
        hash: String,
        /// Until when it can land, in seconds since 1970.
        max_time: u64,
        /// Whether the client submits it.
        push: bool,
    },
}

/// Where a payment stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// It may or may not have been made.
    Open,
    /// It is on the ledger, and the answer is not had.
    Paid { transaction: String },
    /// The answer is had. Only for requests with a caller's key.
    Answered,
}

/// What was signed, and the header, are secrets until they are used: neither is shown.
impl fmt::Debug for Payment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Payment")
            .field("state", &self.state)
            .field("reservation", &self.reservation)
            .field("deadline", &self.deadline())
            .finish_non_exhaustive()
    }
}

impl Payment {
    pub(crate) fn signed_at(&self) -> UnixMillis {
        UnixMillis::new(self.signed_at_millis)
    }

    /// Until when it can be taken.
    pub(crate) fn deadline(&self) -> Deadline {
        match &self.signed {
            Signed::Authorization {
                expiration_ledger, ..
            } => Deadline::Ledger(*expiration_ledger),
            Signed::Transaction { max_time, .. } => Deadline::Time(*max_time),
        }
    }

    /// Whether the client itself submits what was signed.
    pub(crate) fn is_push(&self) -> bool {
        matches!(self.signed, Signed::Transaction { push: true, .. })
    }

    fn parties(&self) -> Option<Parties> {
        let payer: AccountId = self.payer.parse().ok()?;
        Some(Parties {
            token: self.terms.asset.parse().ok()?,
            payer: payer.into(),
            payee: self.terms.pay_to.parse().ok()?,
            identity: match &self.signed {
                Signed::Authorization { nonce, .. } => PaymentIdentity::Nonce(*nonce),
                Signed::Transaction { hash, .. } => {
                    PaymentIdentity::Transaction(hash.parse().ok()?)
                }
            },
        })
    }
}

impl Draft {
    /// The challenge that is answered, when it is one of MPP.
    pub(crate) fn challenge(&self) -> Option<Challenge> {
        match self {
            Self::X402(_) => None,
            Self::Mpp { challenge } => Challenge::from_header(challenge).ok(),
        }
    }
}

/// Whom the payment moves what between, and how the network knows it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parties {
    pub(crate) token: ContractId,
    pub(crate) payer: Address,
    pub(crate) payee: Address,
    pub(crate) identity: PaymentIdentity,
}

/// A payment with the version that its next change names.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) id: RequestId,
    pub(crate) payment: Payment,
    pub(crate) parties: Parties,
    version: u64,
}

impl Entry {
    fn new(id: RequestId, payment: Payment, version: u64) -> Result<Self, JournalError> {
        let parties = payment.parties().ok_or(DamagedRecord::Addresses)?;
        Ok(Self {
            id,
            payment,
            parties,
            version,
        })
    }
}

/// The journal could not be read or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JournalError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Damaged(#[from] DamagedRecord),
}

impl JournalError {
    pub(crate) fn is_conflict(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_conflict())
    }
}

impl Journal {
    pub(crate) fn new(store: Arc<dyn PaymentStore>) -> Self {
        Self { store }
    }

    pub(crate) async fn find(&self, id: &RequestId) -> Result<Option<Entry>, JournalError> {
        match self.store.record(COLLECTION, id.as_str()).await? {
            None => Ok(None),
            Some(record) => Ok(Some(read(id.clone(), &record)?)),
        }
    }

    /// Writes a payment for which there must be no record: a conflict means that another process pays for the same
    /// request.
    pub(crate) async fn begin(
        &self,
        id: RequestId,
        payment: Payment,
    ) -> Result<Entry, JournalError> {
        let version = self
            .store
            .put_record(COLLECTION, id.as_str(), None, &write(&payment)?)
            .await?;
        Entry::new(id, payment, version)
    }

    /// Writes what became of a payment.
    pub(crate) async fn change(
        &self,
        entry: Entry,
        payment: Payment,
    ) -> Result<Entry, JournalError> {
        let expected = Some(entry.version);
        let version = self
            .store
            .put_record(COLLECTION, entry.id.as_str(), expected, &write(&payment)?)
            .await?;
        Ok(Entry {
            payment,
            version,
            ..entry
        })
    }

    /// Removes a payment that is over.
    pub(crate) async fn remove(&self, entry: &Entry) -> Result<(), JournalError> {
        Ok(self
            .store
            .remove_record(COLLECTION, entry.id.as_str(), entry.version)
            .await?)
    }

    /// Every payment in the journal.
    pub(crate) async fn all(&self) -> Result<Vec<Entry>, JournalError> {
        let mut entries: Vec<Entry> = Vec::new();
        loop {
            let after = entries.last().map(|entry| entry.id.as_str());
            let page = self.store.records(COLLECTION, after, PAGE).await?;
            if page.is_empty() {
                return Ok(entries);
            }
            for (key, record) in page {
                entries.push(read(RequestId::from_stored(key), &record)?);
            }
        }
    }
}

fn read(id: RequestId, record: &Record) -> Result<Entry, JournalError> {
    let payment = serde_json::from_slice(&record.value).map_err(DamagedRecord::Json)?;
    Entry::new(id, payment, record.version)
}

fn write(payment: &Payment) -> Result<Vec<u8>, JournalError> {
    Ok(serde_json::to_vec(payment).map_err(DamagedRecord::Json)?)
}

const COLLECTION: &str = "client-payments";
const PAGE: usize = 200;
