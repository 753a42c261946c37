//! What all clones of a gate share.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use coinslot_facilitator_api::Facilitator;
use coinslot_mpp_wire::{
    ACCEPT_PAYMENT, AcceptPayment, BodyDigest, IntentName, MethodName, Quality,
};
use coinslot_payment_store::{Clock, PaymentStore};
use coinslot_settlement::{Channels, Charges};
use http::request::Parts;
use http::{HeaderValue, Method, Uri};

use crate::RecordPolicy;
use crate::event::{Dependency, Event};
use crate::fingerprint::Fingerprint;
use crate::mpp::challenge::Minting;
use crate::mpp::channel::chosen::Chosen;
use crate::offer::{Offer, PriceError};
use crate::page::{Challenge, Page};
use crate::priced::{Ability, Priced};
use crate::resource::ResourceBase;
use crate::stream::Streams;
use crate::unpaid::UnpaidRuns;
use crate::x402::challenge::ResourceTexts;
use crate::x402::kinds::Kinds;

pub(crate) type PriceFn = dyn Fn(&Parts) -> Result<Vec<Offer>, PriceError> + Send + Sync;
pub(crate) type EventFn = dyn Fn(&Event<'_>) + Send + Sync;
pub(crate) type PageFn = dyn Fn(&Challenge<'_>) -> Option<Page> + Send + Sync;
pub(crate) type UriFn = dyn Fn(&Parts) -> Uri + Send + Sync;

/// A gate's checked configuration.
pub(crate) struct Shared {
    pub(crate) pricing: Pricing,
    /// Who settles x402, where it is offered.
    pub(crate) facilitator: Option<Arc<dyn Facilitator>>,
    pub(crate) kinds: Option<Kinds>,
    /// What MPP challenges need, where they are offered.
    pub(crate) minting: Option<Minting>,
    /// Whether a challenge is good for one body only.
    pub(crate) bind_body: bool,
    pub(crate) store: Arc<dyn PaymentStore>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) base: ResourceBase,
    pub(crate) texts: ResourceTexts,
    /// The unpaid runs, on a route that settles after the handler.
    pub(crate) unpaid: Option<Arc<UnpaidRuns>>,
    pub(crate) record: RecordPolicy,
    pub(crate) lease: Duration,
    pub(crate) facilitator_timeout: Duration,
    pub(crate) max_request_body: usize,
    /// The answers that are being paid for as they are produced.
    pub(crate) streams: Streams,
    pub(crate) free_methods: Vec<Method>,
    pub(crate) mirror: bool,
    pub(crate) on_event: Option<Arc<EventFn>>,
    pub(crate) page: Option<Arc<PageFn>>,
    pub(crate) resource_uri: Option<Arc<UriFn>>,
}

/// Where a route's price comes from.
pub(crate) enum Pricing {
    Fixed(Arc<Priced>),
    ByRequest(Arc<PriceFn>),
}

/// What is asked for, as far as the answer depends on it.
pub(crate) struct Asked {
    pub(crate) url: String,
    /// The requests for which a challenge is good, where there are challenges.
    pub(crate) scope: Option<Fingerprint>,
    /// The digest of the body for which a challenge is good, where challenges are bound to it.
    pub(crate) digest: Option<BodyDigest>,
    pub(crate) accept: Option<HeaderValue>,
    /// Which MPP payments the buyer says it can make.
    pub(crate) payments: Option<AcceptPayment>,
    /// The channel for which a challenge is minted, where channels are offered.
    pub(crate) channel: Option<Box<Chosen>>,
}

impl Shared {
    pub(crate) fn charges(&self) -> Option<&Charges> {
        self.minting.as_ref()?.charges.as_ref()
    }

    pub(crate) fn channels(&self) -> Option<&Channels> {
        self.minting.as_ref()?.channels.as_ref()
    }

    pub(crate) fn is_free(&self, method: &Method) -> bool {
        self.free_methods.contains(method)
    }

    pub(crate) fn asked(&self, parts: &Parts) -> Asked {
        let url = match &self.resource_uri {
            Some(resource_uri) => self.base.url(&resource_uri(parts)),
            None => self.base.url(&parts.uri),
        };
        let accept = self
            .page
            .as_ref()
            .and_then(|_| parts.headers.get(http::header::ACCEPT))
            .cloned();
        let scope = self
            .minting
            .as_ref()
            .map(|_| Fingerprint::of_scope(&parts.method, &url));
        let payments = self.minting.as_ref().and_then(|_| {
            let header = parts.headers.get(ACCEPT_PAYMENT)?;
            header.to_str().ok()?.parse().ok()
        });
        Asked {
            url,
            scope,
            digest: None,
            accept,
            payments,
            channel: None,
        }
    }

    fn ability(&self) -> Ability<'_> {
        Ability {
            kinds: self.kinds.as_ref(),
            minting: self.minting.as_ref(),
            texts: &self.texts,
        }
    }

    /// The offers for a request; `None` when the price is not known.
    pub(crate) fn priced(&self, parts: &Parts) -> Option<Arc<Priced>> {
        let by_request = match &self.pricing {
            Pricing::Fixed(priced) => return Some(Arc::clone(priced)),
            Pricing::ByRequest(by_request) => by_request,
        };
        let offers = match by_request(parts) {
            Ok(offers) if offers.is_empty() => {
                tracing::error!("the price function made no offer");
                None
            }
            Ok(offers) => match Priced::new(&offers, self.ability()) {
                Ok(priced) => Some(Arc::new(priced)),
                Err(error) => {
                    tracing::error!(%error, "the price function made an offer that cannot be made");
                    None
                }
            },
            Err(error) => {
                let cause = std::error::Error::source(&error).map(tracing::field::display);
                tracing::error!(%error, cause, "the price function failed");
                None
            }
        };
        if offers.is_none() {
            self.emit(&Event::Unavailable {
                what: Dependency::Price,
            });
        }
        offers
    }

    pub(crate) fn emit(&self, event: &Event<'_>) {
        tracing::debug!(?event, "gate");
        if let Some(on_event) = &self.on_event {
            on_event(event);
        }
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate")
            .field("base", &self.base)
            .field("kinds", &self.kinds)
            .field("record", &self.record)
            .field("lease", &self.lease)
            .field("free_methods", &self.free_methods)
            .finish_non_exhaustive()
    }
}

