//! From an order to a submitted transaction, by one payer.

use coinslot_soroban_authorization::{
    AuthEntry, ContractTransaction, Envelope, Signer, SorobanResources, fee_bump,
};
use coinslot_stellar_ledger::{LatestLedger, ResultCode, Submission};

use super::flight::{End, Flight};
use super::prepare::{Order, Prepared};
use super::stage::{Sent, Stage};
use super::{CallError, CallOutcome, CallRefusal, ContractCalls};
use crate::budget::{Reservation, ReserveError};
use crate::policy::BIDS_OF_FEE_BUMP;
use crate::pool::SponsorLease;
use crate::{Outage, SettlementEvent};

/// What came of a try.
pub(super) enum Launch {
    Ended(CallOutcome),
    /// Archived entries are back: begin anew.
    Restored,
    SequenceIsStale,
    PayerIsEmpty,
}

impl ContractCalls {
    pub(super) async fn launch(
        &self,
        lease: &SponsorLease,
        order: &Order,
        stage: &Stage,
    ) -> Result<Launch, CallError> {
        let next = lease.next_sequence(self.ledger.as_ref()).await;
        let Some(sequence) = next.map_err(|error| self.unavailable(error))? else {
            return Ok(Launch::PayerIsEmpty);
        };
        match self.prepare(lease.account(), sequence, order).await? {
            Prepared::Ready { auth, resources } => {
                let flight = self.sign(lease, sequence, order, auth, resources).await?;
                self.send(lease, flight, Some(stage)).await
            }
            Prepared::RestoreNeeded(archived) => {
                let order = Order::restoration(archived);
                self.restore_before(lease, sequence, &order, stage).await
            }
        }
    }

    /// Brings archived entries back that are in the way of a call.
    async fn restore_before(
        &self,
        lease: &SponsorLease,
        sequence: i64,
        order: &Order,
        stage: &Stage,
    ) -> Result<Launch, CallError> {
        let Prepared::Ready { auth, resources } =
            self.prepare(lease.account(), sequence, order).await?
        else {
            return Err(self.unavailable(Outage::NotIncluded));
        };
        if stage.is_called_off() {
            return Err(self.unavailable(Outage::NotSent));
        }
        let flight = self.sign(lease, sequence, order, auth, resources).await?;
        match self.send(lease, flight, None).await? {
            Launch::Ended(CallOutcome::Confirmed { .. }) => Ok(Launch::Restored),
            Launch::Ended(CallOutcome::Failed { code, .. }) => {
                Err(self.unavailable(Outage::Rejected(code)))
            }
            other => Ok(other),
        }
    }

    /// Builds and signs the transaction, within the policy and the budget.
    async fn sign(
        &self,
        lease: &SponsorLease,
        sequence: i64,
        order: &Order,
        auth: Vec<AuthEntry>,
        resources: SorobanResources,
    ) -> Result<Flight, CallError> {
        let (latest, fee_stats) =
            tokio::try_join!(self.ledger.latest_ledger(), self.ledger.fee_stats())
                .map_err(|error| self.unavailable(error))?;
        let resource_fee = u64::try_from(resources.resource_fee()).unwrap_or(u64::MAX);
        let times = self.fee_bump.as_ref().map_or(1, |_| BIDS_OF_FEE_BUMP);
        let wanted = self.fees.inclusion_bid(&fee_stats);
        let floor = self.fees.inclusion_floor_stroops.saturating_mul(times);
        let Some(bid) = self.fees.affordable_bid(resource_fee, wanted, times) else {
            return Err(CallRefusal::FeeTooHigh {
                needed_stroops: resource_fee.saturating_add(floor),
                max_fee_stroops: self.fees.max_fee_stroops,
            }
            .into());
        };
        let lifetime = self.timing.transaction_lifetime.as_secs().max(1);
        let max_time = self.close_time(&latest).saturating_add(lifetime);
        // Within the policy, whose maximum has 32 bits.
        let fee = u32::try_from(resource_fee.saturating_add(bid)).unwrap_or(u32::MAX);
        let mut transaction = ContractTransaction {
            source: lease.account(),
            sequence,
            fee,
            max_time: Some(max_time),
            operation: order.operation.clone(),
            auth,
            resources: Some(resources),
        }
        .to_envelope();
        transaction
            .sign(lease.signer(), &self.network_id)
            .map_err(|error| self.unavailable(Outage::signer(error)))?;
        let mut flight = Flight {
            hashes: vec![transaction.hash(&self.network_id)],
            newest: transaction.clone(),
            transaction,
            sequence,
            resource_fee,
            bid,
            max_time,
            bid_at_ledger: latest.sequence,
            reservation: Reservation::default(),
        };
        match &self.fee_bump {
            Some(payer) => self.bump(&mut flight, bid, payer.as_ref()).await?,
            None => self.reserve(&mut flight, u64::from(fee)).await?,
        }
        Ok(flight)
    }

