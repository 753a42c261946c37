//! The traits that the public types have.

use core::{error::Error, fmt::Debug};

use coinslot_x402_exact_stellar::{
    CheckedPayment, ClientPlan, ExactPayload, Facts, ParsePayloadError, PlanError, Refusal, Rules,
    SettlementPlan, SimulationFacts, TermsError, VerifiedPayment,
};

fn value<T: Send + Sync + Debug + Clone + 'static>() {}
fn error<T: Error + Send + Sync + 'static>() {}

#[test]
fn values_can_be_shared_and_cloned() {
    value::<CheckedPayment>();
    value::<ClientPlan>();
    value::<ExactPayload>();
    value::<Facts>();
    value::<Refusal>();
    value::<Rules>();
    value::<SettlementPlan>();
    value::<SimulationFacts>();
    value::<VerifiedPayment>();
}

#[test]
fn errors_are_errors() {
    error::<ParsePayloadError>();
    error::<PlanError>();
    error::<Refusal>();
    error::<TermsError>();
}
