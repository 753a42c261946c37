//! Weights (RFC 9110 §12.4.2): `qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] )`.

use core::fmt;
use core::str::FromStr;

use super::{AcceptPaymentError, AcceptPaymentErrorKind};

/// How much something is liked, from 0 (not at all) to 1, in thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quality(u16);

impl Quality {
    /// Not at all.
    pub const ZERO: Self = Self(0);
    /// As much as anything.
    pub const ONE: Self = Self(1_000);

    /// In thousandths, 0 to 1000.
    #[must_use]
    pub const fn thousandths(self) -> u16 {
        self.0
    }
}

impl FromStr for Quality {
    type Err = AcceptPaymentError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        let wrong = AcceptPaymentError::new(AcceptPaymentErrorKind::Quality, 0);
        if !matches!(whole, "0" | "1") || decimals.len() > 3 {
            return Err(wrong);
        }
        // Three digits, those that are missing being 0.
        let mut digits = whole.bytes().chain(decimals.bytes()).chain(*b"000").take(4);
        let thousandths = digits.try_fold(0_u16, |number, digit| {
            let digit = digit.checked_sub(b'0').filter(|digit| *digit <= 9)?;
            number.checked_mul(10)?.checked_add(u16::from(digit))
        });
        match thousandths {
            Some(thousandths) if thousandths <= 1_000 => Ok(Self(thousandths)),
            _ => Err(wrong),
        }
    }
}

impl fmt::Display for Quality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str("0"),
            1_000.. => f.write_str("1"),
            thousandths => {
                let digits = alloc::format!("{thousandths:03}");
                write!(f, "0.{}", digits.trim_end_matches('0'))
            }
        }
    }
}
