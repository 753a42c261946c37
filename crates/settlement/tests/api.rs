//! What the public types promise.

use std::error::Error;
use std::fmt::Debug;

use coinslot_facilitator_api::Facilitator;
use coinslot_settlement::{
    BudgetLimit, BuildError, CallError, CallOutcome, CallRefusal, ContractCalls, FeePolicy,
    FeePolicyFault, InclusionPercentile, LocalFacilitator, LocalFacilitatorBuilder, Outage,
    Resumed, SettlementEvent, SettlementObserver, SponsorBudget, SponsorRole, SponsorStatus,
    Status, Timing,
};

fn shared<T: Send + Sync + Debug + 'static>() {}
fn value<T: Copy + Eq + Debug + Send + Sync>() {}
fn error<T: Error + Send + Sync + 'static>() {}

#[test]
fn traits() {
    shared::<LocalFacilitator>();
    shared::<LocalFacilitatorBuilder>();
    shared::<ContractCalls>();
    shared::<CallOutcome>();
    shared::<Status>();
    shared::<SettlementEvent<'static>>();
    value::<FeePolicy>();
    value::<SponsorBudget>();
    value::<Timing>();
    value::<InclusionPercentile>();
    value::<BudgetLimit>();
    value::<Resumed>();
    value::<SponsorRole>();
    value::<SponsorStatus>();
    error::<BuildError>();
    error::<CallError>();
    error::<CallRefusal>();
    error::<FeePolicyFault>();
    error::<Outage>();
}

#[test]
fn is_a_facilitator_behind_a_trait_object() {
    fn takes(_: &dyn Facilitator) {}
    fn clones<T: Clone + Facilitator>() {}
    let _ = |facilitator: &LocalFacilitator| takes(facilitator);
    clones::<LocalFacilitator>();
    fn observes(_: &dyn SettlementObserver) {}
    let _ = observes;
}

#[test]
fn the_default_policies_work_together() {
    let (fees, budget) = (FeePolicy::default(), SponsorBudget::default());
    assert!(fees.max_fee_stroops < budget.per_payer_per_day_stroops);
    assert!(budget.per_payer_per_day_stroops < budget.total_per_day_stroops);
    assert!(fees.inclusion_floor_stroops <= fees.inclusion_ceiling_stroops);
}
