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

mod challenge;
mod challenges;
mod content;
mod credential;
mod cursor;
mod grammar;
mod limits;
mod parameter;
mod parse_error;
mod scheme;
mod write_error;

pub use challenge::Challenge;
pub use challenges::Challenges;
pub use credential::Credential;
pub use limits::{MAX_CHALLENGES, MAX_HEADER_BYTES, MAX_PARAMETERS};
pub use parameter::Parameters;
pub use parse_error::{ParseError, ParseErrorKind};
pub use scheme::{Scheme, scheme_of};
pub use write_error::{WriteError, WriteErrorKind};
