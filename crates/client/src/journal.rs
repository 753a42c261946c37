//! The payments whose outcome is not known yet, durable before they are sent.
//!
//! One record per logical request holds the authorization from the moment that it has left this process, and
//! the exact header that carries it. It is removed when the answer is had, or when it is certain that the
//! authorization expired unused. A request with a caller's key keeps its record, so that it is never paid twice.

use core::fmt;
use std::sync::Arc;

use coinslot_payment_store::{PaymentStore, Record, StoreError, UnixMillis};
use coinslot_soroban_authorization::{AccountId, Address, ContractId};
use coinslot_x402_wire::{PaymentPayload, PaymentRequirements};
use serde::{Deserialize, Serialize};

use crate::damaged::DamagedRecord;
use crate::logical_request::RequestId;
use crate::spending::Reservation;

/// The durable list of payments.
pub(crate) struct Journal {
    store: Arc<dyn PaymentStore>,
}

/// A payment in the journal.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Payment {
    pub(crate) state: State,
    pub(crate) reservation: Reservation,
    /// The message without the scheme's payload: accepted terms, resource, echoed extensions.
    pub(crate) draft: PaymentPayload,
    /// The payer, `G…`.
    pub(crate) payer: String,
    /// The authorization's nonce.
    pub(crate) nonce: i64,
    /// The ledger at which it was signed.
    pub(crate) signed_at_ledger: u32,
    /// The last ledger in which it can be used.
    pub(crate) expiration_ledger: u32,
    /// When it was signed.
    pub(crate) signed_at_millis: i64,
    /// The signed authorization entry in base64.
    pub(crate) entry: String,
    /// What every attempt sends, once the simulation has gone through.
    pub(crate) header: Option<String>,
    /// Whether the caller named the purchase, so that the record outlives the answer.
    pub(crate) keyed: bool,
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

/// The authorization entry and the header are secrets until they are used: neither is shown.
impl fmt::Debug for Payment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Payment")
            .field("state", &self.state)
            .field("reservation", &self.reservation)
            .field("expiration_ledger", &self.expiration_ledger)
            .finish_non_exhaustive()
    }
}

impl Payment {
    pub(crate) fn accepted(&self) -> &PaymentRequirements {
        &self.draft.accepted
    }

    pub(crate) fn signed_at(&self) -> UnixMillis {
        UnixMillis::new(self.signed_at_millis)
    }

    fn parties(&self) -> Option<Parties> {
        let terms = self.accepted();
        let payer: AccountId = self.payer.parse().ok()?;
        Some(Parties {
            token: terms.asset.parse().ok()?,
            payer: payer.into(),
            payee: terms.pay_to.parse().ok()?,
        })
    }
}

/// Whom the payment moves what between.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parties {
    pub(crate) token: ContractId,
    pub(crate) payer: Address,
    pub(crate) payee: Address,
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
