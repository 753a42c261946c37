//! Offers: the ways to pay for a route.

use std::error::Error;
use std::fmt;

use coinslot_caip2_network::ChainId;
use coinslot_usdc_amount::BaseUnits;

use crate::Protocol;
use crate::mpp::{ChannelOffer, ChargeOffer};
use crate::terms::OfferError;
use crate::x402::ExactOffer;

/// One way to pay for a route.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Offer {
    /// x402 with the scheme `exact`.
    X402Exact(ExactOffer),
    /// MPP with the intent `charge`.
    MppCharge(ChargeOffer),
    /// MPP with the intent `channel`.
    MppChannel(ChannelOffer),
}

impl From<ExactOffer> for Offer {
    fn from(offer: ExactOffer) -> Self {
        Self::X402Exact(offer)
    }
}

impl From<ChargeOffer> for Offer {
    fn from(offer: ChargeOffer) -> Self {
        Self::MppCharge(offer)
    }
}

impl From<ChannelOffer> for Offer {
    fn from(offer: ChannelOffer) -> Self {
        Self::MppChannel(offer)
    }
}

/// An offer as people read it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PriceTag {
    /// The protocol.
    pub protocol: Protocol,
    /// The price: `$0.001`, or base units of an asset that is not USDC.
    pub price: String,
    /// The same in base units of the asset.
    pub amount: BaseUnits,
    /// The token's contract.
    pub asset: String,
    /// The network.
    pub network: ChainId,
    /// Who is paid.
    pub pay_to: String,
    /// What is paid for as it is produced, at this price each: `token`.
    pub unit: Option<String>,
}

impl fmt::Display for PriceTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.price)?;
        if let Some(unit) = &self.unit {
            write!(f, " per {unit}")?;
        }
        write!(f, " on {} by {}", self.network, self.protocol)
    }
}

/// A price function could not tell the price. The gate answers 503, and never serves for free.
#[derive(Debug)]
pub struct PriceError(Box<dyn Error + Send + Sync>);

impl PriceError {
    /// The price is not known, because of this.
    pub fn new(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(cause.into())
    }
}

impl fmt::Display for PriceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the price is not known")
    }
}

impl Error for PriceError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0)
    }
}

impl From<OfferError> for PriceError {
    fn from(error: OfferError) -> Self {
        Self::new(error)
    }
}
