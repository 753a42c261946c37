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

#[cfg(test)]
extern crate alloc;

mod account_id;
mod address;
mod contract_id;
mod muxed_account_id;
mod parse;

pub use account_id::AccountId;
pub use address::Address;
pub use contract_id::ContractId;
pub use muxed_account_id::MuxedAccountId;
pub use parse::{ParseAddressError, ParseAddressErrorKind, StrkeyKind};
