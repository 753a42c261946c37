//! Judging the offers of a 402: each by the same rules, whichever protocol it is made in.

use std::time::Duration;

use coinslot_mpp_charge_stellar::{
    self as charge, ClientPlan as ChargePlan, PlanError as ChargeError,
};
use coinslot_mpp_wire::{self as mpp, IntentName, MethodName};
use coinslot_payment_store::UnixMillis;
use coinslot_stellar_address::{AccountId, Address};
use coinslot_usdc_amount::BaseUnits;
use coinslot_x402_exact_stellar::{self as exact, SCHEME};
use coinslot_x402_wire::{PaymentPayload, PaymentRequired, PaymentRequirements};
use serde_json::Map;
use url::Url;

use super::Policy;
use crate::challenge::Challenge;
use crate::offer::{Asset, Authorize, Offer, Plan};
use crate::payable::Payable;
use crate::refusal::{NoAcceptableOffer, NotPayable, OfferRefusal};
use crate::server_text::ServerText;
use crate::spending::Spent;
use crate::terms::{PaymentTerms, Protocol, kind_of};

/// One offer, and what is said to it.
pub(crate) struct Judged {
    pub(crate) protocol: Protocol,
    /// The scheme, or method and intent.
    pub(crate) scheme: String,
    /// What it asks for, if that can be read.
    pub(crate) terms: Option<PaymentTerms>,
    pub(crate) verdict: Result<Offer, OfferRefusal>,
}

/// Who asks, for what, and when.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) payable: &'a Payable,
    payer: AccountId,
    /// When the seller made the offer.
    pub(super) made_at: UnixMillis,
    pub(super) now: UnixMillis,
}

impl Policy {
    /// Takes the cheapest offer in the preferred asset; of equal ones that without network fees, then that in the
    /// preferred protocol.
    pub(crate) fn choose(
        &self,
        challenge: &Challenge,
        payable: &Payable,
        payer: AccountId,
        now: UnixMillis,
    ) -> Result<Offer, NoAcceptableOffer> {
        let (mut taken, mut refusals): (Option<Offer>, Vec<_>) = (None, Vec::new());
        for judged in self.judge(challenge, payable, payer, now) {
            match judged.verdict {
                Ok(offer)
                    if taken
                        .as_ref()
                        .is_none_or(|taken| self.rank(&offer) < self.rank(taken)) =>
                {
                    taken = Some(offer)
                }
                Ok(_) => {}
                Err(refusal) => refusals.push(refusal),
            }
        }
        let unreadable = challenge.unreadable.iter().cloned();
        refusals.extend(unreadable.map(OfferRefusal::Unreadable));
        taken.ok_or(NoAcceptableOffer { refusals })
    }

    /// Judges every offer that can be read, in the seller's order: those of x402, then those of MPP.
    pub(crate) fn judge(
        &self,
        challenge: &Challenge,
        payable: &Payable,
        payer: AccountId,
        now: UnixMillis,
    ) -> Vec<Judged> {
        let asked = Asked {
            payable,
            payer,
            made_at: challenge.made_at,
            now,
        };
        let offers = challenge.x402.iter().flat_map(|x402| {
            x402.accepts.iter().map(|offer| Judged {
                protocol: Protocol::X402,
                scheme: offer.scheme.clone(),
                terms: Some(PaymentTerms::of_offer(offer)),
                verdict: self.judge_exact(offer, x402, asked),
            })
        });
        let charges = challenge.mpp.iter().map(|challenge| Judged {
            protocol: Protocol::Mpp,
            scheme: kind_of(challenge),
            terms: PaymentTerms::of_charge(challenge)
                .ok()
                .or_else(|| self.channel_terms(challenge, asked)),
            verdict: if *challenge.intent() == IntentName::channel() {
                self.judge_channel(challenge, asked)
            } else {
                self.judge_charge(challenge, asked)
            },
        });
        offers.chain(charges).collect()
    }

    /// Judges an offer of x402; what is certain from the text comes before what needs the caps.
    fn judge_exact(
        &self,
        offer: &PaymentRequirements,
        required: &PaymentRequired,
        asked: Asked<'_>,
    ) -> Result<Offer, OfferRefusal> {
        self.require_answered(Protocol::X402)?;
        self.require_other_ways()?;
        if offer.scheme != SCHEME {
            return Err(OfferRefusal::Scheme(ServerText::new(&offer.scheme)));
        }
        let terms = PaymentTerms::of_offer(offer);
        let asset = self.require_asset(&terms)?;
        let plan = exact::plan_on(&self.network, offer, asked.payer)?;
        self.require_pinned(asked.payable.request.url(), &terms)?;
        require_fresh(offer.max_timeout_seconds, asked)?;
        let mut draft = PaymentPayload::new(offer.clone(), Map::new());
        draft.resource = Some(required.resource.clone());
        draft.extensions = required.extensions.clone();
        let plan = Authorize::Exact(Box::new((plan, draft)));
        within_caps(asset, terms, Plan::Authorize(plan))
    }

