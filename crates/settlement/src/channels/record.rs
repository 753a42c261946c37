//! What the store holds of a channel: its state, and the answer to the last request once that is
//! worth writing.

use coinslot_channel_commitment::CommitmentVerifier;
use std::sync::Weak;

use coinslot_mpp_channel_stellar::{ChannelState, Phase, Serving};
use coinslot_payment_store::{Record, StoreError};
use coinslot_stellar_address::ContractId;
use coinslot_usdc_amount::BaseUnits;

use super::{Channel, Keeper};
use crate::Outage;

/// A record as it was read. Nobody has checked it yet.
pub(super) struct Stored(Record);

/// What is known of a channel's state now.
pub(super) struct Live {
    pub(super) state: ChannelState,
    /// The version of the record; `None` as long as there is none.
    version: Option<u64>,
    /// The answer to the request of the highest voucher.
    pub(super) kept: Option<Kept>,
    /// Whether the record says less than this.
    pub(super) unwritten: bool,
    /// Whether a write was lost on its way: the record may say anything.
    unsure: bool,
    /// The transaction that closed the channel.
    pub(super) closed_by: Option<String>,
    /// How many requests this process has begun to serve.
    pub(super) streams: u64,
    /// The voucher whose request this process serves now.
    pub(super) served_here: Option<(BaseUnits, Weak<()>)>,
}

/// An answer that can be given again. It is written only when somebody asks for it.
pub(super) struct Kept {
    pub(super) amount: BaseUnits,
    pub(super) answer: Box<dyn Fn() -> Vec<u8> + Send + Sync>,
}

impl Stored {
    /// Whether the channel is closed, so that nothing is to be done about it. It is read without
    /// its signatures being checked: nothing follows from it but that a watcher leaves it alone.
    pub(super) fn is_over(&self) -> bool {
        self.0.value.first() == Some(&OVER)
    }

    /// The state in it, whose signature is checked again.
    pub(super) fn open(self, verifier: &CommitmentVerifier) -> Result<Live, Outage> {
        let (state, answer) = split(&self.0.value).ok_or(Outage::UnreadableRecord)?;
        let state = ChannelState::from_bytes(state, verifier).map_err(|error| {
            tracing::error!(%error, "a channel's stored state cannot be read");
            Outage::UnreadableRecord
        })?;
        let answer = answer.to_vec();
        let amount = state.last().map(|last| last.amount());
        let kept = amount.filter(|_| !answer.is_empty()).map(|amount| Kept {
            amount,
            answer: Box::new(move || answer.clone()),
        });
        Ok(Live {
            state,
            version: Some(self.0.version),
            kept,
            unwritten: false,
            unsure: false,
            closed_by: None,
            streams: 0,
            served_here: None,
        })
    }
}

impl Live {
    /// A channel that nothing was written of.
    pub(super) const fn first(state: ChannelState) -> Self {
        Self {
            state,
            version: None,
            kept: None,
            unwritten: false,
            unsure: false,
            closed_by: None,
            streams: 0,
            served_here: None,
        }
    }

    /// Whether this process serves the request of the voucher for `amount` now.
    pub(super) fn is_served(&self, amount: BaseUnits) -> bool {
        matches!(&self.served_here, Some((of, here)) if *of == amount && here.strong_count() > 0)
    }

    /// The answer to the request of the voucher for `amount`.
    pub(super) fn answer(&self, amount: BaseUnits) -> Option<Vec<u8>> {
        let kept = self.kept.as_ref().filter(|kept| kept.amount == amount)?;
        Some((kept.answer)())
    }
}

impl Keeper {
    /// The record of a channel.
    pub(super) async fn record(&self, id: &ContractId) -> Result<Option<Stored>, Outage> {
        let record = self.store.record(COLLECTION, &key(id)).await?;
        Ok(record.map(Stored))
    }

    /// The channels that there are records of, some of them, behind `after`.
    pub(super) async fn recorded(
        &self,
        after: Option<&str>,
    ) -> Result<Vec<(String, Stored)>, Outage> {
        let records = self.store.records(COLLECTION, after, PAGE).await?;
        Ok(records
            .into_iter()
            .map(|(key, record)| (key, Stored(record)))
            .collect())
    }

