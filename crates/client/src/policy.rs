//! The budget applied to one network: whether a request may be paid, and which offer is taken.

use std::time::Duration;

use coinslot_caip2_network::StellarNetwork;
use coinslot_payment_store::UnixMillis;
use coinslot_soroban_authorization::{AccountId, Address, ClassicAsset, ContractId};
use coinslot_usdc_amount::{BaseUnits, ConvertPriceError, Decimals, UsdPrice, usdc_on};
use coinslot_x402_exact_stellar::{ClientPlan, PlanError, SCHEME, plan_on};
use coinslot_x402_wire::PaymentRequirements;
use url::Url;

use crate::amount::{Amount, Unit};
use crate::budget::{AssetCaps, Budget, HostRule, Hosts, UsdCaps};
use crate::challenge::Challenge;
use crate::destination::require_secure;
use crate::server_text::ServerText;
use crate::spending::{OverCap, Spent};

/// The spending policy on one network.
#[derive(Debug)]
pub(crate) struct Policy {
    pub(crate) network: StellarNetwork,
    /// What is preferred.
    usdc: Asset,
    /// What else may be paid.
    others: Vec<Asset>,
    hosts: Hosts,
    pins: Vec<(HostRule, Address)>,
    pub(crate) longest_authorization: Duration,
}

/// An asset that may be paid.
#[derive(Clone, Debug)]
pub(crate) struct Asset {
    pub(crate) contract: ContractId,
    pub(crate) unit: Unit,
    pub(crate) caps: AssetCaps,
    /// The classic asset behind the contract, where it is known.
    pub(crate) classic: Option<ClassicAsset>,
}

/// The offer that is taken.
#[derive(Clone, Debug)]
pub(crate) struct Offer {
    pub(crate) requirements: PaymentRequirements,
    pub(crate) plan: ClientPlan,
    pub(crate) asset: Asset,
    pub(crate) amount: Amount,
}

/// Why a request is not paid, decided before it is sent for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotPayable {
    /// Plain `http` to another machine: nobody vouches for the terms.
    #[error(
        "the server asks for a payment over plain http; only https, or http to this machine, is paid"
    )]
    Insecure,
    /// The host is not on the budget's list.
    #[error("the server asks for a payment, and its host is not one that the budget allows")]
    HostNotAllowed,
    /// The body is a stream, which cannot be sent a second time with the payment.
    #[error(
        "the server asks for a payment, and the request's body is a stream that cannot be sent again; give it as bytes"
    )]
    BodyNotReplayable,
}

/// None of the seller's offers is taken.
#[derive(Debug, thiserror::Error)]
#[error("none of the server's {} offers can be paid: {}", .refusals.len(), Sentences(.refusals))]
pub struct NoAcceptableOffer {
    /// Why not, for each offer in the seller's order.
    pub refusals: Vec<OfferRefusal>,
}