    /// Judges a challenge of MPP, in the same order.
    fn judge_charge(
        &self,
        challenge: &mpp::Challenge,
        asked: Asked<'_>,
    ) -> Result<Offer, OfferRefusal> {
        self.require_answered(Protocol::Mpp)?;
        if *challenge.method() != MethodName::stellar()
            || *challenge.intent() != IntentName::charge()
        {
            return Err(OfferRefusal::Method(ServerText::new(&kind_of(challenge))));
        }
        self.require_other_ways()?;
        if asked.payable.has_authorization() {
            return Err(NotPayable::AuthorizationTaken.into());
        }
        let terms = PaymentTerms::of_charge(challenge)
            .map_err(|error| Box::new(ChargeError::Terms(error)))?;
        let asset = self.require_asset(&terms)?;
        let plan = self.plan_charge(challenge, asked).map_err(Box::new)?;
        self.require_pinned(asked.payable.request.url(), &terms)?;
        within_caps(asset, terms, Plan::of_charge(plan))
    }

    /// Plans a charge in the first mode that the server takes. Nothing is left open for longer than the budget allows.
    fn plan_charge(
        &self,
        challenge: &mpp::Challenge,
        asked: Asked<'_>,
    ) -> Result<ChargePlan, ChargeError> {
        // A challenge that does not say when it expires may have been kept by a cache.
        let since = match challenge.expires() {
            Some(_) => asked.now,
            None => asked.made_at,
        };
        let now = asked.now.as_seconds();
        let latest = now.saturating_add(self.longest_authorization.as_secs());
        let (body, since) = (asked.payable.body(), since.as_seconds());
        let mut why = None;
        for mode in &self.preference.modes {
            match charge::plan_on(&self.network, challenge, asked.payer, *mode, body, since) {
                Ok(plan) if now < plan.charge().expires() => return Ok(plan.open_until(latest)),
                Ok(_) => return Err(ChargeError::Expired),
                // That the server does not take a mode says less than why the one that it takes cannot be used.
                Err(error) if why.is_none() || !is_about_the_mode(&error) => why = Some(error),
                Err(_) => {}
            }
        }
        Err(why.unwrap_or(ChargeError::NotACharge))
    }

    fn require_other_ways(&self) -> Result<(), OfferRefusal> {
        if self.pays_otherwise() {
            Ok(())
        } else {
            Err(OfferRefusal::NotAChannel)
        }
    }

    pub(super) fn require_answered(&self, protocol: Protocol) -> Result<(), OfferRefusal> {
        if self.answers(protocol) {
            Ok(())
        } else {
            Err(OfferRefusal::Protocol(protocol))
        }
    }

    /// The offer is for this network, in an asset that may be paid.
    fn require_asset(&self, terms: &PaymentTerms) -> Result<Asset, OfferRefusal> {
        if terms.network.as_ref() != self.network.chain_id() {
            return Err(OfferRefusal::Network(ServerText::new(
                terms.network.as_str(),
            )));
        }
        let asset = self.asset(&terms.asset).cloned();
        asset.ok_or_else(|| OfferRefusal::Asset(ServerText::new(&terms.asset)))
    }

    /// A host with pins is paid at one of them only.
    pub(super) fn require_pinned(
        &self,
        url: &Url,
        terms: &PaymentTerms,
    ) -> Result<(), OfferRefusal> {
        let mut pins = self
            .pins
            .iter()
            .filter(|(host, _)| host.allows(url))
            .peekable();
        let address: Option<Address> = terms.pay_to.parse().ok();
        if pins.peek().is_none() || pins.any(|(_, pin)| Some(*pin) == address) {
            return Ok(());
        }
        Err(OfferRefusal::Payee(ServerText::new(&terms.pay_to)))
    }

    /// From a channel or not, as preferred; USDC first, then the assets in the order in which they were allowed; the least amount of each, without network
    /// fees if that is the same; then the preferred protocol.
    fn rank(&self, offer: &Offer) -> (u8, Option<usize>, BaseUnits, bool, u8) {
        let from_channel = matches!(offer.plan, Plan::Voucher(_));
        let precedence = self.preference.precedence(from_channel);
        let asset = self
            .others
            .iter()
            .position(|asset| asset.contract == offer.asset.contract);
        let protocol = self.preference.rank(offer.terms.protocol);
        let fees = offer.plan.costs_fees();
        (precedence, asset, offer.amount.units, fees, protocol)
    }
}

pub(super) fn within_caps(
    asset: Asset,
    terms: PaymentTerms,
    plan: Plan,
) -> Result<Offer, OfferRefusal> {
    let amount = asset.unit.amount(terms.amount);
    asset.caps.allow(amount, Spent::NOTHING)?;
    Ok(Offer {
        terms,
        plan,
        asset,
        amount,
    })
}

/// An offer of x402 is open for `maxTimeoutSeconds` from the moment that the seller made it.
fn require_fresh(seconds: u64, asked: Asked<'_>) -> Result<(), OfferRefusal> {
    if asked.now.saturating_since(asked.made_at) < Duration::from_secs(seconds) {
        return Ok(());
    }
    Err(OfferRefusal::Expired { seconds })
}

fn is_about_the_mode(error: &ChargeError) -> bool {
    matches!(
        error,
        ChargeError::FormNotTaken(_) | ChargeError::SponsoredPush
    )
}
