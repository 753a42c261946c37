//! What every offer says, whatever its protocol: how much, to whom, on which network.

use coinslot_caip2_network::{ChainId, StellarNetwork};
use coinslot_mpp_charge_stellar::TermsError;
use coinslot_mpp_wire::HeaderError;
use coinslot_stellar_address::{Address, ContractId, ParseAddressError};
use coinslot_usdc_amount::{BaseUnits, ConvertPriceError, ParseAmountError, Price, usdc_on};

use crate::Protocol;
use crate::offer::PriceTag;

/// The terms of an offer as the seller gives them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    price: Price,
    pay_to: Option<Address>,
    network: Option<StellarNetwork>,
}

/// The terms of an offer, complete and checked.
#[derive(Clone, Debug)]
pub(crate) struct CheckedTerms {
    pub(crate) network: StellarNetwork,
    pub(crate) pay_to: Address,
    pub(crate) amount: BaseUnits,
    pub(crate) asset: ContractId,
}

impl Terms {
    pub(crate) fn new<P>(price: P) -> Result<Self, OfferError>
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
        Ok(Self {
            price,
            pay_to: None,
            network: None,
        })
    }

    pub(crate) fn pay_to(&mut self, address: &str) -> Result<(), OfferError> {
        let address = address.parse().map_err(OfferError::PayTo)?;
        if matches!(address, Address::Muxed(_)) {
            return Err(OfferError::PayToMuxed);
        }
        self.pay_to = Some(address);
        Ok(())
    }

    pub(crate) fn network(&mut self, network: StellarNetwork) {
        self.network = Some(network);
    }

    /// The same, paid to this address unless another was given.
    pub(crate) fn paid_to(&self, address: Address) -> Self {
        Self {
            pay_to: self.pay_to.or(Some(address)),
            ..self.clone()
        }
    }

    pub(crate) fn check(&self) -> Result<CheckedTerms, OfferError> {
        let pay_to = self.pay_to.ok_or(OfferError::NoPayTo)?;
        let network = self.network.clone().ok_or(OfferError::NoNetwork)?;
        let chain = network.chain_id();
        let known = usdc_on(chain.as_str());
        let (amount, asset) = match &self.price {
            Price::Usd(price) => {
                let usdc = known.ok_or_else(|| OfferError::NoUsdc {
                    network: chain.to_owned(),
                })?;
                (price.to_base_units(usdc.decimals)?, usdc.contract)
            }
            Price::Asset { amount, asset } => {
                if let Some(usdc) = known
                    && usdc.issuer == Some(asset.as_str())
                {
                    return Err(OfferError::AssetIsIssuer {
                        contract: usdc.contract,
                    });
                }
                (*amount, asset.as_str())
            }
        };
        let asset: ContractId = asset.parse().map_err(OfferError::Asset)?;
        if pay_to == Address::Contract(asset) {
            return Err(OfferError::PayToAsset);
        }
        if known.is_some_and(|usdc| usdc.issuer == Some(pay_to.to_string().as_str())) {
            return Err(OfferError::PayToIssuer);
        }
        Ok(CheckedTerms {
            pay_to,
            amount,
            asset,
            network,
        })
    }
}

impl CheckedTerms {
    /// The terms as people read them.
    pub(crate) fn tag(&self, protocol: Protocol) -> PriceTag {
        let (chain, asset) = (self.network.chain_id(), self.asset.to_string());
        let price = match usdc_on(chain.as_str()) {
            Some(usdc) if usdc.contract == asset => {
                format!("${}", self.amount.to_decimal(usdc.decimals))
            }
            _ => format!("{} base units of {asset}", self.amount),
        };
        PriceTag {
            protocol,
            price,
            amount: self.amount,
            asset,
            network: chain.to_owned(),
            pay_to: self.pay_to.to_string(),
            unit: None,
        }
    }
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
    /// The recipient is the token itself, which keeps for ever what it is paid.
    #[error(
        "the recipient (pay_to) is the token's own contract; give the account that is to be paid"
    )]
    PayToAsset,
    /// The recipient is USDC's issuer, to whom a payment is a redemption.
    #[error("the recipient (pay_to) is USDC's issuer; give the account that is to be paid")]
    PayToIssuer,
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
    /// The longest validity of a signature, or of a challenge, is out of range.
    #[error("the timeout must be between 1 and {LONGEST_TIMEOUT_SECONDS} seconds")]
    MaxTimeout,
    /// An x402 offer, and nobody to settle it.
    #[error("the gate has no facilitator to settle x402 payments; give it one with facilitator")]
    NoFacilitator,
    /// An MPP offer, and nobody to settle it.
    #[error(
        "the gate cannot settle MPP charges; give it charges and a secret of 32 random bytes or more"
    )]
    NoCharges,
    /// An MPP offer on another network than the charges are settled on.
    #[error("the gate's charges are settled on another network than {network}")]
    OtherNetwork {
        /// The offer's network.
        network: ChainId,
    },
    /// A sponsored MPP offer, and nobody to pay the network's fees.
    #[error(
        "the offer is sponsored, and the gate's charges have no sponsor; take them from a LocalFacilitator"
    )]
    NoSponsor,
    /// An offer of channels, and nobody to keep them.
    #[error("the gate has no channels; give it channels and a secret of 32 random bytes or more")]
    NoChannels,
    /// Two offers of channels: the same voucher would pay for either.
    #[error("the route has two offers of channels; make one of them")]
    SeveralChannelOffers,
    /// An offer of channels on another network than the gate's.
    #[error("the gate's channels are on another network than {network}")]
    OtherChannelNetwork {
        /// The offer's network.
        network: ChainId,
    },
    /// An offer of channels to another recipient than the gate's.
    #[error("the gate's channels pay {recipient}, and nobody else can be paid from them")]
    OtherRecipient {
        /// The recipient of the gate's channels.
        recipient: String,
    },
    /// An offer of channels in another token than the gate's.
    #[error("the gate's channels hold the token {token}; the price must be in that token")]
    OtherToken {
        /// The token of the gate's channels.
        token: String,
    },
    /// The default channel is no contract's address.
    #[error("the default channel is not valid: {0}")]
    DefaultChannel(#[source] ParseAddressError),
    /// The terms are none that a charge can have.
    #[error("the charge is not valid: {0}")]
    Charge(#[source] TermsError),
    /// A text cannot be part of a challenge.
    #[error("the challenge is not valid: {0}")]
    Challenge(#[source] HeaderError),
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

pub(crate) const LONGEST_TIMEOUT_SECONDS: u64 = 3600;