/// Why one offer is not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OfferRefusal {
    /// A scheme other than `exact`.
    #[error("its scheme is {0:?}, not \"exact\"")]
    Scheme(ServerText),
    /// Another network than this client's.
    #[error("it is for the network {0}")]
    Network(ServerText),
    /// An asset without a cap in the budget.
    #[error("its asset {0} has no cap in the budget")]
    Asset(ServerText),
    /// More than one payment may cost.
    #[error(transparent)]
    OverCap(#[from] Box<OverCap>),
    /// The time in which it had to be paid is over.
    #[error("it had to be paid within {seconds} seconds, which are over; ask again")]
    Expired {
        /// The offer's `maxTimeoutSeconds`.
        seconds: u64,
    },
    /// The payee is not one of those that the budget pins for the host.
    #[error("its payee {0} is not the one that is pinned for this host")]
    Payee(ServerText),
    /// The terms are not valid for the scheme.
    #[error(transparent)]
    Terms(#[from] PlanError),
}

/// The caps cannot be used on this network.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// A cap has more decimals than USDC.
    #[error("a cap cannot be counted in USDC")]
    Cap(#[from] ConvertPriceError),
    /// On a network of one's own the USDC contract must be named.
    #[error("USDC is not known on {0}; name its contract with usdc_contract()")]
    NoUsdc(String),
}

impl Policy {
    pub(crate) fn new(
        budget: Budget,
        network: StellarNetwork,
        usdc: Option<ContractId>,
    ) -> Result<Self, PolicyError> {
        let known = usdc_on(network.chain_id().as_str());
        let no_usdc = || PolicyError::NoUsdc(network.chain_id().to_string());
        let contract = match usdc {
            Some(contract) => contract,
            None => known
                .and_then(|usdc| usdc.contract.parse().ok())
                .ok_or_else(no_usdc)?,
        };
        let issuer = known
            .filter(|_| usdc.is_none())
            .and_then(|usdc| usdc.issuer);
        let classic = issuer.and_then(|issuer| format!("USDC:{issuer}").parse().ok());
        let usdc = Asset {
            contract,
            unit: Unit::Usdc,
            caps: in_usdc(&budget.caps)?,
            classic,
        };
        let Budget {
            hosts,
            assets,
            pins,
            longest_authorization,
            ..
        } = budget;
        let others = assets.into_iter().filter(|(other, _)| *other != contract);
        let token = |(contract, caps)| Asset {
            contract,
            unit: Unit::Token(contract),
            caps,
            classic: None,
        };
        Ok(Self {
            network,
            usdc,
            others: others.map(token).collect(),
            hosts,
            pins,
            longest_authorization,
        })
    }

    /// Whether requests to this URL may be paid at all.
    pub(crate) fn permit(&self, url: &Url) -> Result<(), NotPayable> {
        require_secure(url).map_err(|_| NotPayable::Insecure)?;
        if self.hosts.allow(url) {
            Ok(())
        } else {
            Err(NotPayable::HostNotAllowed)
        }
    }

    /// The asset with this contract, if it may be paid.
    fn asset(&self, contract: &str) -> Option<&Asset> {
        let contract: ContractId = contract.parse().ok()?;
        core::iter::once(&self.usdc)
            .chain(&self.others)
            .find(|asset| asset.contract == contract)
    }

    /// The contract of USDC.
    pub(crate) fn usdc(&self) -> ContractId {
        self.usdc.contract
    }

    /// How amounts of a token are shown.
    pub(crate) fn unit(&self, token: ContractId) -> Unit {
        if token == self.usdc.contract {
            Unit::Usdc
        } else {
            Unit::Token(token)
        }
    }

    /// An offer that was taken before, whose payment was signed but not sent.
    pub(crate) fn restore(&self, terms: &PaymentRequirements, payer: AccountId) -> Option<Offer> {
        let asset = self.asset(&terms.asset)?.clone();
        let amount = asset.unit.amount(terms.amount);
        Some(Offer {
            requirements: terms.clone(),
            plan: plan_on(&self.network, terms, payer).ok()?,
            asset,
            amount,
        })
    }

    /// Takes the cheapest offer in the preferred asset.
    pub(crate) fn choose(
        &self,
        challenge: &Challenge,
        url: &Url,
        payer: AccountId,
        now: UnixMillis,
    ) -> Result<Offer, NoAcceptableOffer> {
        let judged = challenge
            .required
            .accepts
            .iter()
            .map(|terms| self.judge(terms, challenge, url, payer, now));
        let (mut taken, mut refusals): (Option<Offer>, Vec<_>) = (None, Vec::new());
        for offer in judged {
            match offer {
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
        taken.ok_or(NoAcceptableOffer { refusals })
    }

    /// Judges one offer; what is certain from the text comes before what needs the caps.
    pub(crate) fn judge(
        &self,
        terms: &PaymentRequirements,
        challenge: &Challenge,
        url: &Url,
        payer: AccountId,
        now: UnixMillis,
    ) -> Result<Offer, OfferRefusal> {
        if terms.scheme != SCHEME {
            return Err(OfferRefusal::Scheme(ServerText::new(&terms.scheme)));
        }
        if terms.network.as_ref() != self.network.chain_id() {
            return Err(OfferRefusal::Network(ServerText::new(
                terms.network.as_str(),
            )));
        }
        let asset = self
            .asset(&terms.asset)
            .ok_or_else(|| OfferRefusal::Asset(ServerText::new(&terms.asset)))?;
        let plan = plan_on(&self.network, terms, payer)?;
        self.require_pinned(url, &terms.pay_to)?;
        require_fresh(terms, challenge, now)?;
        let amount = asset.unit.amount(terms.amount);
        asset.caps.allow(amount, Spent::NOTHING)?;
        Ok(Offer {
            requirements: terms.clone(),
            plan,
            asset: asset.clone(),
            amount,
        })
    }

    /// USDC first, then the assets in the order in which they were allowed; the least amount of each.
    fn rank(&self, offer: &Offer) -> (Option<usize>, BaseUnits) {
        let preference = self
            .others
            .iter()
            .position(|asset| asset.contract == offer.asset.contract);
        (preference, offer.amount.units)
    }

    /// A host with pins is paid at one of them only.
    fn require_pinned(&self, url: &Url, payee: &str) -> Result<(), OfferRefusal> {
        let mut pins = self
            .pins
            .iter()
            .filter(|(host, _)| host.allows(url))
            .peekable();
        let address: Option<Address> = payee.parse().ok();
        if pins.peek().is_none() || pins.any(|(_, pin)| Some(*pin) == address) {
            return Ok(());
        }
        Err(OfferRefusal::Payee(ServerText::new(payee)))
    }
}

/// An offer is open for `maxTimeoutSeconds` from the moment that the seller made it.
fn require_fresh(
    terms: &PaymentRequirements,
    challenge: &Challenge,
    now: UnixMillis,
) -> Result<(), OfferRefusal> {
    let seconds = terms.max_timeout_seconds;
    if now.saturating_since(challenge.made_at) < Duration::from_secs(seconds) {
        return Ok(());
    }
    Err(OfferRefusal::Expired { seconds })
}

fn in_usdc(caps: &UsdCaps) -> Result<AssetCaps, ConvertPriceError> {
    let units = |price: &UsdPrice| price.to_base_units(Decimals::USDC_STELLAR);
    Ok(AssetCaps {
        per_payment: units(&caps.per_payment)?,
        per_host_per_day: units(&caps.per_host_per_day)?,
        per_day: units(&caps.per_day)?,
    })
}

/// The distinct sentences, one after the other.
struct Sentences<'a>(&'a [OfferRefusal]);

impl core::fmt::Display for Sentences<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let mut sentences: Vec<String> = Vec::new();
        for sentence in self.0.iter().map(ToString::to_string) {
            if !sentences.contains(&sentence) && sentences.len() < MOST_SENTENCES {
                sentences.push(sentence);
            }
        }
        if sentences.is_empty() {
            return f.write_str("it made none");
        }
        f.write_str(&sentences.join("; "))
    }
}

const MOST_SENTENCES: usize = 5;
