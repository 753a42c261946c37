#![doc = include_str!("../README.md")]
#![no_std]
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::as_conversions,
        clippy::indexing_slicing,
        clippy::panic
    )
)]

extern crate alloc;

mod base_units;
mod decimal;
mod decimals;
mod parse_error;
mod price;
#[cfg(feature = "serde")]
pub mod serde_string;
mod usdc;

pub use base_units::{AmountError, BaseUnits, DecimalAmount};
pub use decimals::{Decimals, DecimalsError};
pub use parse_error::{ParseAmountError, ParseAmountErrorKind};
pub use price::{ConvertPriceError, Price, UsdPrice};
pub use usdc::{USDC_DEPLOYMENTS, UsdcDeployment, usdc_on};
