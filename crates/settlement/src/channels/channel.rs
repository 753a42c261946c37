//! One channel: taking its vouchers.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use coinslot_channel_commitment::{ChannelProof, CommitmentVerifier, VerifiedVoucher, Voucher};
use coinslot_mpp_channel_stellar::{
    ChannelFacts, Denied, Judgement, Presented, Price, RequestFingerprint,
};
use coinslot_mpp_wire::ProblemKind;
use coinslot_stellar_address::{Address, ContractId};
use coinslot_usdc_amount::BaseUnits;
use tokio::sync::{Mutex as AsyncMutex, MutexGuard};
use tokio::time::Instant;

use super::record::Live;
use super::together::Together;
use super::{ChannelError, Keeper, Metered, Serving, Spent};
use crate::Outage;

/// One of the [`Channels`](super::Channels). Cheap to clone.
#[derive(Clone)]
pub struct Channel {
    pub(super) keeper: Arc<Keeper>,
    pub(super) held: Arc<Held>,
}

/// What this process holds of a channel.
pub(super) struct Held {
    id: ContractId,
    verifier: CommitmentVerifier,
    facts: Mutex<ChannelFacts>,
    /// One voucher is judged at a time.
    live: AsyncMutex<Live>,
    /// One call of the contract is under way at a time.
    pub(super) calling: AsyncMutex<()>,
    /// It is closed on the chain for all who wish so.
    pub(super) closing: Together<Result<Option<String>, Outage>>,
    /// The chain is asked for the sake of vouchers.
    asking: Together<Result<(), ChannelError>>,
    /// Since when there is nothing to be done about the channel any more, in milliseconds since 1970;
    /// zero as long as there is.
    over_since: AtomicU64,
}

/// What became of a voucher that holds.
#[derive(Debug)]
pub enum Taken {
    /// It is accepted and durable: serve the request.
    Serve(Serving),
    /// The same for an answer that is paid for as it is produced.
    Stream(Metered, Spent),
    /// It was accepted for this request before, and the request is served.
    Again {
        /// How far the channel is used.
        spent: Spent,
        /// The answer that was [given](Serving::finish) then, if it is still there.
        answer: Option<Vec<u8>>,
    },
    /// Something is in the way that passes: ask again after so many seconds.
    Busy {
        /// At the latest.
        retry_after_seconds: u64,
    },
}

/// What a voucher came to.
pub(super) enum Verdict<'a, J> {
    /// It is good, and this is what to do.
    Passed(MutexGuard<'a, Live>, J),
    /// Something is in the way that passes in so many seconds, at the latest.
    Busy { retry_after: u64 },
}

impl Held {
    pub(super) fn new(
        id: ContractId,
        verifier: CommitmentVerifier,
        facts: ChannelFacts,
        live: Live,
    ) -> Self {
        Self {
            id,
            verifier,
            facts: Mutex::new(facts),
            live: AsyncMutex::new(live),
            calling: AsyncMutex::default(),
            closing: Together::with_pause(Duration::ZERO),
            asking: Together::with_pause(ASK_AGAIN),
            over_since: AtomicU64::new(0),
        }
    }
}

impl Channel {
    pub(super) fn of(keeper: &Arc<Keeper>, held: Arc<Held>) -> Self {
        Self {
            keeper: Arc::clone(keeper),
            held,
        }
    }

    /// The channel's contract.
    #[must_use]
    pub fn id(&self) -> ContractId {
        self.held.id
    }

    /// Who pays.
    #[must_use]
    pub fn funder(&self) -> Address {
        self.facts().instance.funder
    }

    /// Whether this proves that its maker holds the channel's key. When it was made is for the caller
    /// to judge.
    #[must_use]
    pub fn proves(&self, proof: &ChannelProof) -> bool {
        self.held.verifier.verify_proof(*proof).is_ok()
    }

    /// The highest voucher that was accepted, by this process or by another one on the same store.
    ///
    /// # Errors
    /// [`Outage`]: nobody is told less than what is durable.
    pub async fn highest(&self) -> Result<Option<Voucher>, Outage> {
        let mut live = self.live().await;
        self.read_again(&mut live).await?;
        let last = live.state.last();
        Ok(last.map(|last| last.voucher().into_parts().1))
    }

    /// Takes a voucher as payment for a request, which is the same when its 32 bytes are.
    ///
    /// It is durable when this answers. No call of the RPC is made, unless what is known of the
    /// channel is too old, or the voucher goes beyond the deposit that is known.
    ///
    /// # Errors
    /// [`ChannelError`].
    pub async fn accept(
        &self,
        voucher: Voucher,
        price: Price,
        request: [u8; 32],
    ) -> Result<Taken, ChannelError> {
        let came_at = Instant::now();
        let voucher = self.verify(voucher)?;
        loop {
            let judged = self.judged(came_at, |live, facts| {
                let presented = self.presented(&voucher, price, request);
                live.state.judge(&presented, facts, &self.keeper.policy)
            });
            let (mut live, judged) = match judged.await? {
                Verdict::Passed(live, judged) => (live, judged),
                Verdict::Busy { retry_after } => return Ok(busy(retry_after)),
            };
            match judged {
                Judgement::Again => return Ok(again(&live, voucher.amount())),
                // Its lease has lapsed, and still somebody here serves it.
                Judgement::Resume(_) if live.is_served(voucher.amount()) => return Ok(busy(1)),
                Judgement::Accept(next) | Judgement::Resume(next) => {
                    if self.write(&mut live, *next).await? {
                        return Ok(self.serve(&mut live, &voucher, price, request));
                    }
                }
            }
        }
    }