    /// The ledger up to which the events of channels were looked at.
    pub(super) async fn cursor(&self) -> Result<Option<(u64, u32)>, Outage> {
        let Some(record) = self.store.record(CURSOR, CURSOR).await? else {
            return Ok(None);
        };
        let ledger = record
            .value
            .try_into()
            .map(u32::from_be_bytes)
            .map_err(|_| Outage::UnreadableRecord)?;
        Ok(Some((record.version, ledger)))
    }

    pub(super) async fn set_cursor(&self, version: Option<u64>, ledger: u32) -> Result<(), Outage> {
        let value = ledger.to_be_bytes();
        let written = self.store.put_record(CURSOR, CURSOR, version, &value);
        match written.await {
            // Another process is further, or as far.
            Ok(_) | Err(StoreError::RecordConflict(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

impl Channel {
    /// Makes `next` durable; `false` when another process was faster, whose state is then known.
    pub(super) async fn write(&self, live: &mut Live, next: ChannelState) -> Result<bool, Outage> {
        let answered = next.last().map(|last| last.amount());
        let answer = answered
            .and_then(|amount| live.answer(amount))
            .unwrap_or_default();
        let is_over = matches!(next.phase(), Phase::Closed { .. });
        let value = join(is_over, &next.to_bytes(), &answer);
        // Whatever becomes of this future, the write may come to pass.
        live.unsure = true;
        let written = self
            .keeper
            .store
            .put_record(COLLECTION, &key(&self.id()), live.version, &value)
            .await;
        match written {
            Ok(version) => {
                live.unsure = false;
                live.unwritten = false;
                live.version = Some(version);
                live.state = next;
                Ok(true)
            }
            Err(StoreError::RecordConflict(Some(record))) => {
                self.adopt(live, record)?;
                Ok(false)
            }
            Err(error) => Err(Outage::Store(std::sync::Arc::new(error))),
        }
    }

    /// Reads the record again, if a write of ours was lost on its way.
    pub(super) async fn be_sure(&self, live: &mut Live) -> Result<(), Outage> {
        if !live.unsure {
            return Ok(());
        }
        self.read_again(live).await
    }

    fn adopt(&self, live: &mut Live, record: Record) -> Result<(), Outage> {
        let mut read = Stored(record).open(self.verifier())?;
        // What this process has answered meanwhile is not undone by a record that does not say so yet.
        let answered = live.state.last().filter(|last| {
            let same = read
                .state
                .last()
                .map(|read| (read.amount(), read.request()));
            last.serving() == Serving::Answered && same == Some((last.amount(), last.request()))
        });
        let answered =
            answered.and_then(|last| read.state.answered(last.amount(), self.keeper.owner));
        if let Some(answered) = answered {
            read.state = answered;
            read.unwritten = true;
            read.kept = live.kept.take();
        }
        *live = Live {
            closed_by: live.closed_by.take(),
            streams: live.streams,
            served_here: live.served_here.take(),
            ..read
        };
        Ok(())
    }

    /// Reads the record again, whatever is known: another process may have written it.
    pub(super) async fn read_again(&self, live: &mut Live) -> Result<(), Outage> {
        let key = key(&self.id());
        match self.keeper.store.record(COLLECTION, &key).await? {
            Some(record) if live.version == Some(record.version) => {
                live.unsure = false;
                Ok(())
            }
            Some(record) => self.adopt(live, record),
            None if live.version.is_none() => {
                live.unsure = false;
                Ok(())
            }
            // It was there: somebody has removed it.
            None => Err(Outage::UnreadableRecord),
        }
    }
}

/// Whether the channel is over, the length of the state, the state, and the answer.
fn join(is_over: bool, state: &[u8], answer: &[u8]) -> Vec<u8> {
    let length = u32::try_from(state.len()).unwrap_or(u32::MAX).to_be_bytes();
    let first = if is_over { OVER } else { ALIVE };
    [&[first], length.as_slice(), state, answer].concat()
}

fn split(value: &[u8]) -> Option<(&[u8], &[u8])> {
    let (_, value) = value.split_first()?;
    let (length, rest) = value.split_first_chunk()?;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
}

fn key(id: &ContractId) -> String {
    id.to_string()
}

const ALIVE: u8 = 0;
const OVER: u8 = 1;
const COLLECTION: &str = "channel";
const CURSOR: &str = "channel-events";
const PAGE: usize = 500;
