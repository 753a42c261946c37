//! A seller's process killed with `kill -9`, again and again, while buyers pay it from their channels.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};

use coinslot_caip2_network::StellarNetwork;
use coinslot_mpp_wire::Challenge;
use coinslot_mpp_wire::stellar::{ChannelStanding, PAYMENT_CHANNEL};
use coinslot_payment_store::Store;
use coinslot_settlement::Channels;
use coinslot_soroban_authorization::SecretKey;
use coinslot_stellar_ledger::{RpcLedger, RpcOptions};
use coinslot_tests::{
    chain::Chain,
    channel::{Funded, WAITING_PERIOD, gate, present},
    charge::fresh_challenge,
    programs::Seller,
};
use reqwest::{Client, StatusCode};
use tokio::{net::TcpListener, task::JoinSet, time::sleep};

const BUYERS: u64 = 8;
const VOUCHERS: u64 = 10_000;
const KILLS: u64 = 50;
const PRICE: u64 = 10_000;

/// The seller's process: this test, started by the other one.
const SERVE: &str = "COINSLOT_TEST_SERVE_CHANNELS";

/// Serves at the address and with the store, the network and the secret that it is told of, when the other test starts it.
#[tokio::test(flavor = "multi_thread")]
async fn serve() {
    let Some(told) = environment() else { return };
    let [address, store, rpc, secret] = told.as_slice() else {
        panic!("address, store, RPC and secret");
    };
    let store = Store::open(store).await.expect("a store");
    let ledger = RpcLedger::new([rpc.as_str()], RpcOptions::default()).expect("an RPC");
    let recipient: SecretKey = secret.parse().expect("a secret key");
    let channels = Channels::builder(
        Arc::new(ledger),
        Arc::clone(&store),
        StellarNetwork::Testnet,
        recipient,
    )
    .policy(|policy| coinslot_mpp_channel_stellar::ChannelPolicy {
        shortest_waiting_period: WAITING_PERIOD,
        shortest_time_to_live: 1_000,
        ..policy
    })
    .lease(Duration::from_secs(1))
    .build()
    .await
    .expect("channels");
    let _seller = Seller::open_gate(address, gate(store, channels)).await;
    // Until it is killed.
    sleep(Duration::from_secs(600)).await;
}

#[expect(clippy::disallowed_methods, reason = "a test is a program")]
fn environment() -> Option<Vec<String>> {
    let told = std::env::var(SERVE).ok()?;
    Some(told.split('\n').map(str::to_owned).collect())
}

