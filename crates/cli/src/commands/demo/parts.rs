//! Those who take part: a network, a facilitator, a seller and a buyer.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use axum::Router;
use axum::extract::Query;
use axum::routing::get;
use coinslot_caip2_network::StellarNetwork;
use coinslot_client::{Budget, PayingClient};
use coinslot_facilitator::{AccessLimits, AppState, Metrics};
use coinslot_facilitator_api::HttpFacilitator;
use coinslot_local_stellar::LocalStellar;
use coinslot_payment_store::MemoryStore;
use coinslot_server::{Gate, x402};
use coinslot_settlement::LocalFacilitator;
use coinslot_soroban_authorization::{AccountId, Address, SecretKey};
use coinslot_stellar_ledger::{RpcLedger, RpcOptions};
use coinslot_usdc_amount::BaseUnits;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

use crate::commands::local;
use crate::exit::{Failure, sentence_of};
use crate::output::Output;

/// Everything that runs.
pub(super) struct Parts {
    network: LocalStellar,
    sponsor: AccountId,
    seller: AccountId,
    buyer: AccountId,
    shop: SocketAddr,
    /// The buyer's client.
    pub(super) client: PayingClient,
}

/// What the three of them hold.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Balances {
    /// In base units of USDC.
    #[serde(with = "coinslot_usdc_amount::serde_string")]
    pub(super) buyer_usdc: BaseUnits,
    /// In base units of USDC.
    #[serde(with = "coinslot_usdc_amount::serde_string")]
    pub(super) seller_usdc: BaseUnits,
    pub(super) buyer_stroops: i64,
    pub(super) sponsor_stroops: i64,
}

impl Parts {
    pub(super) async fn start(output: Output) -> Result<Self, Failure> {
        let step = output.step("starting a Stellar network on the real Soroban engine");
        let network = LocalStellar::builder()
            .start()
            .await
            .map_err(|error| local::failure(&error))?;
        step.done(&format!(
            "a Stellar network in this process, at {}",
            network.rpc_url()
        ));

        let step = output.step("making accounts");
        let sponsor = network
            .create_funded_account()
            .await
            .map_err(|error| local::failure(&error))?;
        let seller = network
            .create_usdc_account(BaseUnits::ZERO)
            .await
            .map_err(|error| local::failure(&error))?;
        let buyer = network
            .create_buyer(BaseUnits::from_u64(ONE_DOLLAR))
            .await
            .map_err(|error| local::failure(&error))?;
        step.done("a sponsor with XLM, a seller with a trustline, a buyer with 1 USDC and no XLM");

        let step = output.step("starting the facilitator");
        let facilitator = start_facilitator(&network, &sponsor).await?;
        step.done(&format!(
            "a facilitator at http://{facilitator}, which pays the network's fees"
        ));

        let step = output.step("starting the seller");
        let shop = start_shop(facilitator, &seller.account_id()).await?;
        step.done(&format!(
            "a seller at http://{shop}, who asks $0.001 for GET /weather"
        ));

        let client = paying_client(&network, buyer.clone())?;
        Ok(Self {
            network,
            sponsor: sponsor.account_id(),
            seller: seller.account_id(),
            buyer: buyer.account_id(),
            shop,
            client,
        })
    }

    /// Where purchase number `number` is made; each asks for another day, so that each is a purchase of its own.
    pub(super) fn weather_url(&self, number: u16) -> String {
        format!("http://{}/weather?day={number}", self.shop)
    }

    pub(super) fn seller(&self) -> AccountId {
        self.seller
    }

    pub(super) fn buyer(&self) -> AccountId {
        self.buyer
    }

    pub(super) async fn balances(&self) -> Result<Balances, Failure> {
        Ok(Balances {
            buyer_usdc: self.usdc(self.buyer).await?,
            seller_usdc: self.usdc(self.seller).await?,
            buyer_stroops: self.stroops(self.buyer).await?,
            sponsor_stroops: self.stroops(self.sponsor).await?,
        })
    }

