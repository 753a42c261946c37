//! The offers of a route, with everything about them that does not depend on the request.

use std::sync::Arc;

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
    challenge: Challenge,
    pub(crate) tags: Vec<PriceTag>,
    /// What a request without payment is told.
    pub(crate) unpaid: Reason,
    /// What requests without payment were told lately, when the offers are the same for all.
    lately: Option<WrittenLately>,
}

impl Priced {
    pub(crate) fn new(
        offers: &[Offer],
        kinds: &Kinds,
        texts: &ResourceTexts,
    ) -> Result<Self, OfferError> {
        let x402 = offers
            .iter()
            .map(|Offer::X402Exact(offer)| offer.resolve(kinds))
            .collect::<Result<Vec<_>, _>>()?;
        let tags: Vec<PriceTag> = x402.iter().map(|offer| offer.tag.clone()).collect();
        let accepts: Vec<_> = x402
            .iter()
            .map(|offer| offer.requirements.clone())
            .collect();
        let prices: Vec<String> = tags.iter().map(PriceTag::to_string).collect();
        let unpaid = Reason::new(
            "PAYMENT-SIGNATURE header is required",
            format!(
                "This resource costs {}. Pay with an x402 v2 client: sign one of the offers in \
                 `accepts` and send the request again with the header PAYMENT-SIGNATURE.",
                prices.join(" or ")
            ),
        );
        Ok(Self {
            x402,
            challenge: Challenge::new(texts, &accepts),
            tags,
            unpaid,
            lately: None,
        })
    }

    /// The same for every request: what is written for one is kept for the next.
    pub(crate) fn fixed(mut self) -> Self {
        self.lately = Some(WrittenLately::new());
        self
    }

    /// What a request for `url` without payment is told.
    pub(crate) fn write_unpaid(&self, url: &str) -> Arc<Written> {
        let write = || Written::new(&self.challenge, &self.unpaid, url);
        match &self.lately {
            Some(lately) => lately.find(url, write),
            None => Arc::new(write()),
        }
    }

    /// What a request for `url` is told whose payment was refused.
    pub(crate) fn write_refused(&self, url: &str, reason: &Reason) -> Written {
        Written::new(&self.challenge, reason, url)
    }
}
