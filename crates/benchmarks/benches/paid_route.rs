//! The 402 of a paid route against a bare axum route, over kept-alive loopback connections, in turns.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::routing::get;
use coinslot_benchmarks::load::{median, rate};
use coinslot_benchmarks::ratio::{self, Ratio, Target};
use coinslot_caip2_network::{STELLAR_TESTNET, StellarNetwork};
use coinslot_facilitator_api::{Facilitator, FacilitatorError, Settlement};
use coinslot_payment_store::MemoryStore;
use coinslot_server::{Gate, mpp, x402};
use coinslot_settlement::Charges;
use coinslot_soroban_authorization::SecretKey;
use coinslot_stellar_ledger::{RpcLedger, RpcOptions};
use coinslot_x402_wire::{FacilitatorRequest, SupportedKind, SupportedResponse, VerifyResponse};

#[tokio::main]
async fn main() {
    let seller = SecretKey::from_seed([9; 32]).account_id().to_string();
    let offer = x402::exact("$0.001")
        .and_then(|offer| offer.pay_to(&seller))
        .expect("an offer");
    let gate = Gate::builder()
        .offer(offer.network(StellarNetwork::Testnet))
        .facilitator(NeverAsked)
        .store(Arc::new(MemoryStore::new()))
        .resource_base("https://api.example.com")
        .build()
        .await
        .expect("a gate");
    let charge = mpp::charge("$0.001")
        .and_then(|offer| offer.pay_to(&seller))
        .expect("an offer");
    let nobody = RpcLedger::new(["http://127.0.0.1:9"], RpcOptions::default());
    let nobody = Arc::new(nobody.expect("an address on loopback"));
    let by_mpp = Gate::builder()
        .offer(charge.network(StellarNetwork::Testnet))
        .charges(Charges::unsponsored(nobody, StellarNetwork::Testnet))
        .secret([7; 32])
        .store(Arc::new(MemoryStore::new()))
        .resource_base("https://api.example.com")
        .build()
        .await
        .expect("a gate");
    let mpp = serve(Router::new().route("/weather", get(weather).layer(by_mpp))).await;
    let paid = serve(Router::new().route("/weather", get(weather).layer(gate))).await;
    let bare = serve(Router::new().route("/weather", get(weather))).await;

    let (mut by_x402, mut by_mpp, mut peers) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        peers.push(answers(bare, "HTTP/1.1 200").await);
        by_x402.push(answers(paid, "HTTP/1.1 402").await);
        by_mpp.push(answers(mpp, "HTTP/1.1 402").await);
    }
    let peer = median(peers);
    let ratios = [
        ("x402's 402 answers a second", median(by_x402), 0.8),
        ("MPP's 402 answers a second", median(by_mpp), 0.75),
    ]
    .map(|(what, ours, target)| {
        println!("{what}: {ours:.0}; bare route: {peer:.0}");
        Ratio {
            what: what.into(),
            peer: "a bare axum route".into(),
            ratio: quotient(ours, peer),
            target: Some(Target::AtLeast(target)),
        }
    });
    ratio::keep("paid_route", &ratios).expect("the build folder can be written");
}

async fn answers(address: SocketAddr, status: &'static str) -> f64 {
    rate(address, REQUEST, status, CONNECTIONS, STRETCH)
        .await
        .expect("the route answers")
}

async fn weather() -> &'static str {
    r#"{"sky":"clear","celsius":21}"#
}

async fn serve(router: Router) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

#[expect(clippy::float_arithmetic, reason = "a ratio is a quotient")]
fn quotient(ours: f64, peer: f64) -> f64 {
    ours / peer
}

/// A facilitator that knows what it supports: nobody pays here, so nothing else is asked of it.
#[derive(Debug)]
struct NeverAsked;

#[async_trait]
impl Facilitator for NeverAsked {
    async fn verify(&self, _: &FacilitatorRequest) -> Result<VerifyResponse, FacilitatorError> {
        unreachable!("no payment is presented")
    }

    async fn settle(&self, _: &FacilitatorRequest) -> Result<Settlement, FacilitatorError> {
        unreachable!("no payment is presented")
    }

    async fn supported(&self) -> Result<SupportedResponse, FacilitatorError> {
        let kind = SupportedKind::new("exact", STELLAR_TESTNET.to_owned())
            .with_extra("areFeesSponsored", true);
        Ok(SupportedResponse {
            kinds: vec![kind],
            ..SupportedResponse::default()
        })
    }
}

const REQUEST: &[u8] =
    b"GET /weather HTTP/1.1\r\nhost: api.example.com\r\naccept: application/json\r\n\r\n";
const CONNECTIONS: usize = 64;
const ROUNDS: usize = 5;
const STRETCH: Duration = Duration::from_secs(1);
