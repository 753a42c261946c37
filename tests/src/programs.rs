//! Our own programs, in this process: a facilitator and a seller, over HTTP.

use std::{
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
};

use axum::{
    Json, Router,
    extract::Request,
    http::StatusCode,
    middleware::{Next, from_fn},
    response::IntoResponse as _,
};
use coinslot_caip2_network::StellarNetwork;
use coinslot_client::{Budget, PayingClient, PayingClientBuilder};
use coinslot_facilitator::{AccessLimits, AppState, Metrics};
use coinslot_facilitator_api::{Facilitator, HttpFacilitator};
use coinslot_payment_store::{PaymentStore, Store};
use coinslot_server::{Gate, GateBuilder, mpp, x402};
use coinslot_server_axum::{Paid, paid_get};
use coinslot_settlement::LocalFacilitator;
use coinslot_soroban_authorization::SecretKey;
use coinslot_stellar_address::AccountId;
use serde_json::json;
use tokio::{net::TcpListener, task::JoinHandle};

use crate::chain::Chain;

/// A program that serves until it is dropped.
#[derive(Debug)]
pub struct Served {
    /// Where, without a trailing slash.
    pub url: String,
    task: JoinHandle<()>,
}

impl Served {
    async fn start(app: impl FnOnce(&str) -> Router) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        Self::start_on(listener, app)
    }

    pub(crate) fn start_on(listener: TcpListener, app: impl FnOnce(&str) -> Router) -> Self {
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let app = app(&url);
        let task = tokio::spawn(async move {
            axum::serve(listener, app)
                .await
                .expect("a listener that listens")
        });
        Self { url, task }
    }

    /// Stops as a process stops that is killed: whatever is in flight is cut off.
    pub async fn kill(mut self) {
        self.task.abort();
        let _ended = (&mut self.task).await;
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A store in memory.
pub async fn memory() -> Arc<dyn PaymentStore> {
    Store::open("memory:").await.expect("a store")
}

/// A facilitator with these sponsors.
pub async fn facilitator(
    chain: &Chain,
    store: Arc<dyn PaymentStore>,
    sponsors: &[SecretKey],
) -> LocalFacilitator {
    let builder = LocalFacilitator::builder(chain.ledger(), store, chain.network());
    let builder = sponsors
        .iter()
        .fold(builder, |builder, sponsor| builder.sponsor(sponsor.clone()));
    builder.build().await.expect("a facilitator")
}

/// The facilitator over HTTP, for whoever has the key; for everyone when there is none.
pub async fn serve_facilitator(facilitator: LocalFacilitator, key: Option<&str>) -> Served {
    let app = facilitator_app(facilitator, key);
    Served::start(|_| app).await
}

/// The facilitator over HTTP, behind a proxy that loses so many of its answers to `/settle`.
pub async fn serve_facilitator_losing(
    facilitator: LocalFacilitator,
    answers: Arc<AtomicU64>,
) -> Served {
    let lose = move |request: Request, next: Next| {
        let answers = Arc::clone(&answers);
        async move {
            let settles = request.uri().path() == "/settle";
            let answer = next.run(request).await;
            let lost = |left: u64| left.checked_sub(1);
            if settles && answers.fetch_update(SeqCst, SeqCst, lost).is_ok() {
                return StatusCode::BAD_GATEWAY.into_response();
            }
            answer
        }
    };
    let app = facilitator_app(facilitator, None).layer(from_fn(lose));
    Served::start(|_| app).await
}

fn facilitator_app(facilitator: LocalFacilitator, key: Option<&str>) -> Router {
    let keys = key
        .map(|key| key.parse().expect("an API key"))
        .into_iter()
        .collect();
    let many = NonZeroU32::new(10_000).expect("not zero");
    let limits = AccessLimits {
        concurrency: many,
        per_second: many,
    };
    coinslot_facilitator::router(AppState::new(
        facilitator,
        keys,
        limits,
        Arc::new(Metrics::new()),
    ))
}

/// Our client of a facilitator.
#[must_use]
pub fn remote_facilitator(url: &str, key: Option<&str>) -> HttpFacilitator {
    let builder = HttpFacilitator::builder(url);
    let builder = match key {
        Some(key) => builder.api_key(key),
        None => builder,
    };
    builder.build().expect("an address on loopback")
}

/// A seller of `GET /weather`, and how often its handler ran.
#[derive(Debug)]
pub struct Seller {
    served: Served,
    runs: Arc<AtomicU64>,
}

impl Seller {
    /// Opens a shop that asks $0.001, on any free port.
    pub async fn open(
        facilitator: impl Facilitator,
        store: Arc<dyn PaymentStore>,
        payee: AccountId,
    ) -> Self {
        Self::open_at("127.0.0.1:0", facilitator, store, payee).await
    }

    /// Opens it where another was.
    pub async fn open_at(
        address: &str,
        facilitator: impl Facilitator,
        store: Arc<dyn PaymentStore>,
        payee: AccountId,
    ) -> Self {
        let gate = Gate::builder()
            .offer(exact(payee))
            .facilitator(facilitator)
            .store(store);
        Self::open_gate(address, gate).await
    }

    /// Opens a shop that asks $0.001 by x402 or MPP, whichever the buyer likes.
    pub async fn open_both(
        facilitator: LocalFacilitator,
        store: Arc<dyn PaymentStore>,
        payee: AccountId,
    ) -> Self {
        let gate = Gate::builder()
            .offer(exact(payee))
            .offer(charge(payee))
            .charges(facilitator.charges())
            .facilitator(facilitator)
            .secret(SECRET)
            .store(store);
        Self::open_gate("127.0.0.1:0", gate).await
    }

    /// Opens a shop at this address whose gate needs nothing more but its own address.
    pub async fn open_gate(address: &str, gate: GateBuilder) -> Self {
        let listener = TcpListener::bind(address).await.expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        Self::start(listener, gate.resource_base(base)).await
    }

    /// Opens one more shop that passes for the one whose address its gate has.
    pub async fn open_twin(gate: GateBuilder) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await;
        Self::start(listener.expect("a free port"), gate).await
    }

    async fn start(listener: TcpListener, gate: GateBuilder) -> Self {
        let gate = gate.build().await.expect("a gate");
        let runs = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&runs);
        let weather = async move |Paid(payment): Paid| {
            let run = counter.fetch_add(1, SeqCst) + 1;
            Json(json!({"city": "Lima", "celsius": 19, "run": run, "payer": payment.payer}))
        };
        let app = |_: &str| Router::new().route("/weather", paid_get(gate, weather));
        Self {
            served: Served::start_on(listener, app),
            runs,
        }
    }

    /// Host and port.
    #[must_use]
    pub fn address(&self) -> String {
        self.served.url.trim_start_matches("http://").to_owned()
    }

    /// The address of the resource.
    #[must_use]
    pub fn weather(&self) -> String {
        format!("{}/weather", self.served.url)
    }

    /// How often the handler ran.
    #[must_use]
    pub fn runs(&self) -> u64 {
        self.runs.load(SeqCst)
    }

    /// Stops at once; returns how often the handler ran.
    pub async fn kill(self) -> u64 {
        self.served.kill().await;
        self.runs.load(SeqCst)
    }
}

