//! Having a channel for one request: in this process by its turn, among processes by the lease in its record.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use coinslot_mpp_channel_stellar::client::{BuyerState, Purchase};
use coinslot_usdc_amount::BaseUnits;
use tokio::sync::OwnedMutexGuard;

use super::error::ChannelErrorKind;
use super::own::{OwnChannel, Ticket};
use super::record::{ChannelRecord, RENEWAL};
use super::reserve::{Due, UnitsDue};
use super::standing::Said;
use crate::amount::Amount;
use crate::engine::Engine;
use crate::error::PaymentError;
use crate::event::PaymentEvent;
use crate::offer::Offer;
use crate::payable::Payable;
use crate::spending::Reservation;

/// A channel that nobody else in this process pays from.
pub(super) struct Hold {
    pub(super) channel: Arc<OwnChannel>,
    pub(super) record: ChannelRecord,
    _turn: OwnedMutexGuard<()>,
}

impl Hold {
    /// What the pending voucher adds, for a sentence.
    pub(super) fn adds(&self, offer: &Offer, payable: &Payable) -> Amount {
        match (payable.reserved_units(offer), &self.record.reservation) {
            (Some(_), Some(reservation)) => offer.asset.unit.amount(reservation.amount),
            _ => offer.amount,
        }
    }
}

impl Engine {
    /// Waits for the channel.
    pub(super) async fn hold(
        &self,
        ticket: &Ticket,
        payable: &Payable,
    ) -> Result<Hold, PaymentError> {
        let channel = Arc::clone(ticket.channel());
        let turn = channel.turn().await;
        let record = self.channels.records.find(&channel).await?;
        let mut hold = Hold {
            record: record.unwrap_or_else(|| ChannelRecord::new(&channel)),
            channel,
            _turn: turn,
        };
        self.wait_for_others(&mut hold, payable).await?;
        Ok(hold)
    }

    /// Waits while another process sends a voucher of another request from the channel.
    pub(super) async fn wait_for_others(
        &self,
        hold: &mut Hold,
        payable: &Payable,
    ) -> Result<(), PaymentError> {
        let (mut attempt, mut waited) = (1, Duration::ZERO);
        let records = &self.channels.records;
        loop {
            let record = &hold.record;
            let is_ours = record.pending_for(&payable.id, &payable.host).is_some();
            if is_ours || !records.is_busy_elsewhere(record, self.clock.now()) {
                return Ok(());
            }
            let wait = self.patience.wait(attempt, None, waited);
            let wait = wait.ok_or_else(|| ChannelErrorKind::InUse.of(hold.channel.id))?;
            tokio::time::sleep(wait).await;
            (attempt, waited) = (attempt.saturating_add(1), waited.saturating_add(wait));
            let record = records.find(&hold.channel).await?;
            hold.record = record.unwrap_or_else(|| ChannelRecord::new(&hold.channel));
        }
    }

