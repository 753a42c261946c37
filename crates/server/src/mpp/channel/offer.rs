//! Offers by MPP, intent `channel`, on Stellar.

use std::sync::Arc;
use std::time::Duration;

use coinslot_caip2_network::StellarNetwork;
use coinslot_mpp_channel_stellar::Price as ChannelPrice;
use coinslot_mpp_wire::stellar::{ChannelDetails, ChannelRequest};
use coinslot_mpp_wire::{
    ChallengeSecrets, EncodedRequest, IntentName, Issuer, MethodName, Terms as ChallengeTerms,
};
use coinslot_stellar_address::{ContractId, ParseAddressError};
use coinslot_usdc_amount::{BaseUnits, Price};

use super::issuers::Issuers;
use crate::mpp::challenge::{Expiry, Minting};
use crate::terms::{CheckedTerms, OfferError, Terms};
use crate::{PriceTag, Protocol};

/// Offers a route for a price, by MPP with the intent `channel`: the buyer has deposited into a
/// channel, and pays each request with a signature.
///
/// The buyer names its channel in the header `Payment-Channel`; one gate serves any number of
/// channels. A price in dollars is paid from channels of USDC.
///
/// ```
/// use coinslot_caip2_network::StellarNetwork;
/// use coinslot_server::mpp;
///
/// let offer = mpp::channel("$0.0001")?.network(StellarNetwork::Testnet);
/// # Ok::<(), coinslot_server::OfferError>(())
/// ```
///
/// # Errors
/// [`OfferError::Price`] when the text is no price, [`OfferError::Free`] for a price of zero.
pub fn channel<P>(price: P) -> Result<ChannelOffer, OfferError>
where
    P: TryInto<Price>,
    OfferError: From<P::Error>,
{
    Ok(ChannelOffer {
        terms: Terms::new(price)?,
        default_channel: None,
        announce_cumulative: false,
        expires_in: DEFAULT_EXPIRES_IN,
        external_id: None,
        unit: None,
        wait_for_voucher: DEFAULT_WAIT_FOR_VOUCHER,
    })
}

/// An offer by MPP with the intent `channel` on Stellar; made by [`channel`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelOffer {
    terms: Terms,
    default_channel: Option<ContractId>,
    announce_cumulative: bool,
    expires_in: Duration,
    external_id: Option<String>,
    unit: Option<String>,
    wait_for_voucher: Duration,
}

impl ChannelOffer {
    /// The recipient of the channels; that of the gate's [channels](crate::GateBuilder::channels)
    /// unless told otherwise, and no other.
    ///
    /// # Errors
    /// [`OfferError::PayTo`] when it is no such address.
    pub fn pay_to(mut self, address: impl AsRef<str>) -> Result<Self, OfferError> {
        self.terms.pay_to(address.as_ref())?;
        Ok(self)
    }

    /// The network of the channels.
    #[must_use]
    pub fn network(mut self, network: StellarNetwork) -> Self {
        self.terms.network(network);
        self
    }

    /// Makes the price that of one unit, such as a `token`, of an answer that is paid for as it is
    /// [produced](crate::stream). A voucher must pay for one unit more, and reserves all that it
    /// covers. The [amount](crate::Payment::amount) of the payment is the price of one unit, too.
    #[must_use]
    pub fn per_unit(mut self, unit: impl Into<String>) -> Self {
        self.unit = Some(unit.into());
        self
    }

    /// How long such an answer waits for the voucher that lets it go on; a minute unless told
    /// otherwise.
    #[must_use]
    pub const fn wait_for_voucher(mut self, wait: Duration) -> Self {
        self.wait_for_voucher = wait;
        self
    }

    /// The channel that is offered to whoever names none. Clients of the official SDK pay from the
    /// channel that the challenge names, so that a route for them has one.
    ///
    /// # Errors
    /// [`OfferError::DefaultChannel`] when it is no contract's address.
    pub fn default_channel(mut self, channel: impl AsRef<str>) -> Result<Self, OfferError> {
        let parsed: Result<_, ParseAddressError> = channel.as_ref().parse();
        self.default_channel = Some(parsed.map_err(OfferError::DefaultChannel)?);
        Ok(self)
    }

    /// Tells everyone how far the default channel is used, as clients of the official SDK need when
    /// they have no record of their own. Off unless told otherwise: it is nobody else's matter.
    #[must_use]
    pub const fn announce_cumulative(mut self) -> Self {
        self.announce_cumulative = true;
        self
    }

    /// How long a challenge is good, in whole seconds; 5 minutes unless told otherwise. Until then
    /// it can be answered by any number of vouchers.
    #[must_use]
    pub const fn expires_in(mut self, expires_in: Duration) -> Self {
        self.expires_in = expires_in;
        self
    }

