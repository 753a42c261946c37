//! The offers of a route, with everything about them that does not depend on the request.

use std::sync::Arc;

use crate::mpp::challenge::Minting;
use crate::mpp::channel::offer::ResolvedChannel;
use crate::mpp::offer::ResolvedCharge;
use crate::offer::{Offer, PriceTag};
use crate::reason::Reason;
use crate::terms::OfferError;
use crate::written::{Written, WrittenLately};
use crate::x402::challenge::{Challenge, ResourceTexts};
use crate::x402::kinds::Kinds;
use crate::x402::offer::Resolved;

/// Checked offers, ready to be made.
#[derive(Debug)]
pub(crate) struct Priced {
    pub(crate) x402: Vec<Resolved>,
    pub(crate) charges: Vec<ResolvedCharge>,
    pub(crate) channel: Option<ResolvedChannel>,
    challenge: Option<Challenge>,
    pub(crate) tags: Vec<PriceTag>,
    /// What a request without payment is told.
    pub(crate) unpaid: Reason,
    /// What requests without payment were told lately, when the offers are the same for all.
    lately: Option<WrittenLately>,
}

/// What offers are checked against.
#[derive(Clone, Copy)]
pub(crate) struct Ability<'a> {
    pub(crate) kinds: Option<&'a Kinds>,
    pub(crate) minting: Option<&'a Minting>,
    pub(crate) texts: &'a ResourceTexts,
}

impl Priced {
    pub(crate) fn new(offers: &[Offer], ability: Ability<'_>) -> Result<Self, OfferError> {
        let (mut x402, mut charges, mut tags) = (Vec::new(), Vec::new(), Vec::new());
        let mut channel: Option<ResolvedChannel> = None;
        for offer in offers {
            match offer {
                Offer::X402Exact(offer) => {
                    let resolved =
                        offer.resolve(ability.kinds.ok_or(OfferError::NoFacilitator)?)?;
                    tags.push(resolved.tag.clone());
                    x402.push(resolved);
                }
                Offer::MppCharge(offer) => {
                    let resolved = offer.resolve(ability.minting.ok_or(OfferError::NoCharges)?)?;
                    tags.push(resolved.tag.clone());
                    charges.push(resolved);
                }
                Offer::MppChannel(_) if channel.is_some() => {
                    return Err(OfferError::SeveralChannelOffers);
                }
                Offer::MppChannel(offer) => {
                    let resolved = offer.resolve(ability.minting.ok_or(OfferError::NoChannels)?)?;
                    tags.push(resolved.tag.clone());
                    channel = Some(resolved);
                }
            }
        }
        let accepts: Vec<_> = x402
            .iter()
            .map(|offer| offer.requirements.clone())
            .collect();
        let challenge = (!accepts.is_empty()).then(|| Challenge::new(ability.texts, &accepts));
        Ok(Self {
            unpaid: unpaid(
                &tags,
                !x402.is_empty(),
                !charges.is_empty(),
                channel.as_ref(),
            ),
            x402,
            charges,
            channel,
            challenge,
            tags,
            lately: None,
        })
    }

    /// Whether there is an offer by MPP.
    pub(crate) fn is_mpp(&self) -> bool {
        !self.charges.is_empty() || self.channel.is_some()
    }

    /// The same for every request: what is written for one is kept for the next.
    pub(crate) fn fixed(mut self) -> Self {
        self.lately = Some(WrittenLately::new());
        self
    }

    /// What a request for `url` without payment is told.
    pub(crate) fn write_unpaid(&self, url: &str) -> Arc<Written> {
        match &self.lately {
            Some(lately) => lately.find(url, || self.write_refused(url, &self.unpaid)),
            None => Arc::new(self.write_refused(url, &self.unpaid)),
        }
    }

    /// What a request for `url` is told whose payment was refused.
    pub(crate) fn write_refused(&self, url: &str, reason: &Reason) -> Written {
        Written::new(self.challenge.as_ref(), self.is_mpp(), reason, url)
    }
}

/// The price and the ways to pay it, in a sentence for people and with a code for x402's programs.
fn unpaid(
    tags: &[PriceTag],
    x402: bool,
    charge: bool,
    channel: Option<&ResolvedChannel>,
) -> Reason {
    let prices: Vec<String> = tags.iter().map(PriceTag::to_string).collect();
    let mut ways: Vec<String> = Vec::new();
    if x402 {
        ways.push(
            "Pay with an x402 v2 client: sign one of the offers in `accepts` and send the request \
             again with the header PAYMENT-SIGNATURE."
                .to_owned(),
        );
    }
    if charge {
        ways.push(
            "Pay with an MPP client: answer a challenge of WWW-Authenticate and send the request \
             again with the header Authorization: Payment."
                .to_owned(),
        );
    }
    if let Some(channel) = channel {
        ways.push(format!(
            "Pay from a channel whose recipient is {}: name it in the header Payment-Channel and answer \
             the challenge with a voucher.",
            channel.terms.pay_to
        ));
    }
    Reason::new(
        "PAYMENT-SIGNATURE header is required",
        format!(
            "This resource costs {}. {}",
            prices.join(" or "),
            ways.join(" Or: ")
        ),
    )
}
