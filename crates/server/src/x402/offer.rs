//! Offers by the scheme `exact` on Stellar.

use std::time::Duration;

use coinslot_caip2_network::StellarNetwork;
use coinslot_usdc_amount::Price;
use coinslot_x402_exact_stellar::SCHEME;
use coinslot_x402_wire::PaymentRequirements;

use super::kinds::Kinds;
use crate::terms::{LONGEST_TIMEOUT_SECONDS, OfferError, Terms};
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
/// # Ok::<(), coinslot_server::OfferError>(())
/// ```
///
/// # Errors
/// [`OfferError::Price`] when the text is no price, or a price of zero.
pub fn exact<P>(price: P) -> Result<ExactOffer, OfferError>
where
    P: TryInto<Price>,
    OfferError: From<P::Error>,
{
    Ok(ExactOffer {
        terms: Terms::new(price)?,
        max_timeout: DEFAULT_MAX_TIMEOUT,
    })
}

/// An offer by the scheme `exact` on Stellar; made by [`exact`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExactOffer {
    terms: Terms,
    max_timeout: Duration,
}

impl ExactOffer {
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

    /// How long the buyer's signature is valid at most, in whole seconds; 60 seconds unless told
    /// otherwise.
    #[must_use]
    pub const fn max_timeout(mut self, max_timeout: Duration) -> Self {
        self.max_timeout = max_timeout;
        self
    }

    /// The offer as this route's own canonical requirement, with every field checked.
    pub(crate) fn resolve(&self, kinds: &Kinds) -> Result<Resolved, OfferError> {
        let terms = self.terms.check()?;
        let chain = terms.network.chain_id();
        let kind = kinds
            .exact_on(chain)
            .ok_or_else(|| OfferError::NotSupported {
                network: chain.to_owned(),
            })?;
        let max_timeout_seconds = self.max_timeout.as_secs();
        if !(1..=LONGEST_TIMEOUT_SECONDS).contains(&max_timeout_seconds) {
            return Err(OfferError::MaxTimeout);
        }
        let tag = terms.tag(Protocol::X402);
        let requirements = PaymentRequirements {
            scheme: SCHEME.to_owned(),
            network: tag.network.clone(),
            amount: tag.amount,
            asset: tag.asset.clone(),
            pay_to: tag.pay_to.clone(),
            max_timeout_seconds,
            extra: Some(kind.extra()),
        };
        Ok(Resolved {
            network: terms.network,
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

const DEFAULT_MAX_TIMEOUT: Duration = Duration::from_secs(60);
