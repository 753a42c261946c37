//! Signed transactions: their fees, their reservation in the budget, and their record, which is
//! durable before they are submitted.

use coinslot_payment_store::ClaimState;
use coinslot_soroban_authorization::{Envelope, Signer, fee_bump};
use coinslot_stellar_address::Address;
use coinslot_x402_exact_stellar::Refusal;
use coinslot_x402_wire::ReasonCode;

use super::launch::Halt;
use super::{Engine, Work};
use crate::budget::{BudgetLimit, Reservation, ReserveError};
use crate::policy::BIDS_OF_FEE_BUMP;
use crate::pool::SponsorLease;
use crate::record::Attempt;
use crate::{Outage, SettlementEvent};

/// A transaction that may be signed.
pub(super) struct Draft {
    pub(super) envelope: Envelope,
    pub(super) sequence: i64,
    pub(super) resource_fee: u64,
    pub(super) inclusion_bid: u64,
    pub(super) max_time: u64,
    pub(super) ledger: u32,
}

/// A transaction that may be submitted once it is on record.
pub(super) struct Signed {
    pub(super) attempt: Attempt,
    envelope: Envelope,
}

impl Engine {
    /// The inclusion bid that fits under the maximum fee together with the resource fee.
    pub(super) fn affordable_bid(&self, resource_fee: u64, wanted: u64) -> Option<u64> {
        self.fees.affordable_bid(resource_fee, wanted, self.bids())
    }

    /// How many times a first submission is charged its bid.
    pub(super) fn bids(&self) -> u64 {
        if self.fee_bump.is_some() {
            BIDS_OF_FEE_BUMP
        } else {
            1
        }
    }

    /// Signs a transaction, in a fee bump if another account pays the fees.
    pub(super) fn sign(&self, lease: &SponsorLease, draft: Draft) -> Result<Signed, Outage> {
        let mut envelope = draft.envelope;
        envelope
            .sign(lease.signer(), &self.network_id)
            .map_err(Outage::signer)?;
        let attempt = Attempt {
            hash: envelope.hash(&self.network_id),
            inner_hash: None,
            envelope: envelope.to_base64(),
            sponsor: lease.account(),
            sequence: draft.sequence,
            resource_fee: draft.resource_fee,
            inclusion_bid: draft.inclusion_bid,
            fee: draft.resource_fee.saturating_add(draft.inclusion_bid),
            max_time: draft.max_time,
            signed_at_ledger: draft.ledger,
        };
        match &self.fee_bump {
            None => Ok(Signed { attempt, envelope }),
            Some(payer) => self.wrap(&envelope, &attempt, draft.inclusion_bid, payer.as_ref()),
        }
    }

    /// Signs a fee bump of the newest attempt's transaction with a higher bid. The transaction
    /// itself stays what it is: only one of the two can land. None when the bid cannot be raised.
    pub(super) fn raise(&self, work: &Work, ledger: u32) -> Result<Option<Signed>, Outage> {
        let Some(last) = work.record.attempts.last() else {
            return Ok(None);
        };
        let Some(payer) = self
            .fee_bump
            .clone()
            .or_else(|| self.sponsors.signer(&last.sponsor))
        else {
            return Ok(None);
        };
        let Some(bid) = self.fees.raised_bid(last.resource_fee, last.inclusion_bid) else {
            return Ok(None);
        };
        let submitted =
            Envelope::from_base64(&last.envelope).map_err(|_| Outage::UnreadableRecord)?;
        let transaction = submitted.inner().unwrap_or(submitted);
        let attempt = Attempt {
            signed_at_ledger: ledger,
            ..last.clone()
        };
        self.wrap(&transaction, &attempt, bid, payer.as_ref())
            .map(Some)
    }

