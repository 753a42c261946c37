//! Configuring a gate, and checking everything before it stands.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use coinslot_facilitator_api::{Facilitator, FacilitatorError};
use coinslot_mpp_wire::{ChallengeSecrets, SecretError};
use coinslot_payment_store::{Clock, PaymentStore, StoreError, SystemClock};
use coinslot_settlement::{Channels, Charges};
use http::request::Parts;
use http::{Method, Uri};

use crate::Gate;
use crate::event::Event;
use crate::mpp::challenge::{Minting, Random};
use crate::offer::{Offer, PriceError};
use crate::page::{Challenge, Page};
use crate::policy::{RecordPolicy, SettleTiming};
use crate::priced::{Ability, Priced};
use crate::resource::{ResourceBase, ResourceBaseError};
use crate::shared::{EventFn, PageFn, PriceFn, Pricing, Shared, UriFn};
use crate::stream::Streams;
use crate::terms::OfferError;
use crate::unpaid::UnpaidRuns;
use crate::x402::challenge::ResourceTexts;
use crate::x402::kinds::Kinds;

/// Configures a [`Gate`]. A builder can be cloned, so that several routes share what they have in
/// common and differ in their offers.
#[derive(Clone)]
pub struct GateBuilder {
    offers: Vec<Offer>,
    price_by: Option<Arc<PriceFn>>,
    facilitator: Option<Arc<dyn Facilitator>>,
    charges: Option<Charges>,
    channels: Option<Channels>,
    secrets: Vec<Vec<u8>>,
    realm: Option<String>,
    bind_body: bool,
    store: Option<Arc<dyn PaymentStore>>,
    clock: Arc<dyn Clock>,
    base: Option<String>,
    texts: ResourceTexts,
    settle: SettleTiming,
    record: RecordPolicy,
    lease: Duration,
    facilitator_timeout: Duration,
    max_request_body: usize,
    free_methods: Vec<Method>,
    mirror: bool,
    on_event: Option<Arc<EventFn>>,
    page: Option<Arc<PageFn>>,
    resource_uri: Option<Arc<UriFn>>,
}

impl GateBuilder {
    pub(crate) fn new() -> Self {
        Self {
            offers: Vec::new(),
            price_by: None,
            facilitator: None,
            charges: None,
            channels: None,
            secrets: Vec::new(),
            realm: None,
            bind_body: false,
            store: None,
            clock: Arc::new(SystemClock),
            base: None,
            texts: ResourceTexts::default(),
            settle: SettleTiming::default(),
            record: RecordPolicy::default(),
            lease: DEFAULT_LEASE,
            facilitator_timeout: DEFAULT_FACILITATOR_TIMEOUT,
            max_request_body: DEFAULT_MAX_REQUEST_BODY,
            free_methods: Vec::new(),
            mirror: false,
            on_event: None,
            page: None,
            resource_uri: None,
        }
    }

    /// Adds an offer: one way to pay for the route. The buyer chooses among them.
    #[must_use]
    pub fn offer(mut self, offer: impl Into<Offer>) -> Self {
        self.offers.push(offer.into());
        self
    }

    /// Takes the offers from the request, in place of fixed ones. The function sees the request
    /// without its payment header, before its body is read.
    ///
    /// The same request must cost the same for as long as an offer may be paid, or the buyer's
    /// payment no longer fits. A function that fails, or offers nothing, makes the gate answer
    /// 503: a route is never free by mistake.
    #[must_use]
    pub fn price_by<F>(mut self, price: F) -> Self
    where
        F: Fn(&Parts) -> Result<Vec<Offer>, PriceError> + Send + Sync + 'static,
    {
        self.price_by = Some(Arc::new(price));
        self
    }

    /// Who verifies and settles x402 payments.
    #[must_use]
    pub fn facilitator(self, facilitator: impl Facilitator) -> Self {
        self.shared_facilitator(Arc::new(facilitator))
    }

