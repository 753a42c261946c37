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

mod depth;
mod detail;
mod error;
mod object;
mod place;
mod rules;

pub use error::{Error, ErrorKind};
pub use object::{Members, MessageVisitor, object, optional_object};
pub use rules::Rules;

#[cfg(test)]
mod tests;