/// The secret of the gates of these tests.
pub const SECRET: [u8; 32] = *b"a secret of these tests, no more";

/// $0.001 by x402.
#[must_use]
pub fn exact(payee: AccountId) -> x402::ExactOffer {
    x402::exact("$0.001")
        .and_then(|offer| offer.pay_to(payee.to_string()))
        .expect("an offer")
        .network(StellarNetwork::Testnet)
}

/// $0.001 by MPP.
#[must_use]
pub fn charge(payee: AccountId) -> mpp::ChargeOffer {
    mpp::charge("$0.001")
        .and_then(|offer| offer.pay_to(payee.to_string()))
        .expect("an offer")
        .network(StellarNetwork::Testnet)
        .external_id("order-9")
}

/// A client that buys from this machine, at most $0.01 at a time.
pub fn buyer(chain: &Chain, key: SecretKey, store: Arc<dyn PaymentStore>) -> PayingClient {
    let builder = buyer_builder(chain, key, store);
    builder.build().expect("a client")
}

/// The same, before it is built.
pub fn buyer_builder(
    chain: &Chain,
    key: SecretKey,
    store: Arc<dyn PaymentStore>,
) -> PayingClientBuilder {
    let budget = Budget::per_payment("$0.01")
        .and_then(|budget| budget.per_day("$1"))
        .and_then(|budget| budget.per_host_per_day("$1"))
        .expect("prices")
        .hosts(["127.0.0.1"])
        .expect("a host");
    PayingClient::builder(key)
        .budget(budget)
        .store(store)
        .rpc(chain.ledger())
}

/// A seller on a runtime of its own, which can be killed with everything that it has begun.
#[derive(Debug)]
pub struct Mortal {
    runtime: Option<tokio::runtime::Runtime>,
    seller: Option<Seller>,
}

impl Mortal {
    /// Opens a seller there, with the gate that is made there.
    pub async fn open<F>(address: &str, gate: impl FnOnce() -> F + Send + 'static) -> Self
    where
        F: Future<Output = GateBuilder> + Send + 'static,
    {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let address = address.to_owned();
        let opening = async move { Seller::open_gate(&address, gate().await).await };
        let seller = runtime.spawn(opening).await.expect("a seller");
        Self {
            runtime: Some(runtime),
            seller: Some(seller),
        }
    }

    /// The seller.
    ///
    /// # Panics
    ///
    /// After it was killed.
    #[must_use]
    pub fn seller(&self) -> &Seller {
        self.seller.as_ref().expect("it lives")
    }

    /// Ends everything at once; returns how often the handler ran.
    pub fn kill(self) -> u64 {
        let runs = self.seller().runs();
        drop(self);
        runs
    }
}

impl Drop for Mortal {
    fn drop(&mut self) {
        drop(self.seller.take());
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