    /// Who verifies and settles x402 payments, shared with other gates.
    #[must_use]
    pub fn shared_facilitator(mut self, facilitator: Arc<dyn Facilitator>) -> Self {
        self.facilitator = Some(facilitator);
        self
    }

    /// What settles MPP charges: the charges of a
    /// [`LocalFacilitator`](coinslot_settlement::LocalFacilitator), which pays the network's fees,
    /// or [`Charges::unsponsored`].
    #[must_use]
    pub fn charges(mut self, charges: Charges) -> Self {
        self.charges = Some(charges);
        self
    }

    /// The channels from which vouchers are taken, and which are settled and closed. Gates that take
    /// vouchers of the same channels share them.
    #[must_use]
    pub fn channels(mut self, channels: Channels) -> Self {
        self.channels = Some(channels);
        self
    }

    /// A secret that binds MPP challenges: 32 random bytes or more, the same on every server of a
    /// service. The first one given signs; those given after it are older ones, which are still
    /// accepted.
    #[must_use]
    pub fn secret(mut self, secret: impl AsRef<[u8]>) -> Self {
        self.secrets.push(secret.as_ref().to_vec());
        self
    }

    /// What the service calls itself in MPP challenges; the host of
    /// [`resource_base`](Self::resource_base) unless told otherwise. A challenge of one realm is not
    /// accepted in another.
    #[must_use]
    pub fn realm(mut self, realm: impl Into<String>) -> Self {
        self.realm = Some(realm.into());
        self
    }

    /// Whether an MPP challenge is good only for the body of the request that it answers: it then
    /// holds the body's digest. Bodies of unpaid requests are read for that. Off unless told
    /// otherwise.
    #[must_use]
    pub const fn bind_body(mut self, bind_body: bool) -> Self {
        self.bind_body = bind_body;
        self
    }

    /// Where payments are claimed. Gates that share payees must share the store: one payment is
    /// served once among all gates on one store.
    #[must_use]
    pub fn store(mut self, store: Arc<dyn PaymentStore>) -> Self {
        self.store = Some(store);
        self
    }

    /// The public address of the service, such as `https://api.example.com`: `resource.url` is
    /// this and the request's path and query. The `Host` header is never used.
    #[must_use]
    pub fn resource_base(mut self, base: impl Into<String>) -> Self {
        self.base = Some(base.into());
        self
    }

    /// Takes the path and query of `resource.url` from elsewhere than the request's own URI, which
    /// a router may have shortened.
    #[must_use]
    pub fn resource_uri(mut self, uri: impl Fn(&Parts) -> Uri + Send + Sync + 'static) -> Self {
        self.resource_uri = Some(Arc::new(uri));
        self
    }

