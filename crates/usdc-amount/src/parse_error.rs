//! Why a text is no amount.

use core::fmt;

/// A text that is no amount or price: what is wrong, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseAmountError {
    kind: ParseAmountErrorKind,
    position: usize,
}

/// What is wrong with an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseAmountErrorKind {
    /// There is no text.
    Empty,
    /// Something other than a digit or the one decimal point: a sign, an exponent, a separator, a space, a letter.
    UnexpectedCharacter,
    /// No digit before or after the decimal point.
    MissingDigit,
    /// A count of base units starts with a zero that it does not need.
    LeadingZero,
    /// More decimals than the asset has.
    TooManyDecimals {
        /// How many decimals the asset has.
        allowed: u8,
    },
    /// More than 2¹²⁷ − 1 base units.
    TooLarge,
    /// A price of nothing.
    ZeroPrice,
}

impl ParseAmountError {
    pub(crate) const fn new(kind: ParseAmountErrorKind, position: usize) -> Self {
        Self { kind, position }
    }

    /// What is wrong.
    #[must_use]
    pub const fn kind(&self) -> ParseAmountErrorKind {
        self.kind
    }

    /// The byte of the text at which it is wrong, counted from 0.
    #[must_use]
    pub const fn position(&self) -> usize {
        self.position
    }

    pub(crate) const fn after(self, bytes: usize) -> Self {
        Self::new(self.kind, self.position.saturating_add(bytes))
    }
}

impl fmt::Display for ParseAmountError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let position = self.position;
        match self.kind {
            ParseAmountErrorKind::Empty => f.write_str("an amount has at least one digit"),
            ParseAmountErrorKind::UnexpectedCharacter => write!(
                f,
                "only digits belong in an amount, and in whole tokens one point: byte {position} is neither"
            ),
            ParseAmountErrorKind::MissingDigit => write!(
                f,
                "an amount has digits on both sides of its point: none at byte {position}"
            ),
            ParseAmountErrorKind::LeadingZero => {
                f.write_str("base units are written without leading zeros")
            }
            ParseAmountErrorKind::TooManyDecimals { allowed } => {
                write!(
                    f,
                    "at most {allowed} decimals are possible here, the amount has more"
                )
            }
            ParseAmountErrorKind::TooLarge => {
                f.write_str("an amount is at most 2^127 - 1 base units")
            }
            ParseAmountErrorKind::ZeroPrice => f.write_str("a price is more than zero"),
        }
    }
}

impl core::error::Error for ParseAmountError {}
