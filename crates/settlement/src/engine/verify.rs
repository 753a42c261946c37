//! Whether a payment is good, and who is told of its success.

use std::sync::Arc;

use coinslot_payment_store::ClaimState;
use coinslot_x402_exact_stellar::Refusal;
use coinslot_x402_wire::ReasonCode;

use super::examine::{Asked, ExamineError};
use super::settle::Standing;
use super::{Engine, Work};
use crate::Outage;
use crate::answer::Told;
use crate::record::{Outcome, Purchase};

impl Engine {
    /// Why a payment is not good, if it is not. One that is being settled is good; one that is
    /// settled is until somebody was told of it.
    pub(crate) async fn verify(self: &Arc<Self>, asked: &Asked) -> Result<Option<Refusal>, Outage> {
        Ok(match self.standing(asked).await? {
            Standing::InFlight(_) | Standing::Elsewhere => None,
            Standing::Done {
                outcome: Outcome::Confirmed { .. },
                told,
            } => told.then(|| asked.duplicate(ALREADY_TOLD)),
            Standing::Done {
                outcome: Outcome::Failed {
                    reason, message, ..
                },
                ..
            } => Some(Refusal::new(reason, message).with_payer(asked.terms.from)),
            Standing::OtherTerms => Some(asked.duplicate(OTHER_TERMS)),
            Standing::Free | Standing::Beginning | Standing::Abandoned(_) => {
                match self.examine(asked).await {
                    Ok(_) => None,
                    Err(ExamineError::Refused(refusal)) => Some(refusal),
                    Err(ExamineError::Outage(outage)) => return Err(outage),
                }
            }
        })
    }

    /// Settles, and answers the success of one payment to one purchase.
    pub(crate) async fn settle_for(
        self: &Arc<Self>,
        asked: &Asked,
        purchase: Purchase,
    ) -> Result<Told, Outage> {
        let told = self.settle(asked).await?;
        let Told::Outcome(Outcome::Confirmed { transaction, .. }) = told else {
            return Ok(told);
        };
        match self.tell(asked, purchase).await {
            Ok(true) => Ok(told),
            Ok(false) => Ok(Told::Refused(asked.duplicate(ALREADY_TOLD))),
            // It is settled, and it is not certain whether someone was told: ask again.
            Err(outage) => {
                self.outage(outage);
                Ok(Told::Pending {
                    transaction: Some(transaction),
                })
            }
        }
    }

    /// Marks a settled payment as told for a purchase. Whether it may be told: nobody was told
    /// before, or the same named purchase was.
    async fn tell(&self, asked: &Asked, purchase: Purchase) -> Result<bool, Outage> {
        loop {
            let Some(claim) = self.store.load(&asked.key).await? else {
                return Ok(false);
            };
            let mut work = Work::read(claim)?;
            if let Some(told) = &work.record.told {
                return Ok(*told == purchase && purchase != Purchase::Unnamed);
            }
            work.record.told = Some(purchase.clone());
            match self.save(&mut work, ClaimState::Settled).await {
                Ok(()) => return Ok(true),
                Err(Outage::TakenOver) => {}
                Err(outage) => return Err(outage),
            }
        }
    }
}

impl Asked {
    /// The refusal of a payment that has been used.
    pub(super) fn duplicate(&self, detail: &'static str) -> Refusal {
        Refusal::new(ReasonCode::DuplicatePayment, detail).with_payer(self.terms.from)
    }
}

pub(super) const OTHER_TERMS: &str = "the authorization's nonce was presented before, for other terms, another resource or with another signature";
const ALREADY_TOLD: &str = "the payment is settled, and its success was told before";
