//! Amounts of a token, counted in its smallest unit.
//!
//! On the wire an amount is a string of ASCII digits, `"10000"`, without sign, point or leading zeros; it is never a number.
//! The largest amount is that of Soroban's `i128`, 2¹²⁷ − 1.

use alloc::string::{String, ToString};
use core::fmt;
use core::str::FromStr;

use crate::decimal;
use crate::decimals::Decimals;
use crate::parse_error::{ParseAmountError, ParseAmountErrorKind as Kind};

pub use encapsulate::BaseUnits;

mod encapsulate {
    use super::AmountError;

    /// A count of an asset's smallest units, 0 to 2¹²⁷ − 1.
    ///
    /// ```
    /// use coinslot_usdc_amount::BaseUnits;
    /// let amount: BaseUnits = "10000".parse()?;
    /// assert_eq!(amount.checked_add(BaseUnits::from_u64(1)), Some(BaseUnits::from_u64(10_001)));
    /// # Ok::<(), coinslot_usdc_amount::ParseAmountError>(())
    /// ```
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
    pub struct BaseUnits(u128);

    impl BaseUnits {
        /// Nothing.
        pub const ZERO: Self = Self(0);
        /// The most there can be: 2¹²⁷ − 1.
        pub const MAX: Self = Self(i128::MAX.unsigned_abs());

        /// This many base units.
        ///
        /// # Errors
        ///
        /// [`AmountError`] above 2¹²⁷ − 1.
        pub const fn new(units: u128) -> Result<Self, AmountError> {
            if units <= Self::MAX.0 {
                Ok(Self(units))
            } else {
                Err(AmountError)
            }
        }

        /// This many base units.
        #[must_use]
        #[allow(
            clippy::as_conversions,
            reason = "u128::from is not const; it only widens"
        )]
        pub const fn from_u64(units: u64) -> Self {
            Self(units as u128)
        }

        /// The count.
        #[must_use]
        pub const fn as_u128(self) -> u128 {
            self.0
        }

        /// The count as Soroban holds it.
        #[must_use]
        pub const fn to_i128(self) -> i128 {
            // Never out of range: the constructors keep the count at or below `i128::MAX`.
            0_i128.saturating_add_unsigned(self.0)
        }
    }
}

impl BaseUnits {
    /// Whether this is nothing.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.as_u128() == 0
    }

    /// The sum, unless it is too large.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        Self::new(self.as_u128().checked_add(other.as_u128())?).ok()
    }

    /// The difference, unless it is negative.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        Self::new(self.as_u128().checked_sub(other.as_u128())?).ok()
    }

    /// The product, unless it is too large.
    #[must_use]
    pub fn checked_mul(self, factor: u64) -> Option<Self> {
        Self::new(self.as_u128().checked_mul(factor.into())?).ok()
    }

    /// Reads an amount written in whole tokens, such as `1.5`, of an asset with this many decimals.
    ///
    /// # Errors
    ///
    /// [`ParseAmountError`] for whatever is not `digits[.digits]`, has more decimals than the asset (zeros included), or is too
    /// large.
    pub fn parse_decimal(text: &str, decimals: Decimals) -> Result<Self, ParseAmountError> {
        decimal::parse(text, decimals)?
            .to_base_units(decimals)
            .ok_or(ParseAmountError::new(Kind::TooLarge, 0))
    }

    /// The amount in whole tokens, exact, without trailing zeros: `1500000` with 6 decimals is `1.5`.
    #[must_use]
    pub const fn to_decimal(self, decimals: Decimals) -> DecimalAmount {
        DecimalAmount {
            units: self,
            decimals,
        }
    }
}

impl FromStr for BaseUnits {
    type Err = ParseAmountError;

    /// Reads a count of base units as the wire has it: digits only, no leading zeros.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut units = Self::ZERO;
        for (position, byte) in text.bytes().enumerate() {
            if !byte.is_ascii_digit() {
                return Err(ParseAmountError::new(Kind::UnexpectedCharacter, position));
            }
            units = decimal::push(units, byte)
                .ok_or(ParseAmountError::new(Kind::TooLarge, position))?;
        }
        match text.as_bytes() {
            [] => Err(ParseAmountError::new(Kind::Empty, 0)),
            [b'0', _, ..] => Err(ParseAmountError::new(Kind::LeadingZero, 0)),
            _ => Ok(units),
        }
    }
}

impl TryFrom<u128> for BaseUnits {
    type Error = AmountError;

    fn try_from(units: u128) -> Result<Self, Self::Error> {
        Self::new(units)
    }
}

impl TryFrom<i128> for BaseUnits {
    type Error = AmountError;

    fn try_from(units: i128) -> Result<Self, Self::Error> {
        u128::try_from(units)
            .map_err(|_| AmountError)
            .and_then(Self::new)
    }
}

impl From<u64> for BaseUnits {
    fn from(units: u64) -> Self {
        Self::from_u64(units)
    }
}

impl fmt::Display for BaseUnits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.as_u128(), f)
    }
}

impl fmt::Debug for BaseUnits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BaseUnits({})", self.as_u128())
    }
}

/// An amount in whole tokens, to be printed. Made by [`BaseUnits::to_decimal`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecimalAmount {
    units: BaseUnits,
    decimals: Decimals,
}

impl fmt::Display for DecimalAmount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&point(self.units, self.decimals.as_u8().into()))
    }
}

/// Writes the number with so many decimals and drops the zeros at the end.
pub(crate) fn point(units: BaseUnits, decimals: usize) -> String {
    let digits = units.to_string();
    let (whole, fraction) = match digits.len().checked_sub(decimals) {
        Some(0) | None => ("0", digits.as_str()),
        Some(cut) => digits.split_at_checked(cut).unwrap_or((&digits, "")),
    };
    let padding = decimals.saturating_sub(fraction.len());
    let fraction = ["0".repeat(padding).as_str(), fraction].concat();
    match fraction.trim_end_matches('0') {
        "" => String::from(whole),
        fraction => [whole, ".", fraction].concat(),
    }
}

/// More than 2¹²⁷ − 1 base units, or fewer than none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AmountError;

impl fmt::Display for AmountError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an amount is between 0 and 2^127 - 1 base units")
    }
}

impl core::error::Error for AmountError {}
