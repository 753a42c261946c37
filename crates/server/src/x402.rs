//! The x402 door of the gate: what is offered, how a credential is read, how it is verified and
//! settled, and how the answer is told. Specification: x402 v2 §5, transport HTTP v2, scheme
//! `exact` on Stellar.

pub(crate) mod challenge;
pub(crate) mod credential;
pub(crate) mod facilitate;
pub(crate) mod headers;
pub(crate) mod kinds;
pub(crate) mod offer;

pub use offer::{ExactOffer, exact};
