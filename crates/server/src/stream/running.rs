//! A stream while it runs: charging, waiting for vouchers, and its end.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use coinslot_channel_commitment::Voucher;
use coinslot_mpp_wire::Receipt;
use coinslot_payment_store::PaymentId;
use coinslot_settlement::{ChannelError, Metered, NotCharged, Spent};
use coinslot_stellar_address::ContractId;
use coinslot_usdc_amount::BaseUnits;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep, sleep_until};

use super::{Meter, MeterError};
use crate::event::Event;
use crate::mpp::channel::receipts::{Receipts, kept};
use crate::mpp::channel::top_up::Place;
use crate::shared::Shared;

/// A stream, shared by its meters, its body and whoever brings it vouchers.
pub(crate) struct Running {
    metered: Metered,
    payment: PaymentId,
    /// Where its vouchers are taken.
    pub(crate) place: Place,
    receipts: Receipts,
    patience: Duration,
    /// What it waits for.
    need: watch::Sender<Option<Need>>,
    /// Changes whenever waiting may be over.
    news: watch::Sender<()>,
    is_closing: AtomicBool,
    is_asked_to_end: watch::Sender<bool>,
    ended: watch::Sender<Option<Ended>>,
}

/// A stream has used up what its vouchers reserve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Need {
    pub(super) required: BaseUnits,
    pub(super) accepted: BaseUnits,
    pub(super) deposited: BaseUnits,
    /// How long it waits.
    until: Instant,
}

/// A stream has ended, with a receipt if that is durable.
#[derive(Clone)]
struct Ended(Option<Receipt>);

/// Ends a stream when it is dropped.
pub(crate) struct End(Arc<Running>);

impl Running {
    /// Begins a stream. It ends when what this answers is dropped.
    pub(crate) fn start(
        shared: &Arc<Shared>,
        payment: PaymentId,
        metered: Metered,
        place: Place,
        receipts: Receipts,
        patience: Duration,
    ) -> End {
        let running = Arc::new(Self {
            metered,
            payment,
            place,
            receipts,
            patience,
            need: watch::Sender::new(None),
            news: watch::Sender::new(()),
            is_closing: AtomicBool::new(false),
            is_asked_to_end: watch::Sender::new(false),
            ended: watch::Sender::new(None),
        });
        shared.streams.insert(&running);
        tokio::spawn(Arc::clone(&running).keep(Arc::clone(shared)));
        End(running)
    }

    /// The channel that pays.
    pub(crate) fn channel(&self) -> ContractId {
        self.metered.channel().id()
    }

    pub(crate) const fn payment(&self) -> &PaymentId {
        &self.payment
    }

    pub(crate) const fn receipts(&self) -> &Receipts {
        &self.receipts
    }

    pub(crate) fn units(&self) -> u64 {
        self.metered.units()
    }

    pub(super) fn needs(&self) -> watch::Receiver<Option<Need>> {
        self.need.subscribe()
    }

    /// Charges units; waits for a voucher when it must.
    pub(super) async fn charge(&self, units: u64) -> Result<(), MeterError> {
        let mut ending = self.is_asked_to_end.subscribe();
        loop {
            // Whatever changes from here on is news.
            let mut news = self.news.subscribe();
            if *ending.borrow_and_update() {
                return Err(MeterError::Ended);
            }
            let need = match self.metered.charge(units) {
                Ok(()) => {
                    // Whoever else waits says anew what it needs.
                    if self.need.send_if_modified(|need| need.take().is_some()) {
                        self.news.send_replace(());
                    }
                    return Ok(());
                }
                Err(NotCharged::Ended) => return Err(MeterError::Ended),
                Err(NotCharged::Lost) => return Err(MeterError::Lost),
                Err(NotCharged::NeedVoucher(_)) if self.is_closing.load(Ordering::Acquire) => {
                    return Err(MeterError::Closing);
                }
                Err(NotCharged::NeedVoucher(need)) => need,
            };
            let until = self.ask(need);
            tokio::select! {
                biased;
                _ = ending.changed() => {}
                _ = news.changed() => {}
                () = sleep_until(until) => return Err(MeterError::NoVoucher),
            }
        }
    }

    /// Takes a further voucher.
    pub(crate) async fn top_up(&self, voucher: Voucher) -> Result<Spent, ChannelError> {
        let spent = self.metered.top_up(voucher).await?;
        self.news.send_replace(());
        Ok(spent)
    }

    /// Ends the stream; answers the receipt when that is durable.
    pub(super) async fn end(&self) -> Option<Receipt> {
        let mut ended = self.ended.subscribe();
        self.is_asked_to_end.send_replace(true);
        let ended = ended.wait_for(Option::is_some).await.ok()?;
        ended.as_ref().and_then(|Ended(receipt)| receipt.clone())
    }

    /// Says what is needed, once, and until when it is waited for.
    fn ask(&self, need: coinslot_mpp_channel_stellar::NeedVoucher) -> Instant {
        let mut until = Instant::now() + self.patience;
        self.need.send_if_modified(|asked| {
            if let Some(asked) = asked
                .as_ref()
                .filter(|asked| asked.accepted == need.accepted)
            {
                until = asked.until;
                if asked.required >= need.required {
                    return false;
                }
            }
            *asked = Some(Need {
                required: need.required,
                accepted: need.accepted,
                deposited: need.deposited,
                until,
            });
            true
        });
        until
    }

    /// Keeps the stream with this process, until it is to end; then ends it.
    async fn keep(self: Arc<Self>, shared: Arc<Shared>) {
        let mut ending = self.is_asked_to_end.subscribe();
        let pace = self.metered.pace();
        let mut ticks = interval_at(Instant::now() + pace, pace);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                () = asked_to_end(&mut ending) => break,
                _ = ticks.tick() => self.renew().await,
            }
        }
        let receipt = self.finish().await;
        shared.streams.remove(&self);
        shared.emit(&Event::StreamEnded {
            payment: &self.payment,
            units: self.units(),
            durable: receipt.is_some(),
        });
        self.ended.send_replace(Some(Ended(receipt)));
    }

    async fn renew(&self) {
        match self.metered.renew().await {
            Ok(true) => {}
            Ok(false) => {
                self.is_closing.store(true, Ordering::Release);
                self.news.send_replace(());
            }
            Err(error) => {
                tracing::warn!(%error, channel = %self.channel(), "a stream was not renewed");
            }
        }
    }

    /// Makes the end durable; tries again until others may take the stream over.
    async fn finish(&self) -> Option<Receipt> {
        let receipt = |spent| self.receipts.of(spent, Some(self.units()), None);
        loop {
            match self.metered.finish(|spent| kept(receipt(spent))).await {
                Ok(spent) => return receipt(spent?),
                Err(error) => {
                    tracing::warn!(%error, channel = %self.channel(), "the end of a stream was not written");
                }
            }
            if self.metered.is_lost() {
                return None;
            }
            sleep(self.metered.pace() / 4).await;
        }
    }
}

async fn asked_to_end(ending: &mut watch::Receiver<bool>) {
    // It fails when there is nobody left to ask.
    drop(ending.wait_for(|ending| *ending).await);
}

impl End {
    /// What its handler charges units to.
    pub(crate) fn meter(&self) -> Meter {
        Meter(Arc::clone(&self.0))
    }
}

impl Drop for End {
    fn drop(&mut self) {
        self.0.is_asked_to_end.send_replace(true);
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running")
            .field("metered", &self.metered)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("End")
    }
}