    /// What the resource is, for whoever decides to pay.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.texts.description = Some(description.into());
        self
    }

    /// The media type of the answer.
    #[must_use]
    pub fn mime_type(mut self, mime_type: impl Into<String>) -> Self {
        self.texts.mime_type = Some(mime_type.into());
        self
    }

    /// Whether the money moves before the handler runs (unless told otherwise) or after.
    #[must_use]
    pub const fn settle(mut self, timing: SettleTiming) -> Self {
        self.settle = timing;
        self
    }

    /// What is kept of paid answers.
    #[must_use]
    pub fn record(mut self, policy: RecordPolicy) -> Self {
        self.record = policy;
        self
    }

    /// How long a claim is held without a sign of life from whoever works on it; 30 seconds unless
    /// told otherwise. It is renewed while work goes on, so it bounds the wait after a crash only.
    #[must_use]
    pub const fn lease(mut self, lease: Duration) -> Self {
        self.lease = lease;
        self
    }

    /// How long the gate waits for the facilitator, for each of its answers; 90 seconds unless told
    /// otherwise. A verification that takes longer is given up, a settlement is pending from then
    /// on.
    #[must_use]
    pub const fn facilitator_timeout(mut self, timeout: Duration) -> Self {
        self.facilitator_timeout = timeout;
        self
    }

    /// The longest body of a paid request, in bytes; 1 MiB unless told otherwise. A longer one
    /// gets 413.
    #[must_use]
    pub const fn max_request_body(mut self, bytes: usize) -> Self {
        self.max_request_body = bytes;
        self
    }

    /// Methods that are free. None is unless it stands here: not HEAD, and not the OPTIONS of a
    /// preflight request (put a CORS layer around the gate for those).
    #[must_use]
    pub fn free_methods(mut self, methods: impl IntoIterator<Item = Method>) -> Self {
        self.free_methods = methods.into_iter().collect();
        self
    }

    /// Whether the offer is told in `X-PAYMENT-REQUIRED` too, for clients that look there.
    #[must_use]
    pub const fn mirror_header(mut self, mirror: bool) -> Self {
        self.mirror = mirror;
        self
    }

    /// Called for everything that happens at the gate; it must be quick and must not panic.
    #[must_use]
    pub fn on_event(mut self, hook: impl Fn(&Event<'_>) + Send + Sync + 'static) -> Self {
        self.on_event = Some(Arc::new(hook));
        self
    }

    /// Draws a page for people in place of the JSON body of a 402, or declines with `None`. The
    /// payment headers are the same either way.
    #[must_use]
    pub fn page<F>(mut self, page: F) -> Self
    where
        F: Fn(&Challenge<'_>) -> Option<Page> + Send + Sync + 'static,
    {
        self.page = Some(Arc::new(page));
        self
    }

    /// The clock of leases and records, for tests.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Checks everything, asks the facilitator what it supports, and builds the gate.
    ///
    /// # Errors
    /// [`BuildGateError`]: a gate that could not charge does not stand.
    pub async fn build(self) -> Result<Gate, BuildGateError> {
        let store = self.store.ok_or(BuildGateError::NoStore)?;
        let speaks_mpp = self.charges.is_some() || self.channels.is_some();
        if !speaks_mpp && !self.secrets.is_empty() {
            return Err(BuildGateError::NoCharges);
        }
        if self.facilitator.is_none() && !speaks_mpp {
            return Err(BuildGateError::NoFacilitator);
        }
        let base = ResourceBase::parse(&self.base.ok_or(BuildGateError::NoResourceBase)?)?;
        if self.lease < SHORTEST_LEASE {
            return Err(BuildGateError::Lease);
        }
        if self.record.max_body > RecordPolicy::MAX_BODY_LIMIT {
            return Err(BuildGateError::RecordBody);
        }
        if self.offers.is_empty() && self.price_by.is_none() {
            return Err(BuildGateError::NoPrice);
        }
        let kinds = match &self.facilitator {
            Some(facilitator) => Some(kinds(facilitator.as_ref()).await?),
            None => None,
        };
        let minting = match speaks_mpp {
            true => Some(Minting {
                secrets: challenge_secrets(&self.secrets)?,
                realm: self.realm.unwrap_or_else(|| base.host().to_owned()),
                description: self.texts.description.clone(),
                charges: self.charges,
                channels: self.channels,
                random: Random::new(),
            }),
            false => None,
        };
        let ability = Ability {
            kinds: kinds.as_ref(),
            minting: minting.as_ref(),
            texts: &self.texts,
        };
        let pricing = match self.price_by {
            Some(_) if !self.offers.is_empty() => return Err(BuildGateError::TwoPrices),
            Some(price_by) => Pricing::ByRequest(price_by),
            None => Pricing::Fixed(Arc::new(Priced::new(&self.offers, ability)?.fixed())),
        };
        store.ping().await.map_err(BuildGateError::Store)?;
        let unpaid = match self.settle {
            SettleTiming::Before => None,
            SettleTiming::After {
                unpaid_runs,
                window,
            } => Some(UnpaidRuns::new(
                unpaid_runs,
                window,
                Arc::clone(&self.clock),
            )),
        };
        Ok(Gate(Arc::new(Shared {
            pricing,
            facilitator: self.facilitator,
            kinds,
            minting,
            bind_body: self.bind_body,
            store,
            clock: self.clock,
            base,
            texts: self.texts,
            unpaid,
            record: self.record,
            lease: self.lease,
            facilitator_timeout: self.facilitator_timeout,
            max_request_body: self.max_request_body,
            streams: Streams::default(),
            free_methods: self.free_methods,
            mirror: self.mirror,
            on_event: self.on_event,
            page: self.page,
            resource_uri: self.resource_uri,
        })))
    }
}

/// What the facilitator settles.
async fn kinds(facilitator: &dyn Facilitator) -> Result<Kinds, BuildGateError> {
    let supported = facilitator
        .supported()
        .await
        .map_err(BuildGateError::Facilitator)?;
    let kinds = Kinds::of(&supported);
    if kinds.is_empty() {
        return Err(BuildGateError::NoKinds);
    }
    Ok(kinds)
}

/// The first secret signs, the others are older.
fn challenge_secrets(secrets: &[Vec<u8>]) -> Result<ChallengeSecrets, BuildGateError> {
    let (newest, older) = secrets.split_first().ok_or(BuildGateError::NoSecret)?;
    let newest = ChallengeSecrets::new(newest)?;
    Ok(older
        .iter()
        .try_fold(newest, ChallengeSecrets::with_previous)?)
}

impl fmt::Debug for GateBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GateBuilder")
            .field("offers", &self.offers)
            .field("base", &self.base)
            .field("settle", &self.settle)
            .field("record", &self.record)
            .field("lease", &self.lease)
            .field("free_methods", &self.free_methods)
            .finish_non_exhaustive()
    }
}

