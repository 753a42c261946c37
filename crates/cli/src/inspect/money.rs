//! Amounts of tokens, in words where the token is USDC.

use core::fmt;

use coinslot_client::ServerText;
use coinslot_usdc_amount::{BaseUnits, USDC_DEPLOYMENTS, UsdcDeployment};
use serde::Serialize;

/// An amount of a token.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Money {
    /// In the token's base units.
    pub(crate) base_units: String,
    /// The token's contract.
    pub(crate) asset: String,
    /// As a decimal, when the token is USDC.
    pub(crate) usdc: Option<String>,
    /// The chain whose USDC it is.
    pub(crate) usdc_on: Option<&'static str>,
}

impl Money {
    /// So many base units of the token with this contract.
    pub(crate) fn new(units: BaseUnits, asset: &str) -> Self {
        let usdc = usdc(asset);
        Self {
            base_units: units.to_string(),
            asset: asset.to_owned(),
            usdc: usdc.map(|usdc| units.to_decimal(usdc.decimals).to_string()),
            usdc_on: usdc.map(|usdc| usdc.chain),
        }
    }

    /// Whether it is nothing.
    pub(crate) fn is_zero(&self) -> bool {
        self.base_units == "0"
    }

    /// Without the chain, where that is known.
    pub(crate) fn short(&self) -> String {
        match &self.usdc {
            Some(usdc) => format!("{usdc} USDC"),
            None => format!("{} base units", self.base_units),
        }
    }
}

/// The deployment of USDC with this contract.
pub(crate) fn usdc(contract: &str) -> Option<&'static UsdcDeployment> {
    USDC_DEPLOYMENTS
        .iter()
        .find(|usdc| usdc.contract == contract)
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.usdc, self.usdc_on) {
            (Some(usdc), Some(chain)) => {
                write!(f, "{usdc} USDC on {chain} ({} base units)", self.base_units)
            }
            _ => write!(
                f,
                "{} base units of {}",
                self.base_units,
                ServerText::new(&self.asset)
            ),
        }
    }
}
