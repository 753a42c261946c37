//! How many decimals an asset has.

use core::fmt;

/// The number of decimals of an asset, 0 to 38: one whole token is 10 to this power base units.
///
/// Decimals are a property of the asset where it is deployed. They are given, never guessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decimals(u8);

impl Decimals {
    /// USDC on Stellar: 7.
    pub const USDC_STELLAR: Self = Self(7);
    /// USDC on Base and other EVM chains: 6.
    pub const USDC_EVM: Self = Self(6);
    /// USDC on Solana: 6.
    pub const USDC_SOLANA: Self = Self(6);
    /// The most decimals that an amount can have.
    pub const MAX: Self = Self(38);

    /// This many decimals.
    ///
    /// # Errors
    ///
    /// [`DecimalsError`] above 38.
    pub const fn new(decimals: u8) -> Result<Self, DecimalsError> {
        if decimals <= Self::MAX.0 {
            Ok(Self(decimals))
        } else {
            Err(DecimalsError { given: decimals })
        }
    }

    /// The number.
    #[must_use]
    pub const fn as_u8(self) -> u8 {
        self.0
    }
}

impl fmt::Display for Decimals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// More than 38 decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecimalsError {
    given: u8,
}

impl fmt::Display for DecimalsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an asset has at most 38 decimals, not {}", self.given)
    }
}

impl core::error::Error for DecimalsError {}
