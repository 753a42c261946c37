//! Parts that many answers have.

use std::str::FromStr;

use serde::Deserialize;

use crate::{LedgerError, Malformation, MalformedAnswer};

/// A number that is written as a number or, as 64-bit numbers are, as a string.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Number {
    Number(i64),
    Text(String),
}

impl Number {
    /// The number, if it is one of this type, in digits only.
    pub(super) fn read<T: FromStr + TryFrom<i64>>(&self) -> Option<T> {
        match self {
            Self::Number(number) => T::try_from(*number).ok(),
            Self::Text(text) if text.starts_with('+') => None,
            Self::Text(text) => text.parse().ok(),
        }
    }
}

/// An answer whose member `name` is not what it must be.
pub(super) fn bad_member(method: &'static str, name: &'static str) -> LedgerError {
    malformed(method, Malformation::Member(name))
}

/// An answer that cannot be used.
pub(super) fn malformed(method: &'static str, what: Malformation) -> LedgerError {
    MalformedAnswer { method, what }.into()
}
