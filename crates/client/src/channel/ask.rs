//! Asking without a payment, in the name of a channel.

use coinslot_mpp_wire::ProblemKind;
use reqwest::Response;

use super::error::ChannelErrorKind;
use super::hold::Hold;
use super::standing::{self, Said};
use crate::challenge::Challenge;
use crate::courier::Courier;
use crate::engine::{Asked, Engine};
use crate::error::PaymentError;
use crate::offer::{Offer, Plan};
use crate::payable::Payable;
use crate::refused::RefusalReason;

/// What a request without a payment was answered with.
pub(super) enum Offered {
    /// It is not priced.
    Free(Response),
    /// The best that is offered is to pay from the channel.
    Voucher(Box<Offer>, Box<Challenge>),
    /// Another offer is better, or there is no other.
    Otherwise(Box<Challenge>),
}

impl Engine {
    /// Asks in the name of the request's channel, with a proof of its key if a time is given.
    pub(super) async fn offered(
        &self,
        payable: &Payable,
        proof_at: Option<u64>,
        courier: &mut Courier<'_>,
    ) -> Result<Offered, PaymentError> {
        let challenge = match self.ask(payable, proof_at, courier).await? {
            Asked::Free(response) => return Ok(Offered::Free(response)),
            Asked::Priced(challenge) => challenge,
        };
        let now = self.clock.now();
        match self.policy.choose(&challenge, payable, self.payer, now) {
            Ok(offer) if matches!(offer.plan, Plan::Voucher(_)) => {
                Ok(Offered::Voucher(Box::new(offer), challenge))
            }
            chosen => match (&challenge.problem, &payable.channel) {
                (Some((Some(reason), message)), Some(channel)) if is_about_the_channel(reason) => {
                    if reason.is_about_the_close() {
                        channel.set_exhausted(true);
                    }
                    let kind = ChannelErrorKind::NotAccepted {
                        reason: Some(reason.clone()),
                        message: message.clone(),
                    };
                    Err(kind.of(channel.id).into())
                }
                _ => {
                    chosen?;
                    Ok(Offered::Otherwise(challenge))
                }
            },
        }
    }

    /// The offer to pay from the request's channel, in what a refused voucher was answered with.
    pub(super) fn voucher_offer(
        &self,
        challenge: &Challenge,
        payable: &Payable,
    ) -> Option<Box<Offer>> {
        let now = self.clock.now();
        let judged = self.policy.judge(challenge, payable, self.payer, now);
        let mut offers = judged.into_iter().filter_map(|judged| judged.verdict.ok());
        offers
            .find(|offer| matches!(offer.plan, Plan::Voucher(_)))
            .map(Box::new)
    }

    /// What an answer to a proof says of the channel.
    pub(super) fn said(
        &self,
        hold: &Hold,
        offer: &Offer,
        challenge: &Challenge,
    ) -> Result<Said, PaymentError> {
        Ok(Said {
            highest: standing::read(challenge.standing.as_ref(), &hold.channel)?,
            claimed: match &offer.plan {
                Plan::Voucher(plan) => plan.claimed,
                Plan::Authorize(_) | Plan::Transact(_) => None,
            },
        })
    }
}

/// That the route is priced says nothing of the channel.
fn is_about_the_channel(reason: &RefusalReason) -> bool {
    *reason != RefusalReason::Mpp(ProblemKind::PaymentRequired)
}
