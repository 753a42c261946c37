//! The one grammar of decimal amounts.
//!
//! ```text
//! decimal = 1*DIGIT [ "." 1*DIGIT ]        ; ASCII digits only
//! ```
//!
//! Example: `12.50`. Not supported, on purpose: signs, exponents, separators, spaces, a bare point.

use crate::base_units::BaseUnits;
use crate::decimals::Decimals;
use crate::parse_error::{ParseAmountError, ParseAmountErrorKind as Kind};

/// A decimal number as written: `significand` × 10^−`decimals`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decimal {
    pub(crate) significand: BaseUnits,
    pub(crate) decimals: u8,
}

/// Reads a decimal number with at most this many decimals.
pub(crate) fn parse(text: &str, most: Decimals) -> Result<Decimal, ParseAmountError> {
    let mut significand = BaseUnits::ZERO;
    let mut decimals = None::<u8>;
    let mut digit_expected = true;
    for (position, byte) in text.bytes().enumerate() {
        match (byte, decimals) {
            (b'0'..=b'9', _) => {
                if let Some(count) = &mut decimals {
                    if *count >= most.as_u8() {
                        let allowed = most.as_u8();
                        return Err(ParseAmountError::new(
                            Kind::TooManyDecimals { allowed },
                            position,
                        ));
                    }
                    *count = count.saturating_add(1);
                }
                significand = push(significand, byte)
                    .ok_or(ParseAmountError::new(Kind::TooLarge, position))?;
                digit_expected = false;
            }
            (b'.', None) if !digit_expected => {
                decimals = Some(0);
                digit_expected = true;
            }
            (b'.', None) => return Err(ParseAmountError::new(Kind::MissingDigit, position)),
            _ => return Err(ParseAmountError::new(Kind::UnexpectedCharacter, position)),
        }
    }
    if digit_expected {
        let kind = if text.is_empty() {
            Kind::Empty
        } else {
            Kind::MissingDigit
        };
        return Err(ParseAmountError::new(kind, text.len()));
    }
    Ok(Decimal {
        significand,
        decimals: decimals.unwrap_or(0),
    })
}

impl Decimal {
    /// The same number in base units of an asset with this many decimals; `None` when it does not fit.
    pub(crate) fn to_base_units(self, decimals: Decimals) -> Option<BaseUnits> {
        let missing = decimals.as_u8().checked_sub(self.decimals)?;
        let factor = 10_u128.checked_pow(missing.into())?;
        let units = self.significand.as_u128().checked_mul(factor)?;
        BaseUnits::new(units).ok()
    }
}

/// The number with one more digit.
pub(crate) fn push(number: BaseUnits, digit: u8) -> Option<BaseUnits> {
    let number = number.as_u128().checked_mul(10)?;
    let number = number.checked_add(digit.checked_sub(b'0')?.into())?;
    BaseUnits::new(number).ok()
}
