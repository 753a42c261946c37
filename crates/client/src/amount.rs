//! An amount together with what it is an amount of, for sentences and events.

use core::fmt;

use coinslot_stellar_address::ContractId;
use coinslot_usdc_amount::{BaseUnits, Decimals};

/// An amount of one asset. Shown as `0.001 USDC`, or as `10000 base units of C…` when the asset is not USDC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount {
    /// How much, in base units.
    pub units: BaseUnits,
    /// Of what.
    pub unit: Unit,
}

/// An asset as far as a sentence needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// USDC on Stellar, with 7 decimals.
    Usdc,
    /// Lumens, in stroops: what network fees are paid in.
    Lumens,
    /// Another token, whose decimals are its own affair.
    Token(ContractId),
}

impl Unit {
    /// This much of the asset.
    #[must_use]
    pub fn amount(self, units: BaseUnits) -> Amount {
        Amount { units, unit: self }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.unit {
            Unit::Usdc => write!(f, "{} USDC", self.units.to_decimal(Decimals::USDC_STELLAR)),
            // A lumen has as many decimals as every asset of Stellar's own.
            Unit::Lumens => write!(f, "{} XLM", self.units.to_decimal(Decimals::USDC_STELLAR)),
            Unit::Token(contract) => write!(f, "{} base units of {contract}", self.units),
        }
    }
}
