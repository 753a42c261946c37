#![doc = include_str!("../README.md")]

mod error;
mod facilitator;
#[cfg(feature = "http")]
mod http;
mod settlement;

pub use error::{FacilitatorError, MalformedAnswer};
pub use facilitator::Facilitator;
#[cfg(feature = "http")]
pub use http::{HttpFacilitator, HttpFacilitatorBuilder, HttpFacilitatorConfigError};
pub use settlement::{IDEMPOTENT_SETTLEMENT, Settlement};
