//! Taking up an offer again whose authorization was signed before, and not sent.

use coinslot_mpp_charge_stellar::{self as charge, ClientPlan, Mode};
use coinslot_payment_store::UnixMillis;
use coinslot_stellar_address::AccountId;
use coinslot_x402_exact_stellar as exact;
use coinslot_x402_wire::PaymentPayload;

use super::Policy;
use crate::journal::{Draft, Payment};
use crate::offer::{Authorize, Offer, Plan};
use crate::payable::Payable;

impl Policy {
    /// The offer of a payment in the journal; `None` when it can no longer be paid, or was not one by authorization.
    pub(crate) fn restore(
        &self,
        payment: &Payment,
        payable: &Payable,
        payer: AccountId,
        now: UnixMillis,
    ) -> Option<Offer> {
        let plan = match &payment.draft {
            Draft::X402(draft) => {
                let plan = exact::plan_on(&self.network, &draft.accepted, payer).ok()?;
                Authorize::Exact(Box::new((plan, PaymentPayload::clone(draft))))
            }
            Draft::Mpp { .. } => {
                let challenge = payment.draft.challenge()?;
                let (body, now) = (payable.body(), now.as_seconds());
                let plan = charge::plan_on(&self.network, &challenge, payer, Mode::Pull, body, now);
                let ClientPlan::Sponsored(plan) = plan.ok()? else {
                    return None;
                };
                Authorize::Sponsored(Box::new(plan))
            }
        };
        let asset = self.asset(&payment.terms.asset)?.clone();
        let amount = asset.unit.amount(payment.terms.amount);
        Some(Offer {
            terms: payment.terms.clone(),
            plan: Plan::Authorize(plan),
            asset,
            amount,
        })
    }
}
