#![doc = include_str!("../README.md")]

mod error;
mod facilitator;
mod settlement;


pub use error::{FacilitatorError, MalformedAnswer};
pub use facilitator::Facilitator;
pub use settlement::{IDEMPOTENT_SETTLEMENT, Settlement};