    async fn usdc(&self, account: AccountId) -> Result<BaseUnits, Failure> {
        let balance = self
            .network
            .balance_usdc(&Address::Account(account))
            .await
            .map_err(|error| local::failure(&error))?;
        balance.ok_or_else(|| {
            Failure::configuration("an account of the demonstration has no trustline")
        })
    }

    async fn stroops(&self, account: AccountId) -> Result<i64, Failure> {
        let balance = self
            .network
            .balance_stroops(&account)
            .await
            .map_err(|error| local::failure(&error))?;
        balance.ok_or_else(|| Failure::configuration("an account of the demonstration is missing"))
    }

    pub(super) async fn stop(self) {
        self.network.shutdown().await;
    }
}

async fn start_facilitator(
    network: &LocalStellar,
    sponsor: &SecretKey,
) -> Result<SocketAddr, Failure> {
    let metrics = Arc::new(Metrics::new());
    let facilitator = LocalFacilitator::builder(
        Arc::new(rpc(network)?),
        Arc::new(MemoryStore::new()),
        StellarNetwork::Testnet,
    )
    .sponsor(sponsor.clone())
    .assets([network.usdc_contract()])
    .observer(Arc::clone(&metrics) as _)
    .build()
    .await
    .map_err(|error| unexpected(&error))?;
    let state = AppState::new(facilitator, Vec::new(), NO_LIMITS, metrics);
    serve(coinslot_facilitator::router(state)).await
}

async fn start_shop(facilitator: SocketAddr, seller: &AccountId) -> Result<SocketAddr, Failure> {
    let facilitator = HttpFacilitator::builder(format!("http://{facilitator}"))
        .build()
        .map_err(|error| unexpected(&error))?;
    let offer = x402::exact("$0.001")
        .and_then(|offer| offer.pay_to(seller.to_string()))
        .map_err(|error| unexpected(&error))?;
    let gate = Gate::builder()
        .offer(offer.network(StellarNetwork::Testnet))
        .facilitator(facilitator)
        .store(Arc::new(MemoryStore::new()))
        .resource_base("http://127.0.0.1")
        .description("The weather of one day")
        .mime_type("application/json")
        .build()
        .await
        .map_err(|error| unexpected(&error))?;
    serve(Router::new().route("/weather", get(weather).layer(gate))).await
}

fn paying_client(network: &LocalStellar, buyer: SecretKey) -> Result<PayingClient, Failure> {
    let budget = Budget::per_payment("$0.01")
        .and_then(|budget| budget.per_day("$1"))
        .and_then(|budget| budget.per_host_per_day("$1"))
        .map_err(|error| unexpected(&error))?
        .hosts(["127.0.0.1"])
        .map_err(|error| unexpected(&error))?;
    PayingClient::builder(buyer)
        .budget(budget)
        .store(Arc::new(MemoryStore::new()))
        .network(StellarNetwork::Testnet)
        .rpc(Arc::new(rpc(network)?))
        .build()
        .map_err(|error| unexpected(&error))
}

fn rpc(network: &LocalStellar) -> Result<RpcLedger, Failure> {
    RpcLedger::new([network.rpc_url()], RpcOptions::default()).map_err(|error| unexpected(&error))
}

async fn serve(router: Router) -> Result<SocketAddr, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .map_err(|error| unexpected(&error))?;
    let address = listener.local_addr().map_err(|error| unexpected(&error))?;
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}

#[derive(Debug, Deserialize)]
struct Day {
    day: u16,
}

/// The handler that is paid for.
async fn weather(Query(Day { day }): Query<Day>) -> axum::Json<serde_json::Value> {
    let sky = SKIES[usize::from(day) % SKIES.len()];
    axum::Json(serde_json::json!({ "day": day, "sky": sky, "celsius": 15 + day % 10 }))
}

fn unexpected(error: &dyn std::error::Error) -> Failure {
    Failure::new(crate::exit::Kind::Unexpected, sentence_of(error))
}

/// Nobody but this process calls.
const NO_LIMITS: AccessLimits = AccessLimits {
    concurrency: NonZeroU32::MAX,
    per_second: NonZeroU32::MAX,
};
const SKIES: [&str; 4] = ["clear", "cloudy", "rain", "snow"];
const ONE_DOLLAR: u64 = 10_000_000;
