//! A seller, a buyer and a facilitator for the tests.

use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use coinslot_caip2_network::StellarNetwork;
use coinslot_facilitator_api::{Facilitator, FacilitatorError, IDEMPOTENT_SETTLEMENT, Settlement};
use coinslot_payment_store::{ManualClock, MemoryStore, PaymentStore, UnixMillis};
use coinslot_server::{Gate, GateBuilder, x402};
use coinslot_soroban_authorization::{SecretKey, Transfer, TransferTransaction, UnsignedAuthEntry};
use coinslot_stellar_address::{AccountId, Address};
use coinslot_x402_wire::{
    FacilitatorRequest, PaymentPayload, PaymentRequired, PaymentRequirements, ReasonCode,
    SettleResponse, SupportedKind, SupportedResponse, VerifyResponse,
};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use serde_json::{Map, Value};
use tokio::sync::Notify;
use tower::util::BoxCloneSyncService;
use tower::{Layer, ServiceExt};

pub(crate) const PAY_TO: &str = "GDKYZQVB74MCNGJIIDK3XQ7B4TNDFSY4V2NL72HNFT4VEKVUXI2MYMX5";
pub(crate) const BASE: &str = "https://api.example.com";

/// What the facilitator does when it is next asked to settle.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Confirm,
    Fail(ReasonCode),
    /// Fails with a transaction that was broadcast.
    FailOnChain(ReasonCode),
    Pending(u32),
    Unavailable,
    /// Settles, and its answer is lost.
    LoseAnswer,
    /// Never answers.
    Hang,
    /// Answers when `release` is notified.
    Wait,
}

/// A facilitator that records its calls and can fail, hang and lose answers. It moves no money and
/// checks no signature: the real one is covered by the whole-flow tests.
pub(crate) struct TestFacilitator {
    pub(crate) verifies: AtomicUsize,
    pub(crate) settles: AtomicUsize,
    pub(crate) idempotent: bool,
    pub(crate) verify_steps: Mutex<VecDeque<Result<VerifyResponse, ()>>>,
    pub(crate) settle_steps: Mutex<VecDeque<Step>>,
    /// The payments that are settled, with their transactions.
    pub(crate) settled: Mutex<HashMap<String, String>>,
    pub(crate) release: Notify,
    pub(crate) supported: Result<SupportedResponse, ()>,
}

impl TestFacilitator {
    pub(crate) fn new() -> Self {
        let kind = SupportedKind::new("exact", StellarNetwork::Testnet.chain_id().to_owned())
            .with_extra("areFeesSponsored", true);
        Self {
            verifies: AtomicUsize::new(0),
            settles: AtomicUsize::new(0),
            idempotent: true,
            verify_steps: Mutex::default(),
            settle_steps: Mutex::default(),
            settled: Mutex::default(),
            release: Notify::new(),
            supported: Ok(SupportedResponse {
                kinds: vec![kind],
                extensions: vec![IDEMPOTENT_SETTLEMENT.to_owned()],
                ..SupportedResponse::default()
            }),
        }
    }

    /// One that settles twice what it is asked twice.
    pub(crate) fn forgetful() -> Self {
        let mut facilitator = Self::new();
        facilitator.idempotent = false;
        facilitator.supported.as_mut().unwrap().extensions.clear();
        facilitator
    }

    pub(crate) fn then(self, step: Step) -> Self {
        self.settle_steps.lock().unwrap().push_back(step);
        self
    }

    pub(crate) fn settles(&self) -> usize {
        self.settles.load(Ordering::SeqCst)
    }

    pub(crate) fn verifies(&self) -> usize {
        self.verifies.load(Ordering::SeqCst)
    }

    /// How many payments moved money.
    pub(crate) fn moved(&self) -> usize {
        self.settled.lock().unwrap().len()
    }

    fn confirm(&self, request: &FacilitatorRequest) -> Settlement {
        let network = request.payment_requirements.network.clone();
        let mut settled = self.settled.lock().unwrap();
        let next = settled.len() + 1;
        let key = transaction(request);
        if settled.contains_key(&key) && !self.idempotent {
            return Settlement::Failed(SettleResponse::failure(
                ReasonCode::StellarSimulationFailed,
                network,
            ));
        }
        let hash = settled
            .entry(key)
            .or_insert_with(|| format!("{next:064x}"))
            .clone();
        Settlement::Confirmed(SettleResponse::success(hash, network))
    }
}

