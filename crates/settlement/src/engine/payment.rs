//! A payment by an authorization entry, whichever protocol brought it.

use coinslot_mpp_charge_stellar as charge;
use coinslot_mpp_charge_stellar::{CheckedSponsored, VerifiedSponsored};
use coinslot_soroban_authorization::{AuthEntry, Envelope, SorobanResources, Transfer};
use coinslot_stellar_address::AccountId;
use coinslot_stellar_ledger::{LatestLedger, Simulation};
use coinslot_x402_exact_stellar as exact;
use coinslot_x402_exact_stellar::{CheckedPayment, Refusal, VerifiedPayment};
use coinslot_x402_wire::ReasonCode;

/// A payment that is well-formed and signed.
#[derive(Clone, Debug)]
pub(crate) enum Checked {
    X402(CheckedPayment),
    Charge(CheckedSponsored),
}

/// A payment that is good as of some ledger, and can be settled.
#[derive(Debug)]
pub(crate) enum Verified {
    X402(VerifiedPayment),
    Charge(VerifiedSponsored),
}

/// What the network said about a payment.
pub(super) struct Findings {
    pub(super) now: u64,
    pub(super) latest: LatestLedger,
    pub(super) close_time_seconds: u32,
    pub(super) inclusion_fee_stroops: u64,
    pub(super) simulation: Simulation,
}

impl Checked {
    pub(crate) const fn transfer(&self) -> &Transfer {
        match self {
            Self::X402(payment) => payment.transfer(),
            Self::Charge(charge) => charge.transfer(),
        }
    }

    pub(crate) const fn entry(&self) -> &AuthEntry {
        match self {
            Self::X402(payment) => payment.entry(),
            Self::Charge(charge) => charge.entry(),
        }
    }

    pub(crate) const fn nonce(&self) -> i64 {
        match self {
            Self::X402(payment) => payment.nonce(),
            Self::Charge(charge) => charge.nonce(),
        }
    }

    pub(crate) const fn expiration_ledger(&self) -> u32 {
        match self {
            Self::X402(payment) => payment.expiration_ledger(),
            Self::Charge(charge) => charge.expiration_ledger(),
        }
    }

    pub(super) fn simulation_envelope(&self) -> Envelope {
        match self {
            Self::X402(payment) => payment.simulation_envelope(),
            Self::Charge(charge) => charge.simulation_envelope(),
        }
    }

    pub(super) fn verify(self, findings: Findings) -> Result<Verified, Refusal> {
        match self {
            Self::X402(payment) => payment.verify(&findings.into()).map(Verified::X402),
            Self::Charge(charge) => charge
                .verify(&findings.into())
                .map(Verified::Charge)
                .map_err(|refusal| in_our_words(&refusal)),
        }
    }
}

impl Verified {
    /// The transaction that settles it, not signed yet.
    pub(super) fn settlement(
        &self,
        sponsor: AccountId,
        sequence: i64,
        resources: SorobanResources,
        inclusion_fee_stroops: u64,
        max_time: u64,
    ) -> Result<Envelope, Refusal> {
        match self {
            Self::X402(payment) => payment
                .settlement(
                    sponsor,
                    sequence,
                    resources,
                    inclusion_fee_stroops,
                    max_time,
                )
                .map(|plan| plan.to_envelope()),
            Self::Charge(charge) => charge
                .settlement(
                    sponsor,
                    sequence,
                    resources,
                    inclusion_fee_stroops,
                    max_time,
                )
                .map(|plan| plan.to_envelope())
                .map_err(|refusal| in_our_words(&refusal)),
        }
    }
}

impl From<Findings> for exact::Facts {
    fn from(findings: Findings) -> Self {
        Self {
            latest_ledger: findings.latest.sequence,
            close_time_seconds: findings.close_time_seconds,
            inclusion_fee_stroops: findings.inclusion_fee_stroops,
            simulation: match findings.simulation {
                Simulation::Succeeded {
                    min_resource_fee,
                    events,
                    ..
                } => exact::SimulationFacts::Succeeded {
                    events,
                    min_resource_fee,
                },
                Simulation::Failed { message, .. } => exact::SimulationFacts::Failed { message },
                Simulation::RestoreNeeded { .. } => exact::SimulationFacts::RestoreNeeded,
            },
        }
    }
}

impl From<Findings> for charge::Facts {
    fn from(findings: Findings) -> Self {
        Self {
            now: findings.now,
            latest_ledger: findings.latest.sequence,
            inclusion_fee_stroops: findings.inclusion_fee_stroops,
            simulation: charge_simulation(findings.simulation),
        }
    }
}

/// A simulation as the rules of charges see it.
pub(crate) fn charge_simulation(simulation: Simulation) -> charge::SimulationFacts {
    match simulation {
        Simulation::Succeeded {
            min_resource_fee,
            events,
            ..
        } => charge::SimulationFacts::Succeeded {
            events,
            min_resource_fee,
        },
        Simulation::Failed { message, .. } => charge::SimulationFacts::Failed { message },
        Simulation::RestoreNeeded { .. } => charge::SimulationFacts::RestoreNeeded,
    }
}

/// The engine has one vocabulary for refusals; the sentence stays the protocol's own.
fn in_our_words(refusal: &charge::Refusal) -> Refusal {
    let reason = ReasonCode::from(refusal.kind().code());
    let ours = Refusal::new(reason, refusal.fault().to_string());
    match refusal.payer() {
        Some(payer) => ours.with_payer(*payer),
        None => ours,
    }
}