    fn wrap(
        &self,
        transaction: &Envelope,
        attempt: &Attempt,
        inclusion_bid: u64,
        payer: &dyn Signer,
    ) -> Result<Signed, Outage> {
        let fee = attempt
            .resource_fee
            .saturating_add(inclusion_bid.saturating_mul(BIDS_OF_FEE_BUMP));
        let stroops = i64::try_from(fee).unwrap_or(i64::MAX);
        let mut envelope =
            fee_bump(transaction, payer.account_id(), stroops).map_err(Outage::signer)?;
        envelope
            .sign(payer, &self.network_id)
            .map_err(Outage::signer)?;
        let attempt = Attempt {
            hash: envelope.hash(&self.network_id),
            inner_hash: Some(transaction.hash(&self.network_id)),
            envelope: envelope.to_base64(),
            inclusion_bid,
            fee,
            ..attempt.clone()
        };
        Ok(Signed { attempt, envelope })
    }

    /// Sets the fee aside. Of several attempts at one payment only one can be charged, so what is
    /// set aside is the dearest of them.
    pub(super) async fn reserve(&self, work: &mut Work, fee: u64) -> Result<(), Halt> {
        let missing = fee.saturating_sub(work.record.reservation.stroops());
        if missing == 0 {
            return Ok(());
        }
        let payer = work.record.terms.payer();
        let reservation = &mut work.record.reservation;
        match self
            .budget
            .reserve(Some(&payer), missing, self.clock.now(), reservation)
            .await
        {
            Ok(()) => Ok(()),
            Err(ReserveError::Store(error)) => Err(Halt::Outage(error.into())),
            Err(ReserveError::Exceeded(limit)) => {
                Err(Halt::Refused(over_budget(work.record.terms.from, limit)))
            }
        }
    }

    /// Makes a signed transaction durable, so that whatever happens next it can be found.
    pub(super) async fn record_attempt(
        &self,
        work: &mut Work,
        signed: Signed,
    ) -> Result<Envelope, Outage> {
        let event = SettlementEvent::Submitted {
            transaction: signed.attempt.hash,
            fee_stroops: signed.attempt.fee,
            raises_bid: !work.record.attempts.is_empty(),
        };
        work.record.attempts.push(signed.attempt);
        self.save(work, ClaimState::Pending).await?;
        self.observe(&event);
        Ok(signed.envelope)
    }

    /// Takes back everything about attempts that the network has refused.
    pub(super) async fn retract(&self, work: &mut Work) -> Result<(), Outage> {
        work.record.attempts.clear();
        let reservation = std::mem::take(&mut work.record.reservation);
        self.save(work, ClaimState::Claimed).await?;
        self.give_back(work, &reservation, 0).await;
        Ok(())
    }

    /// Counts the fee of a payment that failed on the chain against its payer, who may have moved
    /// the money away on purpose.
    pub(super) async fn penalise(&self, work: &Work, charged: u64) {
        let more = charged.saturating_mul(WEIGHT_OF_FAILURE.saturating_sub(1));
        let payer = work.record.terms.payer();
        if more > 0
            && let Err(error) = self.budget.penalise(&payer, more, self.clock.now()).await
        {
            self.outage(error);
        }
    }

    /// Returns to the budget what was reserved and not charged.
    pub(super) async fn give_back(&self, work: &Work, reservation: &Reservation, charged: u64) {
        let payer = work.record.terms.payer();
        if let Err(error) = self
            .budget
            .give_back(Some(&payer), reservation, charged)
            .await
        {
            // The reservation stays: the budget is stricter than it had to be, for a day.
            self.outage(error);
        }
    }
}

/// The refusal of a payment whose fee the budget does not allow.
pub(super) fn over_budget(payer: Address, limit: BudgetLimit) -> Refusal {
    let reason = match limit {
        BudgetLimit::PerPayer => ReasonCode::PayerBudgetExceeded,
        BudgetLimit::Total => ReasonCode::SponsorBudgetExceeded,
    };
    Refusal::new(reason, limit).with_payer(payer)
}

/// How many times the fee of a payment that failed on the chain counts against its payer.
const WEIGHT_OF_FAILURE: u64 = 20;
