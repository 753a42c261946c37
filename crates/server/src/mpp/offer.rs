//! Offers by MPP, intent `charge`, on Stellar.

use std::sync::Arc;
use std::time::Duration;

use coinslot_caip2_network::StellarNetwork;
use coinslot_mpp_charge_stellar::{ChargeTerms, Rules};
use coinslot_mpp_wire::stellar::{ChargeDetails, ChargeRequest, CredentialType};
use coinslot_mpp_wire::{IntentName, Issuer, MethodName, Terms as ChallengeTerms};
use coinslot_usdc_amount::Price;

use super::challenge::{Expiry, Minting};
use crate::terms::{CheckedTerms, OfferError, Terms};
use crate::{PriceTag, Protocol};

/// Offers a route for a price, by MPP with the intent `charge`: one transfer for each request, which
/// the gate settles itself.
///
/// A price in dollars is paid in USDC. Another token is priced in its own base units, with
/// [`Price::Asset`].
///
/// ```
/// use coinslot_caip2_network::StellarNetwork;
/// use coinslot_server::mpp;
///
/// let offer = mpp::charge("$0.001")?
///     .pay_to("GDKYZQVB74MCNGJIIDK3XQ7B4TNDFSY4V2NL72HNFT4VEKVUXI2MYMX5")?
///     .network(StellarNetwork::Testnet)
///     .external_id("order-9");
/// # Ok::<(), coinslot_server::OfferError>(())
/// ```
///
/// # Errors
/// [`OfferError::Price`] when the text is no price, or a price of zero.
pub fn charge<P>(price: P) -> Result<ChargeOffer, OfferError>
where
    P: TryInto<Price>,
    OfferError: From<P::Error>,
{
    Ok(ChargeOffer {
        terms: Terms::new(price)?,
        sponsored: None,
        unsigned_hash: false,
        expires_in: DEFAULT_EXPIRES_IN,
        external_id: None,
    })
}

/// An offer by MPP with the intent `charge` on Stellar; made by [`charge`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChargeOffer {
    terms: Terms,
    sponsored: Option<bool>,
    unsigned_hash: bool,
    expires_in: Duration,
    external_id: Option<String>,
}

impl ChargeOffer {
    /// Who is paid: an account `G…` or a contract `C…`. An account needs a trustline to USDC
    /// before it can be paid.
    ///
    /// # Errors
    /// [`OfferError::PayTo`] when it is no such address.
    pub fn pay_to(mut self, address: impl AsRef<str>) -> Result<Self, OfferError> {
        self.terms.pay_to(address.as_ref())?;
        Ok(self)
    }

    /// The network on which it is paid.
    #[must_use]
    pub fn network(mut self, network: StellarNetwork) -> Self {
        self.terms.network(network);
        self
    }

    /// Whether the gate pays the network's fees, so that the buyer needs no XLM. Unless told
    /// otherwise it does when its [charges](crate::GateBuilder::charges) have a sponsor.
    ///
    /// A sponsored charge is paid in pull mode only.
    #[must_use]
    pub const fn sponsored(mut self, sponsored: bool) -> Self {
        self.sponsored = Some(sponsored);
        self
    }

    /// Takes push credentials without the payer's signature (`type` `hash`) too. Hashes are public:
    /// whoever sees a payment on the chain first can present it. Off unless told otherwise.
    #[must_use]
    pub const fn accept_unsigned_hash(mut self) -> Self {
        self.unsigned_hash = true;
        self
    }

    /// How long a challenge is good, in whole seconds; 5 minutes unless told otherwise.
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

    /// The offer as this route's own canonical request, with every field checked.
    pub(crate) fn resolve(&self, minting: &Minting) -> Result<ResolvedCharge, OfferError> {
        let terms = self.terms.check()?;
        let chain = terms.network.chain_id();
        let charges = minting.charges.as_ref().ok_or(OfferError::NoCharges)?;
        if terms.network != *charges.network() {
            return Err(OfferError::OtherNetwork {
                network: chain.to_owned(),
            });
        }
        let sponsored = self.sponsored.unwrap_or(charges.sponsors());
        if sponsored && !charges.sponsors() {
            return Err(OfferError::NoSponsor);
        }
        let expiry = Arc::new(Expiry::after(self.expires_in)?);
        let request = ChargeRequest {
            description: minting.description.clone(),
            external_id: self.external_id.clone(),
            ..ChargeRequest::new(
                terms.amount,
                terms.asset.to_string(),
                terms.pay_to.to_string(),
                self.details(&terms, sponsored),
            )
        };
        let terms_of_charge =
            ChargeTerms::read(&request.encode(), &terms.network).map_err(OfferError::Charge)?;
        let challenge = ChallengeTerms::new(
            minting.realm.clone(),
            MethodName::stellar(),
            IntentName::charge(),
            request.encode(),
        )
        .map_err(OfferError::Challenge)?;
        Ok(ResolvedCharge {
            issuer: Issuer::new(&minting.secrets, challenge),
            expiry,
            tag: terms.tag(Protocol::Mpp),
            unsigned_hash: self.unsigned_hash,
            terms: terms_of_charge,
        })
    }

    fn details(&self, terms: &CheckedTerms, sponsored: bool) -> ChargeDetails {
        let network = terms.network.chain_id().to_owned();
        if sponsored {
            return ChargeDetails::sponsored(network);
        }
        let unsigned = self.unsigned_hash.then_some(CredentialType::Hash);
        let types = [CredentialType::Transaction, CredentialType::SignedHash];
        ChargeDetails {
            credential_types: Some(types.into_iter().chain(unsigned).collect()),
            ..ChargeDetails::unsponsored(network)
        }
    }
}

/// An offer, ready to be made and to be compared with what a buyer answers.
#[derive(Clone, Debug)]
pub(crate) struct ResolvedCharge {
    pub(crate) terms: ChargeTerms,
    unsigned_hash: bool,
    pub(crate) issuer: Issuer,
    pub(crate) expiry: Arc<Expiry>,
    pub(crate) tag: PriceTag,
}

impl ResolvedCharge {
    /// The rules of the gate's charges, with what is this offer's own.
    pub(crate) fn rules(&self, rules: &Rules) -> Rules {
        Rules {
            accept_unsigned_hash: self.unsigned_hash,
            ..rules.clone()
        }
    }
}

const DEFAULT_EXPIRES_IN: Duration = Duration::from_secs(300);
