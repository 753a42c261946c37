//! The traits that the public types have, and what their `Debug` does not show.

#![allow(clippy::unwrap_used, reason = "a helper of a test may panic")]

#[path = "support/charge.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod charge;

use core::{error::Error, fmt::Debug};

use charge::*;
use coinslot_mpp_charge_stellar::{
    ChargeTerms, CheckedCharge, CheckedPush, CheckedSponsored, CheckedUnsponsored, ClientPlan,
    EventFault, Facts, Fault, Identity, LandedFacts, Mode, Place, PlanError, PlannedCharge,
    Presented, PushPlan, Refusal, Rules, SettlementPlan, SignChargeError, SignedPull, SignedPush,
    SimulationFacts, SponsoredPlan, TermsError, TransactionFacts, UnsponsoredPlan, VerifiedPush,
    VerifiedSponsored, VerifiedUnsponsored,
};

fn value<T: Send + Sync + Debug + Clone + 'static>() {}
fn error<T: Error + Send + Sync + 'static>() {}

#[test]
fn values_can_be_shared_and_cloned() {
    value::<ChargeTerms>();
    value::<CheckedCharge>();
    value::<CheckedPush>();
    value::<CheckedSponsored>();
    value::<CheckedUnsponsored>();
    value::<ClientPlan>();
    value::<EventFault>();
    value::<Facts>();
    value::<Fault>();
    value::<Identity>();
    value::<LandedFacts>();
    value::<Mode>();
    value::<Place>();
    value::<PlannedCharge>();
    value::<Presented<'static>>();
    value::<PushPlan>();
    value::<Refusal>();
    value::<Rules>();
    value::<SettlementPlan>();
    value::<SignedPull>();
    value::<SignedPush>();
    value::<SimulationFacts>();
    value::<SponsoredPlan>();
    value::<TransactionFacts>();
    value::<UnsponsoredPlan>();
    value::<VerifiedPush>();
    value::<VerifiedSponsored>();
    value::<VerifiedUnsponsored>();
}

#[test]
fn errors_are_errors() {
    error::<PlanError>();
    error::<Refusal>();
    error::<SignChargeError>();
    error::<TermsError>();
}

#[test]
fn debug_shows_no_signature() {
    let route = Route::unsponsored();
    let payment = push_payment(&route);
    let signature = match payment.payload.read().unwrap() {
        coinslot_mpp_wire::stellar::ChargePayload::SignedHash {
            source_signature, ..
        } => source_signature,
        other => unreachable!("not pushed: {other:?}"),
    };
    let shown = format!("{:?}", route.check(&payment).unwrap());
    assert!(shown.contains("not shown"), "{shown}");
    assert!(
        !shown.contains(
            &format!("{:?}", &signature[..4])
                .trim_matches(['[', ']'])
                .to_owned()
        )
    );
    let signed = signed_pull(&route);
    let shown = format!("{signed:?}");
    assert!(!shown.contains(&signed.envelope().to_base64()), "{shown}");
}