fn transaction(request: &FacilitatorRequest) -> String {
    request.payment_payload.payload["transaction"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[async_trait]
impl Facilitator for Shared<TestFacilitator> {
    async fn verify(
        &self,
        request: &FacilitatorRequest,
    ) -> Result<VerifyResponse, FacilitatorError> {
        self.0.verifies.fetch_add(1, Ordering::SeqCst);
        assert_eq!(
            request.payment_payload.accepted,
            request.payment_requirements
        );
        tokio::task::yield_now().await;
        let step = self.0.verify_steps.lock().unwrap().pop_front();
        if let Some(step) = step {
            return step.map_err(|()| FacilitatorError::unavailable("refused"));
        }
        if self
            .0
            .settled
            .lock()
            .unwrap()
            .contains_key(&transaction(request))
        {
            return Ok(VerifyResponse::invalid(ReasonCode::StellarSimulationFailed));
        }
        Ok(VerifyResponse {
            payer: None,
            ..VerifyResponse::valid("")
        })
    }

    async fn settle(&self, request: &FacilitatorRequest) -> Result<Settlement, FacilitatorError> {
        let this = &self.0;
        this.settles.fetch_add(1, Ordering::SeqCst);
        let network = request.payment_requirements.network.clone();
        let step = this
            .settle_steps
            .lock()
            .unwrap()
            .pop_front()
            .unwrap_or(Step::Confirm);
        match step {
            Step::Confirm => Ok(this.confirm(request)),
            Step::Fail(reason) => Ok(Settlement::Failed(SettleResponse::failure(reason, network))),
            Step::FailOnChain(reason) => {
                let mut response = SettleResponse::failure(reason, network);
                response.transaction = "f".repeat(64);
                Ok(Settlement::Failed(response))
            }
            Step::Pending(retry_after_seconds) => {
                let mut response = SettleResponse::failure(ReasonCode::SettlementPending, network);
                response.transaction = "a".repeat(64);
                Ok(Settlement::Pending {
                    response,
                    retry_after_seconds,
                })
            }
            Step::Unavailable => Err(FacilitatorError::unavailable("connection refused")),
            Step::LoseAnswer => {
                this.confirm(request);
                Err(FacilitatorError::outcome_unknown("connection reset"))
            }
            Step::Hang => std::future::pending().await,
            Step::Wait => {
                this.release.notified().await;
                Ok(this.confirm(request))
            }
        }
    }

    async fn supported(&self) -> Result<SupportedResponse, FacilitatorError> {
        self.0
            .supported
            .clone()
            .map_err(|()| FacilitatorError::unavailable("connection refused"))
    }
}

/// An `Arc` for which a foreign trait can be implemented.
pub(crate) struct Shared<T>(pub Arc<T>);

/// Everything that a test looks at.
pub(crate) struct World {
    pub(crate) facilitator: Arc<TestFacilitator>,
    pub(crate) store: Arc<dyn PaymentStore>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) runs: Arc<AtomicUsize>,
}

impl World {
    pub(crate) fn new(facilitator: TestFacilitator) -> Self {
        Self::on(facilitator, Arc::new(MemoryStore::new()))
    }

    pub(crate) fn on(facilitator: TestFacilitator, store: Arc<dyn PaymentStore>) -> Self {
        Self {
            facilitator: Arc::new(facilitator),
            store,
            clock: Arc::new(ManualClock::new(UnixMillis::from_seconds(1_800_000_000))),
            runs: Arc::default(),
        }
    }

    /// A builder that lacks a price only.
    pub(crate) fn unpriced(&self) -> GateBuilder {
        Gate::builder()
            .facilitator(Shared(Arc::clone(&self.facilitator)))
            .store(Arc::clone(&self.store))
            .clock(self.clock.clone())
            .resource_base(BASE)
    }

    pub(crate) fn builder(&self) -> GateBuilder {
        self.unpriced().offer(offer("$0.001"))
    }

    pub(crate) async fn gate(&self) -> Gate {
        self.builder().build().await.unwrap()
    }

    /// The usual seller: counts its runs and answers "sunny".
    pub(crate) async fn seller(&self) -> App {
        self.seller_behind(self.gate().await)
    }

    pub(crate) fn seller_behind(&self, gate: impl std::borrow::Borrow<Gate>) -> App {
        let runs = Arc::clone(&self.runs);
        App::new(gate.borrow(), move |_| {
            let run = runs.fetch_add(1, Ordering::SeqCst) + 1;
            async move { Response::new(Full::from(format!("sunny {run}"))) }
        })
    }

    pub(crate) fn runs(&self) -> usize {
        self.runs.load(Ordering::SeqCst)
    }
}

pub(crate) fn offer(price: &str) -> x402::ExactOffer {
    x402::exact(price)
        .unwrap()
        .pay_to(PAY_TO)
        .unwrap()
        .network(StellarNetwork::Testnet)
}

type Answer = Pin<Box<dyn Future<Output = Response<Full<Bytes>>> + Send>>;

/// A paid service.
#[derive(Clone)]
pub(crate) struct App(pub BoxCloneSyncService<Request<Full<Bytes>>, Reply, Infallible>);

impl App {
    pub(crate) fn new<F, Fut>(gate: &Gate, handler: F) -> Self
    where
        F: Fn(Request<Full<Bytes>>) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Response<Full<Bytes>>> + Send + 'static,
    {
        let inner = tower::service_fn(move |request| {
            let answer: Answer = Box::pin(handler(request));
            async move { Ok::<_, Infallible>(answer.await) }
        });
        Self::over(gate.layer(inner))
    }

    /// Any service behind a gate.
    pub(crate) fn over<S, B>(service: S) -> Self
    where
        S: tower::Service<Request<Full<Bytes>>, Response = Response<B>, Error = Infallible>
            + Clone
            + Send
            + Sync
            + 'static,
        S::Future: Send,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: std::fmt::Debug,
    {
        Self(BoxCloneSyncService::new(service.then(
            |response: Result<Response<B>, _>| async {
                let (parts, body) = response?.into_parts();
                let body = body.collect().await.unwrap().to_bytes();
                Ok(Reply {
                    status: parts.status,
                    headers: parts.headers,
                    body,
                })
            },
        )))
    }

    pub(crate) async fn send(&self, request: Request<Full<Bytes>>) -> Reply {
        self.0.clone().oneshot(request).await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send(get(path)).await
    }

    pub(crate) async fn pay(&self, path: &str, payment: &str) -> Reply {
        self.send(paid(path, payment)).await
    }

    /// Asks for the price of `path` and makes a payment for it, without sending it.
    pub(crate) async fn quote(&self, path: &str, nonce: i64) -> String {
        let required = self.get(path).await.required();
        header(&required.accepts[0], nonce)
    }
}

pub(crate) fn get(path: &str) -> Request<Full<Bytes>> {
    request(Method::GET, path, "")
}

pub(crate) fn request(method: Method, path: &str, body: &str) -> Request<Full<Bytes>> {
    Request::builder()
        .method(method)
        .uri(path)
        .body(Full::from(body.to_owned()))
        .unwrap()
}

pub(crate) fn paid(path: &str, payment: &str) -> Request<Full<Bytes>> {
    with_payment(get(path), payment)
}

pub(crate) fn with_payment(
    mut request: Request<Full<Bytes>>,
    payment: &str,
) -> Request<Full<Bytes>> {
    request
        .headers_mut()
        .insert("payment-signature", payment.parse().unwrap());
    request
}

/// A payment for these requirements, as the value of its header.
pub(crate) fn header(requirements: &PaymentRequirements, nonce: i64) -> String {
    payload(requirements, nonce).to_header()
}

pub(crate) fn payload(requirements: &PaymentRequirements, nonce: i64) -> PaymentPayload {
    let network = StellarNetwork::try_from(requirements.network.as_ref()).unwrap();
    let secret = payer();
    let transfer = Transfer {
        token: requirements.asset.parse().unwrap(),
        from: Address::Account(secret.account_id()),
        to: requirements.pay_to.parse().unwrap(),
        amount: requirements.amount.to_i128(),
    };
    let entry = UnsignedAuthEntry::for_transfer(&transfer, nonce, 1_000)
        .sign(&secret, &network.network_id())
        .unwrap();
    let envelope = TransferTransaction {
        source: AccountId::ALL_ZEROS,
        sequence: 1,
        fee: 100,
        max_time: None,
        transfer,
        auth: vec![entry],
        resources: None,
    }
    .to_envelope();
    let scheme = Map::from_iter([("transaction".to_owned(), Value::from(envelope.to_base64()))]);
    PaymentPayload::new(requirements.clone(), scheme)
}

pub(crate) fn payer() -> SecretKey {
    SecretKey::from_seed([7; 32])
}

/// An answer, read to its end.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> &str {
        match self.headers.get(name) {
            Some(value) => value.to_str().unwrap(),
            None => panic!("no header {name} in {self:?}"),
        }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.headers.contains_key(name)
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn required(&self) -> PaymentRequired {
        PaymentRequired::from_header(self.header("payment-required")).unwrap()
    }

    pub(crate) fn receipt(&self) -> SettleResponse {
        SettleResponse::from_header(self.header("payment-response")).unwrap()
    }

    /// Asserts a refusal with this reason code, a fresh offer, and nothing for a cache to keep.
    #[track_caller]
    pub(crate) fn assert_refused(&self, code: &str) {
        assert_eq!(self.status, StatusCode::PAYMENT_REQUIRED, "{self:?}");
        assert_eq!(self.required().error.as_deref(), Some(code));
        assert_eq!(self.json()["error"], code);
        assert_eq!(self.header("cache-control"), "no-store");
    }

    /// Asserts an answer that asks to try again, and never asks for a payment.
    #[track_caller]
    pub(crate) fn assert_try_again(&self, status: StatusCode, error: &str) {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.json()["error"], error);
        assert!(self.header("retry-after").parse::<u32>().unwrap() > 0);
        assert!(!self.has("payment-required"), "asks for another payment");
        assert_eq!(self.header("cache-control"), "no-store");
    }
}
