//! Offers by the scheme `exact` on Stellar.

use std::time::Duration;

use coinslot_caip2_network::{ChainId, StellarNetwork};
use coinslot_soroban_authorization::{Address, ContractId, ParseAddressError};
use coinslot_usdc_amount::{ConvertPriceError, ParseAmountError, Price, usdc_on};
use coinslot_x402_exact_stellar::SCHEME;
use coinslot_x402_wire::PaymentRequirements;

use super::kinds::Kinds;
use crate::{PriceTag, Protocol};

/// Offers a route for a price, by x402 with the scheme `exact`.
///
/// A price in dollars is paid in USDC. Another token is priced in its own base units, with
/// [`Price::Asset`].
///
/// ```
/// use coinslot_caip2_network::StellarNetwork;
/// use coinslot_server::x402;
///
/// let offer = x402::exact("$0.001")?
///     .pay_to("GDKYZQVB74MCNGJIIDK3XQ7B4TNDFSY4V2NL72HNFT4VEKVUXI2MYMX5")?
///     .network(StellarNetwork::Testnet);
/// # Ok::<(), x402::OfferError>(())
/// ```
///
/// # Errors
/// [`OfferError::Price`] when the text is no price, or a price of zero.
pub fn exact<P>(price: P) -> Result<ExactOffer, OfferError>
where
    P: TryInto<Price>,
    OfferError: From<P::Error>,
{
    let price = price.try_into()?;
    if let Price::Asset { amount, .. } = &price
        && amount.is_zero()
    {
        return Err(OfferError::Free);
    }
    Ok(ExactOffer {
        price,
        pay_to: None,
        network: None,
        max_timeout: DEFAULT_MAX_TIMEOUT,
    })
}

/// An offer by the scheme `exact` on Stellar; made by [`exact`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExactOffer {
    price: Price,
    pay_to: Option<Address>,
    network: Option<StellarNetwork>,
    max_timeout: Duration,
}

impl ExactOffer {
    /// Who is paid: an account `G…` or a contract `C…`. An account needs a trustline to USDC
    /// before it can be paid.
    ///
    /// # Errors
    /// [`OfferError::PayTo`] when it is no such address.
    pub fn pay_to(mut self, address: impl AsRef<str>) -> Result<Self, OfferError> {
        let address = address.as_ref().parse().map_err(OfferError::PayTo)?;
        if matches!(address, Address::Muxed(_)) {
            return Err(OfferError::PayToMuxed);
        }
        self.pay_to = Some(address);
        Ok(self)
    }

    /// The network on which it is paid.
    #[must_use]
    pub fn network(mut self, network: StellarNetwork) -> Self {
        self.network = Some(network);
        self
    }

    /// How long the buyer's signature is valid at most, in whole seconds; 60 seconds unless told
    /// otherwise.
    #[must_use]
    pub const fn max_timeout(mut self, max_timeout: Duration) -> Self {
        self.max_timeout = max_timeout;
        self
    }

    /// The offer as this route's own canonical requirement, with every field checked.
    pub(crate) fn resolve(&self, kinds: &Kinds) -> Result<Resolved, OfferError> {
        let pay_to = self.pay_to.ok_or(OfferError::NoPayTo)?;
        let network = self.network.clone().ok_or(OfferError::NoNetwork)?;
        let chain = network.chain_id();
        let kind = kinds
            .exact_on(chain)
            .ok_or_else(|| OfferError::NotSupported {
                network: chain.to_owned(),
            })?;
        let max_timeout_seconds = self.max_timeout.as_secs();
        if !(1..=LONGEST_MAX_TIMEOUT_SECONDS).contains(&max_timeout_seconds) {
            return Err(OfferError::MaxTimeout);
        }
        let known = usdc_on(chain.as_str());
        let (amount, asset) = match &self.price {
            Price::Usd(price) => {
                let usdc = known.ok_or_else(|| OfferError::NoUsdc {
                    network: chain.to_owned(),
                })?;
                (
                    price.to_base_units(usdc.decimals)?,
                    usdc.contract.to_owned(),
                )
            }
            Price::Asset { amount, asset } => {
                if let Some(usdc) = known
                    && usdc.issuer == Some(asset.as_str())
                {
                    return Err(OfferError::AssetIsIssuer {
                        contract: usdc.contract,
                    });
                }
                let asset: ContractId = asset.parse().map_err(OfferError::Asset)?;
                (*amount, asset.to_string())
            }
        };
        let price = match known {
            Some(usdc) if usdc.contract == asset => {
                format!("${}", amount.to_decimal(usdc.decimals))
            }
            _ => format!("{amount} base units of {asset}"),
        };
        let requirements = PaymentRequirements {
            scheme: SCHEME.to_owned(),
            network: chain.to_owned(),
            amount,
            asset: asset.clone(),
            pay_to: pay_to.to_string(),
            max_timeout_seconds,
            extra: Some(kind.extra()),
        };
        let tag = PriceTag {
            protocol: Protocol::X402,
            price,
            amount,
            asset,
            network: chain.to_owned(),
            pay_to: requirements.pay_to.clone(),
        };
        Ok(Resolved {
            network,
            requirements,
            tag,
        })
    }
}

/// An offer, ready to be made and to be compared with what a buyer accepted.
#[derive(Clone, Debug)]
pub(crate) struct Resolved {
    pub(crate) network: StellarNetwork,
    pub(crate) requirements: PaymentRequirements,
    pub(crate) tag: PriceTag,
}

/// An offer cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OfferError {
    /// The price is not written as a price is.
    #[error("the price is not valid: {0}")]
    Price(#[from] ParseAmountError),
    /// The price cannot be paid in the asset.
    #[error("the price cannot be charged: {0}")]
    Amount(#[from] ConvertPriceError),
    /// The price is zero. A free route needs no gate.
    #[error("the price is zero; leave the gate away where nothing is to be paid")]
    Free,
    /// No recipient was given.
    #[error("the offer has no recipient; give it one with pay_to")]
    NoPayTo,
    /// The recipient is no address that can be paid.
    #[error("the recipient (pay_to) is not valid: {0}")]
    PayTo(#[source] ParseAddressError),
    /// The recipient is a muxed address.
    #[error("the recipient (pay_to) is a muxed M… address; give the G… account behind it")]
    PayToMuxed,
    /// No network was given.
    #[error("the offer has no network; give it one with network")]
    NoNetwork,
    /// USDC is not known on the network.
    #[error(
        "no USDC is known on {network}; give the price as an amount of an asset (Price::Asset)"
    )]
    NoUsdc {
        /// The network.
        network: ChainId,
    },
    /// The asset is no contract address.
    #[error("the asset is not valid: {0}")]
    Asset(#[source] ParseAddressError),
    /// The asset is the address of USDC's issuer, which only trustlines name.
    #[error(
        "the asset is the address of USDC's issuer, which is for trustlines; payments name its contract, {contract}"
    )]
    AssetIsIssuer {
        /// USDC's contract on the same network.
        contract: &'static str,
    },
    /// The longest validity of a signature is out of range.
    #[error("the timeout must be between 1 and {LONGEST_MAX_TIMEOUT_SECONDS} seconds")]
    MaxTimeout,
    /// The facilitator does not settle this scheme on this network.
    #[error("the facilitator does not settle the scheme exact on {network}; see its /supported")]
    NotSupported {
        /// The network.
        network: ChainId,
    },
}

impl From<std::convert::Infallible> for OfferError {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

const DEFAULT_MAX_TIMEOUT: Duration = Duration::from_secs(60);
const LONGEST_MAX_TIMEOUT_SECONDS: u64 = 3600;