impl Asked {
    /// Whether the buyer says what it can pay, and that is one of these offers and not x402 (which
    /// goes by its name and scheme, `x402/exact`). It is then told of nothing else: official clients
    /// of MPP trip over x402 offers on chains that they do not know.
    pub(crate) fn wants_one_of(&self, priced: &Priced) -> bool {
        let Some(payments) = &self.payments else {
            return false;
        };
        let exact = ("x402".parse(), "exact".parse());
        let takes_x402 = matches!(exact, (Ok(method), Ok(intent)) if payments.quality(&method, &intent) > Quality::ZERO);
        let charge = (!priced.charges.is_empty()).then(IntentName::charge);
        let channel = self.channel.as_ref().map(|_| IntentName::channel());
        let takes = |intent| payments.quality(&MethodName::stellar(), &intent) > Quality::ZERO;
        !takes_x402 && charge.into_iter().chain(channel).any(takes)
    }

    /// Remembers the body, where challenges are bound to it.
    pub(crate) fn bind(&mut self, shared: &Shared, body: &[u8]) {
        if shared.bind_body && self.scope.is_some() && !body.is_empty() {
            self.digest = Some(BodyDigest::of(body));
        }
    }

    pub(crate) fn accept(&self) -> &str {
        self.accept
            .as_ref()
            .and_then(|accept| accept.to_str().ok())
            .unwrap_or_default()
    }
}

/// The headers that a script in a browser may read.
pub(crate) const EXPOSED: HeaderValue = HeaderValue::from_static(
    "PAYMENT-REQUIRED, PAYMENT-RESPONSE, X-PAYMENT-REQUIRED, WWW-Authenticate, Payment-Receipt, Payment-Channel, Payment-Stream, Retry-After",
);
