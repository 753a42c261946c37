#![doc = include_str!("../README.md")]
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::as_conversions,
        clippy::indexing_slicing,
        clippy::panic
    )
)]

mod client;
mod expiration;
mod server;
mod terms;

pub use client::{
    ClientPlan, MAX_OPEN_SECONDS, Mode, PUSH_MARGIN_SECONDS, PlanError, PlannedCharge, PushPlan,
    SignChargeError, SignedPull, SignedPush, SponsoredPlan, TransactionFacts, UnsponsoredPlan,
    plan, plan_on, prove_push,
};
pub use expiration::{DEFAULT_CHALLENGE_EXPIRY_SECONDS, DEFAULT_LEDGER_CLOSE_TIME_SECONDS};
pub use server::{
    CheckedCharge, CheckedPush, CheckedSponsored, CheckedUnsponsored,
    DEFAULT_CLOCK_TOLERANCE_SECONDS, DEFAULT_EXPIRATION_TOLERANCE_LEDGERS,
    DEFAULT_PUSH_GRACE_SECONDS, EventFault, Facts, Fault, Identity, LandedFacts, Place, Presented,
    Refusal, Rules, SettlementPlan, SimulationFacts, VerifiedPush, VerifiedSponsored,
    VerifiedUnsponsored, identify,
};
pub use terms::{ChargeTerms, TermsError};
