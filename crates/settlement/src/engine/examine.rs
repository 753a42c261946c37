//! From a request to a verified payment: check, simulate, verify.

use coinslot_mpp_charge_stellar::CheckedSponsored;
use coinslot_payment_store::{ClaimKey, PaymentId};
use coinslot_soroban_authorization::SorobanResources;
use coinslot_stellar_ledger::{LatestLedger, Simulation};
use coinslot_x402_exact_stellar::{CheckedPayment, Refusal};
use coinslot_x402_wire::FacilitatorRequest;

use super::Engine;
use super::attempt::over_budget;
use super::payment::{Checked, Findings, Verified};
use crate::Outage;
use crate::budget::ReserveError;
use crate::record::Terms;

/// A payment that is well-formed and signed, and who it is.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) payment: Checked,
    pub(crate) key: ClaimKey,
    pub(crate) terms: Terms,
}

/// A payment that is good as of this ledger, and what settling it takes.
#[derive(Debug)]
pub(crate) struct Examined {
    pub(crate) payment: Verified,
    pub(crate) resources: SorobanResources,
    pub(crate) latest: LatestLedger,
}

/// Why a payment is not good.
pub(crate) enum ExamineError {
    Refused(Refusal),
    Outage(Outage),
}

impl<E: Into<Outage>> From<E> for ExamineError {
    fn from(error: E) -> Self {
        Self::Outage(error.into())
    }
}

impl Engine {
    /// Everything that can be checked of an x402 payment without the ledger.
    pub(crate) fn check(&self, request: &FacilitatorRequest) -> Result<Asked, Refusal> {
        let payload = &request.payment_payload;
        let payment = CheckedPayment::check(payload, &request.payment_requirements, &self.rules)?;
        let resource = payload.resource.as_ref().map(|resource| &*resource.url);
        Ok(self.asked(Checked::X402(payment), resource))
    }

    /// A charge, which is checked already.
    pub(crate) fn ask(&self, charge: &CheckedSponsored) -> Asked {
        self.asked(Checked::Charge(charge.clone()), None)
    }

    fn asked(&self, payment: Checked, resource: Option<&str>) -> Asked {
        let entry = payment.entry().to_base64();
        let terms = Terms::new(payment.transfer(), entry, resource);
        let id = PaymentId::authorization(&self.network_id, &terms.payer(), payment.nonce());
        Asked {
            payment,
            key: ClaimKey::settlement(id),
            terms,
        }
    }

    /// Everything else: the ledger's facts, the fee and the budget.
    pub(crate) async fn examine(&self, asked: &Asked) -> Result<Examined, ExamineError> {
        let envelope = asked.payment.simulation_envelope();
        let (simulation, latest, close_time_seconds, fee_stats) = tokio::try_join!(
            self.ledger.simulate(&envelope),
            self.ledger.latest_ledger(),
            self.ledger.close_time_seconds(),
            self.ledger.fee_stats(),
        )?;
        let resources = match &simulation {
            Simulation::Succeeded {
                resources,
                min_resource_fee,
                ..
            } => Some(resources.clone().with_resource_fee(*min_resource_fee)),
            Simulation::Failed { .. } | Simulation::RestoreNeeded { .. } => None,
        };
        let resource_fee = resources.as_ref().map_or(0, resource_fee);
        // A bid that does not fit is left as it is: the rules then refuse the payment for it.
        let wanted = self.fees.inclusion_bid(&fee_stats);
        let bid = self.affordable_bid(resource_fee, wanted).unwrap_or(wanted);
        let inclusion_fee_stroops = bid.saturating_mul(self.bids());
        let findings = Findings {
            now: self.clock.now().as_seconds(),
            latest,
            close_time_seconds,
            inclusion_fee_stroops,
            simulation,
        };
        let payment = asked
            .payment
            .clone()
            .verify(findings)
            .map_err(ExamineError::Refused)?;
        let Some(resources) = resources else {
            // A payment whose simulation did not succeed is not verified.
            return Err(ExamineError::Outage(Outage::UnreadableRecord));
        };
        let fee = resource_fee.saturating_add(inclusion_fee_stroops);
        let payer = asked.terms.payer();
        match self.budget.check(&payer, fee, self.clock.now()).await {
            Ok(()) => Ok(Examined {
                payment,
                resources,
                latest,
            }),
            Err(ReserveError::Store(error)) => Err(error.into()),
            Err(ReserveError::Exceeded(limit)) => {
                Err(ExamineError::Refused(over_budget(asked.terms.from, limit)))
            }
        }
    }
}

/// What declared resources cost, in stroops.
pub(super) fn resource_fee(resources: &SorobanResources) -> u64 {
    u64::try_from(resources.resource_fee()).unwrap_or(u64::MAX)
}