/// A gate cannot be built. Each sentence says what to change.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildGateError {
    /// Neither offers nor a price function.
    #[error("the gate has no price; add one with offer, or a function with price_by")]
    NoPrice,
    /// Offers and a price function.
    #[error("the gate has fixed offers and a price function; choose one of them")]
    TwoPrices,
    /// Nobody to settle anything.
    #[error(
        "the gate has nobody to settle payments; give it a facilitator for x402, or charges or channels for MPP"
    )]
    NoFacilitator,
    /// A secret for MPP challenges, and neither charges nor channels.
    #[error(
        "the gate has a secret for MPP challenges and nothing to settle; give it charges or channels"
    )]
    NoCharges,
    /// Charges or channels, and no secret.
    #[error(
        "the gate has no secret to bind MPP challenges with; give it 32 random bytes or more with secret"
    )]
    NoSecret,
    /// A secret is too short.
    #[error("a secret for MPP challenges cannot be used: {0}")]
    Secret(#[from] SecretError),
    /// No store.
    #[error("the gate has no store to claim payments in; give it one with store")]
    NoStore,
    /// No public address.
    #[error("the gate does not know its public address; give it one with resource_base")]
    NoResourceBase,
    /// The public address is not valid.
    #[error(transparent)]
    ResourceBase(#[from] ResourceBaseError),
    /// An offer cannot be made.
    #[error(transparent)]
    Offer(#[from] OfferError),
    /// The facilitator did not say what it supports.
    #[error("the facilitator did not say what it supports: {0}")]
    Facilitator(#[source] FacilitatorError),
    /// The facilitator supports nothing that a gate could use.
    #[error(
        "the facilitator supports no kind of payment that this gate speaks (x402 version 2, exact)"
    )]
    NoKinds,
    /// The store does not work.
    #[error("the payment store does not work: {0}")]
    Store(#[source] StoreError),
    /// The lease is too short to be renewed in time.
    #[error("the lease is too short; give it at least 100 milliseconds")]
    Lease,
    /// The longest recorded body is more than a store takes.
    #[error(
        "recorded bodies may have {} bytes at most",
        RecordPolicy::MAX_BODY_LIMIT
    )]
    RecordBody,
}

const DEFAULT_LEASE: Duration = Duration::from_secs(30);
const DEFAULT_FACILITATOR_TIMEOUT: Duration = Duration::from_secs(90);
const SHORTEST_LEASE: Duration = Duration::from_millis(100);
const DEFAULT_MAX_REQUEST_BODY: usize = 1024 * 1024;