fn start(address: &str, store: &Path, rpc: &str, secret: &str) -> Child {
    let store = format!("sqlite:{}", store.display());
    Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "serve"])
        .env(SERVE, [address, &store, rpc, secret].join("\n"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("a process")
}

/// A buyer that keeps its own books.
struct Buyer {
    funded: Funded,
    client: Client,
    base: String,
    /// How many of its requests got a 200.
    served: Arc<AtomicU64>,
    challenge: Option<(u64, Challenge)>,
}

impl Buyer {
    fn url(&self, request: u64) -> String {
        format!("{}/weather?request={request}", self.base)
    }

    /// A challenge for the request; asks until there is one.
    async fn challenge(&mut self, request: u64) -> Challenge {
        if let Some((of, challenge)) = &self.challenge
            && *of == request
        {
            return challenge.clone();
        }
        loop {
            let asked = self.client.get(self.url(request));
            let asked = asked.header(PAYMENT_CHANNEL, self.funded.named());
            match asked.send().await {
                Ok(answer) if answer.status() == StatusCode::PAYMENT_REQUIRED => {
                    let challenge = fresh_challenge(&answer);
                    self.challenge = Some((request, challenge.clone()));
                    return challenge;
                }
                _ => sleep(RETRY).await,
            }
        }
    }

    /// Buys until it has bought `count` in all: each request is paid by one voucher, which is sent until it is answered.
    async fn buy(mut self, count: u64) -> Self {
        while self.served.load(SeqCst) < count {
            let request = self.served.load(SeqCst) + 1;
            let challenge = self.challenge(request).await;
            let credential = self.funded.answer(&challenge, request * PRICE);
            let sent = self
                .client
                .get(self.url(request))
                .header("authorization", &credential)
                .send();
            match sent.await {
                Ok(answer) if answer.status() == StatusCode::OK => {
                    self.served.store(request, SeqCst);
                }
                Ok(answer) if answer.status() == StatusCode::PAYMENT_REQUIRED => {
                    panic!("a good voucher was refused: {:?}", answer.text().await);
                }
                _ => sleep(RETRY).await,
            }
        }
        self
    }

    /// What the seller's voucher of this channel is for.
    async fn standing(funded: &Funded, client: &Client, base: &str) -> Option<u64> {
        let asked = client
            .get(format!("{base}/weather"))
            .header(PAYMENT_CHANNEL, funded.proven());
        let answer = asked.send().await.ok()?;
        let Some(value) = answer.headers().get(PAYMENT_CHANNEL) else {
            return (answer.status() == StatusCode::PAYMENT_REQUIRED).then_some(0);
        };
        let standing: ChannelStanding = value.to_str().ok()?.parse().ok()?;
        let amount = u64::try_from(standing.cumulative.as_u128()).ok()?;
        assert_eq!(standing.signature, *funded.voucher(amount).signature());
        Some(amount)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seller_that_is_killed_fifty_times_loses_no_voucher_that_got_a_200() {
    let chain = Chain::start().await;
    let recipient = chain.payer(0).await;
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("seller.db");
    let address = {
        let free = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        free.local_addr().expect("an address").to_string()
    };
    let base = format!("http://{address}");
    let secret = recipient.expose_secret();
    let rpc = chain.local.rpc_url();
    let mut process = start(&address, &store, rpc, &secret);

    let client = Client::builder()
        .timeout(Duration::from_secs(10))
        .build()
        .expect("a client");
    let (mut buyers, mut books) = (JoinSet::new(), Vec::new());
    for _ in 0..BUYERS {
        let funded = Funded::open(&chain, recipient.account_id(), VOUCHERS * PRICE).await;
        let served = Arc::new(AtomicU64::new(0));
        books.push((funded.clone(), Arc::clone(&served)));
        let buyer = Buyer {
            funded,
            client: client.clone(),
            base: base.clone(),
            served,
            challenge: None,
        };
        buyers.spawn(buyer.buy(VOUCHERS / BUYERS));
    }

    for kill in 1..=KILLS {
        // At a random time behind so many vouchers.
        let mut random = [0];
        getrandom::fill(&mut random).expect("randomness");
        let until = VOUCHERS * kill / (KILLS + 1);
        let sold = || -> u64 { books.iter().map(|(_, served)| served.load(SeqCst)).sum() };
        while sold() < until {
            sleep(Duration::from_millis(5)).await;
        }
        sleep(Duration::from_millis(u64::from(random[0]) / 4)).await;
        process.kill().expect("a process to kill");
        process.wait().expect("its end");
        let acknowledged: Vec<u64> = books
            .iter()
            .map(|(_, served)| served.load(SeqCst))
            .collect();
        process = start(&address, &store, rpc, &secret);
        for ((funded, _), acknowledged) in books.iter().zip(acknowledged) {
            let held = loop {
                match Buyer::standing(funded, &client, &base).await {
                    Some(held) => break held,
                    None => sleep(RETRY).await,
                }
            };
            assert!(
                held >= acknowledged * PRICE,
                "kill {kill}: {held} is less than {acknowledged} answers cost"
            );
        }
    }
    while let Some(buyer) = buyers.join_next().await {
        let buyer = buyer.expect("a buyer that got everything");
        assert_eq!(buyer.served.load(SeqCst), VOUCHERS / BUYERS);
    }

    // The buyers close, each at what it was really served: no request was paid twice.
    for (funded, served) in &books {
        let spent = served.load(SeqCst) * PRICE;
        let url = format!("{base}/weather");
        assert_eq!(
            Buyer::standing(funded, &client, &base).await,
            Some(spent),
            "the highest voucher is that of the last request"
        );
        let challenge = funded.challenge(&url).await;
        let closed = present(&client, &url, &funded.closing(&challenge, spent)).await;
        assert_eq!(closed.status(), 204, "{:?}", closed.text().await);
    }
    process.kill().expect("a process to kill");
    process.wait().expect("its end");
    assert_eq!(
        chain.usdc(&recipient.account_id()).await,
        u128::from(VOUCHERS * PRICE)
    );
}

const RETRY: Duration = Duration::from_millis(20);