    /// The seller's own name for the payment; the receipt gives it back.
    #[must_use]
    pub fn external_id(mut self, external_id: impl Into<String>) -> Self {
        self.external_id = Some(external_id.into());
        self
    }

    /// The offer with every field checked.
    pub(crate) fn resolve(&self, minting: &Minting) -> Result<ResolvedChannel, OfferError> {
        let channels = minting.channels.as_ref().ok_or(OfferError::NoChannels)?;
        let terms = self.terms.paid_to(channels.recipient()).check()?;
        let chain = terms.network.chain_id();
        if terms.network != *channels.network() {
            return Err(OfferError::OtherChannelNetwork {
                network: chain.to_owned(),
            });
        }
        if terms.pay_to != channels.recipient() {
            return Err(OfferError::OtherRecipient {
                recipient: channels.recipient().to_string(),
            });
        }
        if terms.asset != channels.token() {
            return Err(OfferError::OtherToken {
                token: channels.token().to_string(),
            });
        }
        let resolved = ResolvedChannel {
            tag: PriceTag {
                unit: self.unit.clone(),
                ..terms.tag(Protocol::Mpp)
            },
            unit: self.unit.clone(),
            wait_for_voucher: self.wait_for_voucher,
            expiry: Arc::new(Expiry::after(self.expires_in)?),
            default_channel: self.default_channel,
            announce_cumulative: self.announce_cumulative,
            external_id: self.external_id.clone(),
            description: minting.description.clone(),
            realm: minting.realm.clone(),
            secrets: minting.secrets.clone(),
            issuers: Arc::default(),
            terms,
        };
        // What a challenge cannot say is found out now, with any channel.
        resolved
            .new_issuer(&ContractId::from_bytes([0; 32]), None)
            .map_err(OfferError::Challenge)?;
        Ok(resolved)
    }
}

/// An offer, ready to be made for any channel.
#[derive(Clone, Debug)]
pub(crate) struct ResolvedChannel {
    pub(crate) terms: CheckedTerms,
    pub(crate) tag: PriceTag,
    pub(crate) expiry: Arc<Expiry>,
    pub(crate) default_channel: Option<ContractId>,
    pub(crate) announce_cumulative: bool,
    pub(crate) external_id: Option<String>,
    /// What is paid for as it is produced.
    unit: Option<String>,
    pub(crate) wait_for_voucher: Duration,
    description: Option<String>,
    realm: String,
    secrets: ChallengeSecrets,
    issuers: Arc<Issuers>,
}

impl ResolvedChannel {
    /// What mints and knows the challenges for a channel that are the same for everyone.
    pub(crate) fn issuer(&self, channel: &ContractId) -> Option<Arc<Issuer>> {
        self.issuers
            .of_channel(channel, || self.new_issuer(channel, None).ok())
    }

    /// The same, by the request that a challenge asks for.
    pub(crate) fn issuer_of(&self, request: &EncodedRequest) -> Option<(ContractId, Arc<Issuer>)> {
        self.issuers.of_request(request)
    }

    /// What mints challenges for a channel, of which some are told how far it is used.
    pub(crate) fn new_issuer(
        &self,
        channel: &ContractId,
        cumulative: Option<BaseUnits>,
    ) -> Result<Issuer, coinslot_mpp_wire::HeaderError> {
        let challenge = ChallengeTerms::new(
            self.realm.clone(),
            MethodName::stellar(),
            IntentName::channel(),
            self.request(channel, cumulative).encode(),
        )?;
        Ok(Issuer::new(&self.secrets, challenge))
    }

    /// What a request costs.
    pub(crate) const fn price(&self) -> ChannelPrice {
        match &self.unit {
            Some(_) => ChannelPrice::PerUnit(self.terms.amount),
            None => ChannelPrice::Once(self.terms.amount),
        }
    }

    /// What this route asks for of a channel.
    pub(crate) fn request(
        &self,
        channel: &ContractId,
        cumulative: Option<BaseUnits>,
    ) -> ChannelRequest {
        let details = ChannelDetails {
            cumulative_amount: cumulative,
            network: Some(self.terms.network.chain_id().to_owned()),
            reference: None,
        };
        ChannelRequest {
            description: self.description.clone(),
            external_id: self.external_id.clone(),
            unit_type: self.unit.clone(),
            ..ChannelRequest::new(self.terms.amount, channel.to_string(), details)
        }
    }
}

const DEFAULT_EXPIRES_IN: Duration = Duration::from_secs(300);
const DEFAULT_WAIT_FOR_VOUCHER: Duration = Duration::from_secs(60);
