//! What is durable of a channel: its state, and what is reserved for the voucher that was signed last.
//!
//! One record for each channel, under compare-and-set. It is written before a voucher leaves. Who serves a request with
//! it leaves a lease in it, so that another process with the same store does not ask what became of a voucher that is
//! still on its way.

use std::sync::Arc;
use std::time::Duration;

use coinslot_mpp_channel_stellar::client::{BuyerState, Pending};
use coinslot_payment_store::{PaymentStore, UnixMillis};
use coinslot_usdc_amount::BaseUnits;
use serde::{Deserialize, Serialize};

use super::own::OwnChannel;
use crate::damaged::DamagedRecord;
use crate::journal::JournalError;
use crate::logical_request::RequestId;
use crate::spending::Reservation;

/// The durable list of channels.
pub(crate) struct ChannelRecords {
    store: Arc<dyn PaymentStore>,
    /// This process.
    owner: String,
}

/// What is known of a channel.
#[derive(Clone, Debug)]
pub(crate) struct ChannelRecord {
    pub(crate) state: BuyerState,
    /// What counts against the budget for vouchers above what was acknowledged.
    pub(crate) reservation: Option<Reservation>,
    pub(crate) signed_at_millis: i64,
    pub(crate) lease: Option<Lease>,
    pub(crate) close: Option<Close>,
    pub(super) version: Option<u64>,
}

/// Which process sends the pending voucher, and until when it is believed to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Lease {
    owner: String,
    until_millis: i64,
}

/// That the channel is being closed, or is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Close {
    /// The amount that was signed for the close.
    #[serde(with = "coinslot_usdc_amount::serde_string")]
    pub(crate) amount: BaseUnits,
    /// Whether the seller has said that it is closed.
    pub(crate) done: bool,
    pub(crate) transaction: Option<String>,
}

/// What a request with a caller's key was paid with, so that it is never paid twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Purchased {
    pub(crate) channel: String,
    #[serde(with = "coinslot_usdc_amount::serde_string")]
    pub(crate) cumulative: BaseUnits,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    /// The state's own sealed form.
    state: String,
    reservation: Option<Reservation>,
    signed_at_millis: i64,
    lease: Option<Lease>,
    close: Option<Close>,
}

impl ChannelRecord {
    /// Of a channel that this store knows nothing of.
    pub(crate) fn new(channel: &OwnChannel) -> Self {
        Self {
            state: BuyerState::new(channel.network, channel.id),
            reservation: None,
            signed_at_millis: 0,
            lease: None,
            close: None,
            version: None,
        }
    }

    /// Whether it was written.
    pub(crate) const fn is_stored(&self) -> bool {
        self.version.is_some()
    }

    /// The voucher that was signed for this request and not answered for.
    pub(crate) fn pending_for(&self, request: &RequestId, host: &str) -> Option<&Pending> {
        let pending = self.state.pending()?;
        (pending.request() == request.fingerprint() && pending.host() == host).then_some(pending)
    }

    /// Whether it is not known what became of another request's voucher.
    pub(crate) fn is_unresolved(&self, request: &RequestId, host: &str) -> bool {
        let pending = self.state.pending();
        pending.is_some_and(|pending| !pending.is_taken())
            && self.pending_for(request, host).is_none()
    }
}

impl ChannelRecords {
    pub(crate) const fn new(store: Arc<dyn PaymentStore>, owner: String) -> Self {
        Self { store, owner }
    }

    pub(crate) async fn find(
        &self,
        channel: &OwnChannel,
    ) -> Result<Option<ChannelRecord>, JournalError> {
        let Some(record) = self.store.record(COLLECTION, &key_of(channel)).await? else {
            return Ok(None);
        };
        channel.set_known();
        let stored: Stored = serde_json::from_slice(&record.value).map_err(DamagedRecord::Json)?;
        let state = BuyerState::from_bytes(stored.state.as_bytes(), &channel.network, &channel.id);
        Ok(Some(ChannelRecord {
            state: state.map_err(DamagedRecord::Channel)?,
            reservation: stored.reservation,
            signed_at_millis: stored.signed_at_millis,
            lease: stored.lease,
            close: stored.close,
            version: Some(record.version),
        }))
    }

    /// Writes a record if nobody else has; a conflict means that another process uses the channel.
    pub(crate) async fn write(
        &self,
        channel: &OwnChannel,
        record: ChannelRecord,
    ) -> Result<ChannelRecord, JournalError> {
        let stored = Stored {
            state: String::from_utf8_lossy(&record.state.to_bytes()).into_owned(),
            reservation: record.reservation.clone(),
            signed_at_millis: record.signed_at_millis,
            lease: record.lease.clone(),
            close: record.close.clone(),
        };
        let value = serde_json::to_vec(&stored).map_err(DamagedRecord::Json)?;
        let version = self
            .store
            .put_record(COLLECTION, &key_of(channel), record.version, &value)
            .await?;
        channel.set_known();
        Ok(ChannelRecord {
            version: Some(version),
            ..record
        })
    }

    /// What this process leaves in a record while it sends a voucher.
    pub(crate) fn lease(&self, now: UnixMillis) -> Lease {
        Lease {
            owner: self.owner.clone(),
            until_millis: now.saturating_add(LEASE).as_millis(),
        }
    }

    /// Whether another process sends the pending voucher.
    pub(crate) fn is_busy_elsewhere(&self, record: &ChannelRecord, now: UnixMillis) -> bool {
        record
            .lease
            .as_ref()
            .is_some_and(|lease| lease.owner != self.owner && lease.until_millis > now.as_millis())
    }

    /// Whether this process sends the pending voucher.
    pub(crate) fn is_busy_here(&self, record: &ChannelRecord) -> bool {
        let lease = record.lease.as_ref();
        lease.is_some_and(|lease| lease.owner == self.owner)
    }

    pub(crate) async fn purchased(
        &self,
        request: &RequestId,
    ) -> Result<Option<Purchased>, JournalError> {
        match self.store.record(PURCHASES, request.as_str()).await? {
            None => Ok(None),
            Some(record) => Ok(serde_json::from_slice(&record.value).map_err(DamagedRecord::Json)?),
        }
    }

    /// Remembers what a request was paid with, the first time.
    pub(crate) async fn remember(
        &self,
        request: &RequestId,
        purchased: &Purchased,
    ) -> Result<(), JournalError> {
        let value = serde_json::to_vec(purchased).map_err(DamagedRecord::Json)?;
        let written = self
            .store
            .put_record(PURCHASES, request.as_str(), None, &value)
            .await;
        match written {
            Err(error) if !error.is_conflict() => Err(error.into()),
            _ => Ok(()),
        }
    }
}

fn key_of(channel: &OwnChannel) -> String {
    format!("{}:{}", channel.network, channel.id)
}

const COLLECTION: &str = "client-channels";
const PURCHASES: &str = "client-channel-purchases";
/// How long a process is believed to send a voucher, and after how much of it the lease is renewed.
const LEASE: Duration = Duration::from_secs(15);
pub(crate) const RENEWAL: Duration = Duration::from_secs(5);