    /// Writes the channel's record; when another process was faster, reads its record instead and answers false.
    pub(super) async fn write(
        &self,
        hold: &mut Hold,
        record: ChannelRecord,
    ) -> Result<bool, PaymentError> {
        let records = &self.channels.records;
        match records.write(&hold.channel, record).await {
            Ok(written) => {
                hold.record = written;
                Ok(true)
            }
            Err(error) if error.is_conflict() => {
                let found = records.find(&hold.channel).await?;
                hold.record = found.unwrap_or_else(|| ChannelRecord::new(&hold.channel));
                Ok(false)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Takes over what a server has said in answer to a proof. What was reserved for vouchers that it has is spent. False
    /// when another process has changed the record meanwhile: then what was said is too old to go by.
    pub(super) async fn learn(&self, hold: &mut Hold, said: Said) -> Result<bool, PaymentError> {
        let record = &hold.record;
        let state = said
            .reconcile(&record.state, !record.is_stored())
            .map_err(|kind| kind.of(hold.channel.id))?;
        if state == record.state && record.is_stored() {
            return Ok(true);
        }
        let record = with_state(record, state);
        self.write(hold, record).await
    }

    /// Puts down what is signed for an offer, before it is: a new cumulative amount within every cap, or the one that was
    /// signed for the same request before. `None` when another process has changed the record.
    pub(super) async fn put_down(
        &self,
        hold: &mut Hold,
        offer: &Offer,
        payable: &Payable,
    ) -> Result<Option<BaseUnits>, PaymentError> {
        match payable.reserved_units(offer) {
            Some(units) => {
                let due = UnitsDue::first(units);
                self.put_down_units(hold, offer, payable, &due).await
            }
            None => {
                let due = Due::once(offer.terms.amount);
                self.put_down_due(hold, offer, payable, &due).await
            }
        }
    }

    /// The same for what a voucher is to add.
    pub(super) async fn put_down_due(
        &self,
        hold: &mut Hold,
        offer: &Offer,
        payable: &Payable,
        due: &Due,
    ) -> Result<Option<BaseUnits>, PaymentError> {
        let channel = Arc::clone(&hold.channel);
        let state = match channel.deposited {
            Some(deposited) => hold.record.state.with_deposit(deposited),
            None => hold.record.state.clone(),
        };
        let purchase = Purchase {
            price: due.price,
            request: payable.id.fingerprint(),
            host: &payable.host,
            is_metered: due.is_metered,
        };
        let sign = state
            .next(&purchase, &channel.caps)
            .map_err(|refusal| ChannelErrorKind::Refused(refusal).of(channel.id))?;
        if let Some(ceiling) = &due.ceiling {
            ceiling.allow(sign.amount, offer, &channel)?;
        }
        let now = self.clock.now();
        let lease = Some(self.channels.records.lease(now));
        if sign.next == state {
            let record = ChannelRecord {
                state,
                lease,
                ..hold.record.clone()
            };
            return Ok(self.write(hold, record).await?.then_some(sign.amount));
        }
        // All that a server could take beyond what it is known to have: what it denied to have included.
        let adds = offer.asset.unit.amount(exposure(&sign.next));
        let account = self.account(&offer.asset.contract.to_string());
        let caps = &offer.asset.caps;
        let reservation = self.reserve(&account, &payable.host, adds, caps).await?;
        self.emit(|| PaymentEvent::Signing {
            request: payable.id.clone(),
            amount: if due.is_metered { adds } else { offer.amount },
            terms: offer.terms.clone(),
        });
        let replaced = hold.record.reservation.clone();
        let record = ChannelRecord {
            state: sign.next,
            reservation: Some(reservation.clone()),
            signed_at_millis: now.as_millis(),
            lease,
            ..hold.record.clone()
        };
        match self.write(hold, record).await {
            Ok(true) => {
                // The new voucher covers the one that was reserved for before.
                if let Some(replaced) = replaced {
                    self.release(&replaced).await;
                }
                Ok(Some(sign.amount))
            }
            Ok(false) => {
                self.release(&reservation).await;
                Ok(None)
            }
            // It may have been written: what is reserved stays so.
            Err(error) => Err(error),
        }
    }

    /// Writes that the voucher of this amount was taken and answered.
    pub(super) async fn acknowledge(&self, hold: &mut Hold, amount: BaseUnits, payable: &Payable) {
        for _ in 0..MOST_CONFLICTS {
            let record = &hold.record;
            if record.pending_for(&payable.id, &payable.host).is_none() {
                // Another process has found it out.
                return;
            }
            let Ok(state) = record.state.acknowledge(amount) else {
                return;
            };
            let record = ChannelRecord {
                lease: None,
                ..with_state(record, state)
            };
            match self.write(hold, record).await {
                Ok(true) => return,
                Ok(false) => {}
                Err(error) => {
                    // The answer is worth more than the bookkeeping: the next request asks the server.
                    tracing::warn!(channel = %hold.channel.id, %error, "a voucher whose answer is had stays open");
                    return;
                }
            }
        }
    }

    /// Lets other processes have the channel.
    pub(super) async fn let_go(&self, hold: &mut Hold) {
        let record = ChannelRecord {
            lease: None,
            ..hold.record.clone()
        };
        if let Err(error) = self.write(hold, record).await {
            tracing::warn!(channel = %hold.channel.id, %error, "a channel stays leased for a while");
        }
    }

    /// Waits for something while the channel is had.
    pub(super) async fn meanwhile<T>(&self, hold: &mut Hold, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        loop {
            if let Ok(done) = tokio::time::timeout(RENEWAL, &mut work).await {
                return done;
            }
            // Another process that was faster had waited long enough. What is under way is waited for all the same.
            if self.channels.records.is_busy_here(&hold.record) {
                let record = ChannelRecord {
                    lease: Some(self.channels.records.lease(self.clock.now())),
                    ..hold.record.clone()
                };
                if let Err(error) = self.write(hold, record).await {
                    tracing::warn!(channel = %hold.channel.id, %error, "the lease of a channel is not renewed");
                }
            }
        }
    }
}

/// What was signed beyond what is known to be taken.
fn exposure(state: &BuyerState) -> BaseUnits {
    let beyond = state.signed().checked_sub(state.acknowledged());
    beyond.unwrap_or_default()
}

/// The record with another state. Of what is reserved, only what can still turn out not to be taken can be freed; the
/// rest is spent.
pub(super) fn with_state(record: &ChannelRecord, state: BuyerState) -> ChannelRecord {
    let open = exposure(&state);
    let reserved = record.reservation.clone().filter(|_| !open.is_zero());
    ChannelRecord {
        reservation: reserved.map(|reservation| Reservation {
            amount: reservation.amount.min(open),
            ..reservation
        }),
        state,
        ..record.clone()
    }
}

/// Only other processes conflict; this many in a row mean that something is wrong.
const MOST_CONFLICTS: usize = 100;
