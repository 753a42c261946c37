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
mod facilitator;
mod payload;
mod terms;

pub use client::{ClientPlan, MAX_TIMEOUT_SECONDS, PlanError, plan, plan_on};
pub use expiration::DEFAULT_CLOSE_TIME_SECONDS;
pub use facilitator::{
    CheckedPayment, DEFAULT_EXPIRATION_TOLERANCE_LEDGERS, Facts, Refusal, Rules, SettlementPlan,
    SimulationFacts, VerifiedPayment, identify,
};
pub use payload::{ExactPayload, ParsePayloadError};
pub use terms::TermsError;

/// The scheme's name on the wire.
pub const SCHEME: &str = "exact";