    /// What a voucher comes to, with the channel held. The chain is asked where that may change it.
    pub(super) async fn judged<J>(
        &self,
        came_at: Instant,
        judge: impl Fn(&Live, &ChannelFacts) -> Result<J, Denied>,
    ) -> Result<Verdict<'_, J>, ChannelError> {
        let mut fresh = false;
        loop {
            let mut live = self.live().await;
            self.be_sure(&mut live).await?;
            let mut judged = judge(&live, &self.facts());
            if judged.is_err() {
                // Another process may have gone on with the channel.
                self.read_again(&mut live).await?;
                judged = judge(&live, &self.facts());
            }
            match judged {
                Ok(judged) => return Ok(Verdict::Passed(live, judged)),
                Err(denied) if !fresh && denied.may_be_outdated() => {
                    // Not while the channel is held: whoever serves it has to renew its lease.
                    drop(live);
                    self.ask_chain(came_at).await?;
                    fresh = true;
                }
                Err(Denied::Busy { retry_after }) => return Ok(Verdict::Busy { retry_after }),
                Err(Denied::Stale) => return Err(Outage::StaleFacts.into()),
                Err(Denied::Refuse(refusal)) => return Err(refusal.into()),
            }
        }
    }

    pub(super) fn verify(&self, voucher: Voucher) -> Result<VerifiedVoucher, ChannelError> {
        self.held.verifier.verify(voucher).map_err(|_| {
            ChannelError::refused(
                ProblemKind::InvalidSignature,
                "the channel's commitment key did not sign this amount",
            )
        })
    }

    pub(super) fn presented<'v>(
        &self,
        voucher: &'v VerifiedVoucher,
        price: Price,
        request: [u8; 32],
    ) -> Presented<'v> {
        let now = self.keeper.now();
        Presented {
            voucher,
            price,
            request: RequestFingerprint::from_bytes(request),
            owner: self.keeper.owner,
            now,
            lease_until: self.keeper.lease_from(now),
        }
    }

    pub(super) fn serve(
        &self,
        live: &mut Live,
        voucher: &VerifiedVoucher,
        price: Price,
        request: [u8; 32],
    ) -> Taken {
        let spent = Spent::of(&live.state);
        live.streams = live.streams.wrapping_add(1);
        let here = Arc::new(());
        live.served_here = Some((voucher.amount(), Arc::downgrade(&here)));
        match Metered::new(self.clone(), live, price, request, Arc::clone(&here)) {
            Some(stream) => Taken::Stream(stream, spent),
            None => Taken::Serve(Serving::new(self.clone(), voucher.amount(), spent, here)),
        }
    }

    /// Since when there is nothing to be done about it, in milliseconds since 1970.
    pub(super) fn over_since(&self) -> Option<u64> {
        let since = self.held.over_since.load(Ordering::Acquire);
        (since > 0).then_some(since)
    }

    /// Whether anybody has it but the keeper and whoever asks.
    pub(super) fn is_used(&self) -> bool {
        Arc::strong_count(&self.held) > 2
    }

    /// There is nothing to be done about it any more.
    pub(super) fn leave(&self) {
        let now = self.keeper.now();
        self.held.over_since.store(now, Ordering::Release);
    }

    /// What the chain last said.
    pub(super) fn facts(&self) -> ChannelFacts {
        *self
            .held
            .facts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers what the chain says, unless something newer is known.
    pub(super) fn learn(&self, facts: ChannelFacts) {
        let mut known = self
            .held
            .facts
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        // A node that stands still says nothing new, whenever it is asked.
        if facts.ledger > known.ledger {
            *known = facts;
        }
    }

    /// Asks the chain for the sake of a voucher, unless it was asked since that came. It is asked once
    /// a second at the most, whatever a buyer presents: who comes sooner waits.
    pub(super) async fn ask_chain(&self, came_at: Instant) -> Result<(), ChannelError> {
        let asking = &self.held.asking;
        asking.run(came_at, async || self.refresh().await).await
    }

    /// Asks the chain now.
    pub(super) async fn refresh(&self) -> Result<(), ChannelError> {
        self.learn(self.keeper.facts_of(&self.id()).await?);
        Ok(())
    }

    pub(super) fn verifier(&self) -> &CommitmentVerifier {
        &self.held.verifier
    }

    /// The same, if nobody else has it.
    pub(super) fn live_now(&self) -> Option<MutexGuard<'_, Live>> {
        self.held.live.try_lock().ok()
    }

    pub(super) async fn live(&self) -> MutexGuard<'_, Live> {
        self.held.live.lock().await
    }
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Channel").field(&self.id()).finish()
    }
}

pub(super) fn again(live: &Live, amount: BaseUnits) -> Taken {
    Taken::Again {
        spent: Spent::of(&live.state),
        answer: live.answer(amount),
    }
}

pub(super) const fn busy(retry_after_seconds: u64) -> Taken {
    Taken::Busy {
        retry_after_seconds,
    }
}

const ASK_AGAIN: Duration = Duration::from_secs(1);
