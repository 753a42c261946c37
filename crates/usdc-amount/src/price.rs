//! Prices, as a seller writes them.
//!
//! ```text
//! price = [ "$" ] decimal
//! ```
//!
//! Example: `$0.001`. A price in dollars becomes base units only when the asset, and with it the number of decimals, is known. A
//! price in an explicit asset is already in base units.

use alloc::string::String;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::str::FromStr;

use crate::base_units::{BaseUnits, point};
use crate::decimal::{self, Decimal};
use crate::decimals::Decimals;
use crate::parse_error::{ParseAmountError, ParseAmountErrorKind as Kind};

/// What something costs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Price {
    /// So many dollars, to be paid in USDC.
    Usd(UsdPrice),
    /// So many base units of an asset.
    Asset {
        /// The amount in base units of the asset.
        amount: BaseUnits,
        /// The asset as its chain names it: a contract address, a mint.
        asset: String,
    },
}

/// A price in dollars, exact, more than zero.
///
/// ```
/// use coinslot_usdc_amount::{BaseUnits, Decimals, UsdPrice};
/// let price: UsdPrice = "$2.50".parse()?;
/// assert_eq!(price.to_string(), "$2.5");
/// assert_eq!(price.to_base_units(Decimals::USDC_EVM)?, BaseUnits::from_u64(2_500_000));
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct UsdPrice(Decimal);

impl UsdPrice {
    /// The price in base units of a dollar token with this many decimals.
    ///
    /// # Errors
    ///
    /// [`ConvertPriceError`] when the price was written with more decimals than the asset has, and when the amount is too large.
    pub fn to_base_units(&self, decimals: Decimals) -> Result<BaseUnits, ConvertPriceError> {
        if self.0.decimals > decimals.as_u8() {
            return Err(ConvertPriceError::TooManyDecimals {
                price: self.0.decimals,
                asset: decimals.as_u8(),
            });
        }
        self.0
            .to_base_units(decimals)
            .ok_or(ConvertPriceError::TooLarge)
    }

    /// The same value with as few decimals as it needs; equal prices have equal ones.
    fn reduced(&self) -> (u128, u8) {
        let (mut significand, mut decimals) = (self.0.significand.as_u128(), self.0.decimals);
        while let (Some(fewer), Some(0)) = (decimals.checked_sub(1), significand.checked_rem(10)) {
            significand = significand.checked_div(10).unwrap_or(0);
            decimals = fewer;
        }
        (significand, decimals)
    }
}

impl FromStr for UsdPrice {
    type Err = ParseAmountError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (sign, number) = match text.strip_prefix('$') {
            Some(number) => (1, number),
            None => (0, text),
        };
        let decimal = decimal::parse(number, Decimals::MAX).map_err(|error| error.after(sign))?;
        if decimal.significand.is_zero() {
            return Err(ParseAmountError::new(Kind::ZeroPrice, sign));
        }
        Ok(Self(decimal))
    }
}

impl TryFrom<&str> for UsdPrice {
    type Error = ParseAmountError;

    fn try_from(text: &str) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl fmt::Display for UsdPrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = point(self.0.significand, self.0.decimals.into());
        f.pad(&["$", number.as_str()].concat())
    }
}

impl PartialEq for UsdPrice {
    fn eq(&self, other: &Self) -> bool {
        self.reduced() == other.reduced()
    }
}

impl Eq for UsdPrice {}

impl Hash for UsdPrice {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.reduced().hash(state);
    }
}

impl FromStr for Price {
    type Err = ParseAmountError;

    /// Reads a price in dollars.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self::Usd)
    }
}

impl TryFrom<&str> for Price {
    type Error = ParseAmountError;

    fn try_from(text: &str) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<UsdPrice> for Price {
    fn from(price: UsdPrice) -> Self {
        Self::Usd(price)
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usd(price) => fmt::Display::fmt(price, f),
            Self::Asset { amount, asset } => write!(f, "{amount} base units of {asset}"),
        }
    }
}

/// Why a price cannot be paid in an asset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConvertPriceError {
    /// The price is written with more decimals than the asset has.
    TooManyDecimals {
        /// How many decimals the price has.
        price: u8,
        /// How many decimals the asset has.
        asset: u8,
    },
    /// The price is more than 2¹²⁷ − 1 base units.
    TooLarge,
}

impl fmt::Display for ConvertPriceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooManyDecimals { price, asset } => write!(
                f,
                "the price has {price} decimals, the asset has {asset}: write the price with at most {asset}"
            ),
            Self::TooLarge => f.write_str("the price is more than 2^127 - 1 base units"),
        }
    }
}

impl core::error::Error for ConvertPriceError {}
