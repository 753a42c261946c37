//! Judging a challenge to pay from a channel: it must be the one that the request named, on this network, in time.

use coinslot_mpp_channel_stellar::client::BuyerRefusal;
use coinslot_mpp_wire as mpp;
use coinslot_mpp_wire::stellar::ChannelRequest;
use coinslot_mpp_wire::{MethodName, Timestamp};

use super::Policy;
use super::judge::{Asked, within_caps};
use crate::channel::OwnChannel;
use crate::offer::{Offer, Plan, VoucherPlan};
use crate::refusal::{NotPayable, OfferRefusal};
use crate::server_text::ServerText;
use crate::terms::{PaymentTerms, Protocol, kind_of};

impl Policy {
    /// Judges a challenge of MPP with the intent `channel`.
    pub(super) fn judge_channel(
        &self,
        challenge: &mpp::Challenge,
        asked: Asked<'_>,
    ) -> Result<Offer, OfferRefusal> {
        self.require_answered(Protocol::Mpp)?;
        if *challenge.method() != MethodName::stellar() {
            return Err(OfferRefusal::Method(ServerText::new(&kind_of(challenge))));
        }
        if asked.payable.has_authorization() {
            return Err(NotPayable::AuthorizationTaken.into());
        }
        let request: ChannelRequest = challenge
            .request()
            .read()
            .map_err(OfferRefusal::ChannelRequest)?;
        let other = || OfferRefusal::OtherChannel(ServerText::new(&request.channel));
        let own = named(&request, asked).ok_or_else(other)?;
        let details = request.method_details.clone().unwrap_or_default();
        if let Some(network) = &details.network
            && network.as_ref() != self.network.chain_id()
        {
            return Err(OfferRefusal::Network(ServerText::new(network.as_str())));
        }
        let expires = asked
            .expiry_of(challenge)
            .ok_or(OfferRefusal::ChallengeExpired)?;
        let body = asked.payable.body();
        if challenge.digest().is_some_and(|digest| !digest.is_of(body)) {
            return Err(OfferRefusal::OtherBody);
        }
        let terms = self.terms_from(own, &request, challenge);
        self.require_pinned(asked.payable.request.url(), &terms)?;
        if request.amount.is_zero() {
            return Err(BuyerRefusal::NoPrice.into());
        }
        if request.amount > own.caps.per_request {
            return Err(OfferRefusal::Voucher(BuyerRefusal::AboveRequestCap {
                price: request.amount,
                cap: own.caps.per_request,
            }));
        }
        let plan = VoucherPlan {
            challenge: challenge.clone(),
            expires,
            claimed: details.cumulative_amount,
            is_per_unit: request.unit_type.is_some(),
        };
        let asset = own.asset.clone();
        within_caps(asset, terms, Plan::Voucher(Box::new(plan)))
    }

    /// What a challenge for the named channel asks for.
    pub(super) fn channel_terms(
        &self,
        challenge: &mpp::Challenge,
        asked: Asked<'_>,
    ) -> Option<PaymentTerms> {
        let request: ChannelRequest = challenge.request().read().ok()?;
        let own = named(&request, asked)?;
        Some(self.terms_from(own, &request, challenge))
    }

    fn terms_from(
        &self,
        own: &OwnChannel,
        request: &ChannelRequest,
        challenge: &mpp::Challenge,
    ) -> PaymentTerms {
        PaymentTerms {
            protocol: Protocol::Mpp,
            scheme: kind_of(challenge),
            network: self.network.chain_id().to_owned(),
            asset: own.asset.contract.to_string(),
            amount: request.amount,
            pay_to: own.pay_to(),
        }
    }
}

impl Asked<'_> {
    /// When a challenge is over, in seconds since 1970; `None` when it is.
    fn expiry_of(&self, challenge: &mpp::Challenge) -> Option<u64> {
        let expires = match challenge.expires().map(Timestamp::unix_seconds) {
            Some(expires) => u64::try_from(expires).ok()?,
            // It may have been kept by a cache.
            None => self.made_at.as_seconds().saturating_add(UNSAID_SECONDS),
        };
        (self.now.as_seconds() < expires).then_some(expires)
    }
}

/// The channel that the request named, if it is the one that is asked for.
fn named<'a>(request: &ChannelRequest, asked: Asked<'a>) -> Option<&'a OwnChannel> {
    let own = asked.payable.channel.as_deref()?;
    (request.channel.parse() == Ok(own.id)).then_some(own)
}

/// How long a challenge is good that does not say so.
const UNSAID_SECONDS: u64 = 60;
