//! Those who sell: a facilitator, and a shop behind two gates.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use axum::Router;
use axum::extract::Query;
use axum::routing::get;
use coinslot_caip2_network::StellarNetwork;
use coinslot_facilitator::{AccessLimits, AppState, Metrics};
use coinslot_facilitator_api::HttpFacilitator;
use coinslot_local_stellar::LocalStellar;
use coinslot_payment_store::MemoryStore;
use coinslot_server::{Gate, GateBuilder, mpp, x402};
use coinslot_settlement::{Channels, Charges, LocalFacilitator};
use coinslot_soroban_authorization::SecretKey;
use coinslot_stellar_address::AccountId;
use coinslot_usdc_amount::BaseUnits;
use serde::Deserialize;
use tokio::net::TcpListener;

use super::parts::{rpc, unexpected};
use crate::exit::Failure;

/// A facilitator that listens, and the charges of MPP that it sponsors.
pub(super) struct Facilitator {
    pub(super) address: SocketAddr,
    charges: Charges,
}

impl Facilitator {
    pub(super) async fn start(
        network: &LocalStellar,
        sponsor: &SecretKey,
    ) -> Result<Self, Failure> {
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
        let charges = facilitator.charges();
        let state = AppState::new(facilitator, Vec::new(), NO_LIMITS, metrics);
        let address = serve(coinslot_facilitator::router(state)).await?;
        Ok(Self { address, charges })
    }
}

/// Sells `GET /weather`, for which buyers need no XLM, and `GET /forecast`, for which they pay the network's fees.
pub(super) async fn start_shop(
    facilitator: &Facilitator,
    seller: &AccountId,
) -> Result<SocketAddr, Failure> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(|error| unexpected(&error))?;
    let settling = HttpFacilitator::builder(format!("http://{}", facilitator.address))
        .build()
        .map_err(|error| unexpected(&error))?;
    let gate = Gate::builder()
        .charges(facilitator.charges.clone())
        .secret(secret)
        .store(Arc::new(MemoryStore::new()))
        .resource_base("http://127.0.0.1")
        .mime_type("application/json");
    let offer = x402::exact(PRICE)
        .and_then(|offer| offer.pay_to(seller.to_string()))
        .map_err(|error| unexpected(&error))?;
    let charge = mpp::charge(PRICE)
        .and_then(|offer| offer.pay_to(seller.to_string()))
        .map_err(|error| unexpected(&error))?
        .network(StellarNetwork::Testnet);
    let sponsored = gate
        .clone()
        .offer(offer.network(StellarNetwork::Testnet))
        .offer(charge.clone())
        .facilitator(settling)
        .description("The weather of one day");
    let unsponsored = gate
        .offer(charge.sponsored(false))
        .description("The forecast of one day");
    let router = Router::new()
        .route("/weather", get(weather).layer(built(sponsored).await?))
        .route("/forecast", get(weather).layer(built(unsponsored).await?));
    serve(router).await
}

/// Sells `GET /quote` by vouchers.
pub(super) async fn start_channel_shop(channels: Channels) -> Result<SocketAddr, Failure> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(|error| unexpected(&error))?;
    let offer = mpp::channel(VOUCHER_PRICE).map_err(|error| unexpected(&error))?;
    let gate = Gate::builder()
        .offer(offer.network(StellarNetwork::Testnet))
        .channels(channels)
        .secret(secret)
        .store(Arc::new(MemoryStore::new()))
        .resource_base("http://127.0.0.1");
    serve(Router::new().route("/quote", get(weather).layer(built(gate).await?))).await
}

async fn built(gate: GateBuilder) -> Result<Gate, Failure> {
    gate.build().await.map_err(|error| unexpected(&error))
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

/// Nobody but this process calls.
const NO_LIMITS: AccessLimits = AccessLimits {
    concurrency: NonZeroU32::MAX,
    per_second: NonZeroU32::MAX,
};
pub(super) const PRICE: &str = "$0.001";
/// For one answer that is paid by a voucher.
const VOUCHER_PRICE: &str = "$0.0001";
/// The same in base units.
pub(super) const VOUCHER_UNITS: BaseUnits = BaseUnits::from_u64(1_000);
const SKIES: [&str; 4] = ["clear", "cloudy", "rain", "snow"];
