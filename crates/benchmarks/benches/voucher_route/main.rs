//! A route that is paid by vouchers, on a durable store against one in memory, in turns: 64 connections, each with a
//! channel of its own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::get;
use coinslot_benchmarks::load::{median, rate_of_all};
use coinslot_benchmarks::ratio::{self, Ratio, Target};
use coinslot_caip2_network::StellarNetwork;
use coinslot_channel_commitment::{CommitmentKey, CommitmentTemplate};
use coinslot_mpp_wire::stellar::{ChannelAction, ChannelPayload, NamedChannel};
use coinslot_mpp_wire::{Challenge, Credential};
use coinslot_payment_store::{PaymentStore, Store};
use coinslot_server::{Gate, mpp};
use coinslot_settlement::Channels;
use coinslot_soroban_authorization::SecretKey;
use coinslot_stellar_address::ContractId;
use coinslot_usdc_amount::{BaseUnits, usdc_on};
use ed25519_dalek::{Signer as _, SigningKey};

use crate::chain::{Channel, MadeUp};

mod chain;

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let on_disk = format!("sqlite:{}", folder.path().join("seller.db").display());
    let durable = Shop::open(Store::open(&on_disk).await.expect("a store"), 1).await;
    let in_memory = Shop::open(Store::open("memory:").await.expect("a store"), 2).await;

    let (mut ours, mut peers) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        peers.push(in_memory.sell(round).await);
        ours.push(durable.sell(round).await);
    }
    let (ours, peer, bound) = (median(ours), median(peers), verifications());
    println!("vouchers a second: {ours:.0}; in memory: {peer:.0}; verifications: {bound:.0}");
    let row = |what: &str, peer: &str, ratio, target| Ratio {
        what: what.into(),
        peer: peer.into(),
        ratio,
        target,
    };
    let ratios = [
        row(
            "vouchers a second, on SQLite",
            "the same route with a store in memory",
            quotient(ours, peer),
            Some(Target::AtLeast(0.65)),
        ),
        row(
            "vouchers a second, on SQLite",
            "strict ed25519 verifications on one core",
            quotient(ours, bound),
            None,
        ),
        row(
            "vouchers a second, in memory",
            "strict ed25519 verifications on one core",
            quotient(peer, bound),
            None,
        ),
    ];
    ratio::keep("voucher_route", &ratios).expect("the build folder can be written");
}

struct Shop {
    address: SocketAddr,
    ledger: Arc<MadeUp>,
    channels: Vec<Channel>,
    challenges: Vec<Challenge>,
}

impl Shop {
    async fn open(store: Arc<dyn PaymentStore>, nth: u8) -> Self {
        let recipient = SecretKey::from_seed([9; 32]);
        let token = usdc_on(StellarNetwork::Testnet.chain_id().as_str()).expect("USDC");
        let token: ContractId = token.contract.parse().expect("a contract");
        let channels: Vec<Channel> = (0..CONNECTIONS)
            .map(|number| {
                let mut id = [nth; 32];
                id[0] = number;
                Channel {
                    id: ContractId::from_bytes(id),
                    key: CommitmentKey::from_seed(id),
                }
            })
            .collect();
        let ledger = Arc::new(MadeUp::new(&channels, token, recipient.account_id()));
        let kept = Channels::builder(
            Arc::clone(&ledger) as Arc<_>,
            Arc::clone(&store),
            StellarNetwork::Testnet,
            recipient,
        )
        .watch_every(Duration::from_secs(3_600))
        .build()
        .await
        .expect("channels");
        let offer = mpp::channel("$0.001").expect("a price");
        let gate = Gate::builder()
            .offer(offer.network(StellarNetwork::Testnet))
            .channels(kept)
            .secret([7; 32])
            .store(store)
            .resource_base("https://api.example.com")
            .build()
            .await
            .expect("a gate");
        let router = Router::new().route("/weather", get(weather).layer(gate));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        tokio::spawn(async move { axum::serve(listener, router).await });

        let mut challenges = Vec::new();
        for channel in &channels {
            let named = NamedChannel {
                channel: channel.id.to_string(),
                proof: None,
            };
            let asked = reqwest::Client::new()
                .get(format!("http://{address}/weather"))
                .header("payment-channel", named.to_string());
            let answer = asked.send().await.expect("an answer");
            let all = answer.headers().get_all("www-authenticate");
            challenges.extend(Challenge::from_headers(all).expect("a challenge"));
        }
        Self {
            address,
            ledger,
            channels,
            challenges,
        }
    }

    /// Sells over all channels at once; how many vouchers a second.
    async fn sell(&self, round: u64) -> f64 {
        let network = StellarNetwork::Testnet.network_id();
        let requests = self
            .channels
            .iter()
            .zip(&self.challenges)
            .map(|(channel, challenge)| {
                let template = CommitmentTemplate::new(&network, &channel.id);
                (1..=VOUCHERS)
                    .map(|nth| {
                        let amount = BaseUnits::from_u64((round * VOUCHERS + nth) * 10_000);
                        let voucher = channel.key.sign_amount(&template, amount);
                        request(challenge, amount, *voucher.signature())
                    })
                    .collect()
            })
            .collect();
        let asked = self.ledger.asked.load(Ordering::Relaxed);
        let rate = rate_of_all(self.address, requests, "HTTP/1.1 200").await;
        let rate = rate.expect("each voucher is accepted");
        assert_eq!(
            self.ledger.asked.load(Ordering::Relaxed),
            asked,
            "the network is not asked on the way of a voucher"
        );
        rate
    }
}

fn request(challenge: &Challenge, amount: BaseUnits, signature: [u8; 64]) -> Vec<u8> {
    let payload = ChannelPayload {
        action: ChannelAction::Voucher,
        amount,
        signature,
    };
    let credential = Credential::new(challenge.clone(), &payload).to_header();
    format!("GET /weather HTTP/1.1\r\nhost: api.example.com\r\nauthorization: {credential}\r\n\r\n")
        .into_bytes()
}

/// How many strict verifications of a commitment one core does in a second.
fn verifications() -> f64 {
    let key = SigningKey::from_bytes(&[7; 32]);
    let message = [5; 192];
    let signature = key.sign(&message);
    let key = key.verifying_key();
    let start = Instant::now();
    for _ in 0..VERIFICATIONS {
        key.verify_strict(&message, &signature)
            .expect("a signature");
    }
    quotient(f64::from(VERIFICATIONS), start.elapsed().as_secs_f64())
}

async fn weather() -> &'static str {
    r#"{"sky":"clear","celsius":21}"#
}

#[expect(clippy::float_arithmetic, reason = "a ratio is a quotient")]
fn quotient(ours: f64, peer: f64) -> f64 {
    ours / peer
}

const CONNECTIONS: u8 = 64;
const VOUCHERS: u64 = 200;
const ROUNDS: u64 = 5;
const VERIFICATIONS: u32 = 20_000;