    /// Puts the transaction into a fee bump with this bid, once the budget allows it.
    pub(super) async fn bump(
        &self,
        flight: &mut Flight,
        bid: u64,
        payer: &dyn Signer,
    ) -> Result<(), CallError> {
        let fee = flight
            .resource_fee
            .saturating_add(bid.saturating_mul(BIDS_OF_FEE_BUMP));
        let stroops = i64::try_from(fee).unwrap_or(i64::MAX);
        let signed = || -> Result<Envelope, Outage> {
            let mut envelope = fee_bump(&flight.transaction, payer.account_id(), stroops)
                .map_err(Outage::signer)?;
            envelope
                .sign(payer, &self.network_id)
                .map_err(Outage::signer)?;
            Ok(envelope)
        };
        let envelope = signed().map_err(|outage| self.unavailable(outage))?;
        self.reserve(flight, fee).await?;
        flight.hashes.insert(0, envelope.hash(&self.network_id));
        flight.newest = envelope;
        flight.bid = bid;
        Ok(())
    }

    /// Sets the fee aside. Of several bids for one transaction only one is charged: the dearest counts.
    async fn reserve(&self, flight: &mut Flight, fee: u64) -> Result<(), CallError> {
        let Some(budget) = &self.budget else {
            return Ok(());
        };
        let missing = fee.saturating_sub(flight.reservation.stroops());
        if missing == 0 {
            return Ok(());
        }
        let now = self.clock.now();
        let reserved = budget.reserve(None, missing, now, &mut flight.reservation);
        reserved.await.map_err(|error| match error {
            ReserveError::Exceeded(limit) => CallRefusal::Budget(limit).into(),
            ReserveError::Store(error) => self.unavailable(error),
        })
    }

    /// Submits, and follows what may land to its end.
    async fn send(
        &self,
        lease: &SponsorLease,
        flight: Flight,
        stage: Option<&Stage>,
    ) -> Result<Launch, CallError> {
        let sent = Sent {
            transaction: flight.transaction.hash(&self.network_id),
            max_time: flight.max_time,
        };
        if stage.is_some_and(|stage| !stage.send(sent)) {
            self.give_back(&flight, 0).await;
            return Err(self.unavailable(Outage::NotSent));
        }
        let refused = match self.ledger.submit(&flight.newest).await {
            Ok(Submission::Refused { code }) => Some(code),
            // Whether the network has it is not known: it may land.
            Err(error) => {
                self.unavailable(error);
                None
            }
            Ok(_) => None,
        };
        let underbid = refused == Some(ResultCode::InsufficientFee);
        if let Some(code) = refused
            && !underbid
        {
            self.give_back(&flight, 0).await;
            if let Some(stage) = stage {
                stage.take_back();
            }
            return match code {
                ResultCode::BadSequence => Ok(Launch::SequenceIsStale),
                ResultCode::InsufficientBalance | ResultCode::NoAccount => Ok(Launch::PayerIsEmpty),
                code => Err(self.unavailable(Outage::Rejected(code))),
            };
        }
        match self.follow(lease, flight, underbid).await {
            End::Landed(outcome) => Ok(Launch::Ended(outcome)),
            End::Expired => Err(self.unavailable(Outage::NotIncluded)),
        }
    }

    /// Returns to the budget what was reserved and not charged.
    pub(super) async fn give_back(&self, flight: &Flight, charged: u64) {
        if charged > 0 {
            self.observer
                .on_event(&SettlementEvent::FeeCharged { stroops: charged });
        }
        let Some(budget) = &self.budget else { return };
        let given_back = budget.give_back(None, &flight.reservation, charged);
        if let Err(error) = given_back.await {
            // The reservation stays: the budget is stricter than it had to be, for a day.
            self.unavailable(error);
        }
    }

    /// The chain's time at `latest`, in Unix seconds.
    pub(super) fn close_time(&self, latest: &LatestLedger) -> u64 {
        latest
            .close_time
            .unwrap_or_else(|| self.clock.now().as_seconds())
    }
}
