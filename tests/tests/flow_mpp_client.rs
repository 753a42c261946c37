//! Our client pays charges of MPP on a local network, in every way: who pays what is read off the ledger.

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
    routing::get,
};
use coinslot_client::{Budget, Mode, PayingClient, PaymentIdentity, PaymentReceipt, Protocol};
use coinslot_mpp_charge_stellar::{
    ChargeTerms, CheckedCharge, Facts, LandedFacts, Presented, Rules, SimulationFacts,
};
use coinslot_mpp_wire::stellar::{ChargeDetails, ChargeRequest, CredentialType};
use coinslot_mpp_wire::{
    ChallengeSecrets, Credential, IntentName, Issuer, MethodName, OpaqueData, Receipt, Terms,
    Timestamp,
};
use coinslot_payment_store::{Clock as _, SystemClock};
use coinslot_soroban_authorization::{Envelope, SecretKey, SorobanResources};
use coinslot_stellar_address::AccountId;
use coinslot_stellar_ledger::{Ledger, Simulation, TransactionStatus};
use coinslot_tests::{chain::Chain, programs::memory};
use coinslot_usdc_amount::BaseUnits;
use tokio::net::TcpListener;

#[tokio::test]
async fn a_sponsored_charge_costs_the_payer_the_amount_and_no_lumens() {
    let world = World::start(ChargeDetails::sponsored).await;
    let payer = world.chain.payer_without_lumens(1_000_000).await;
    let before = world.chain.lumens(&payer.account_id()).await;
    let receipt = world.buy(&payer, Mode::Pull).await;
    assert!(matches!(receipt.identity, PaymentIdentity::Nonce(_)));
    assert_eq!(world.balances(&payer).await, (990_000, 10_000));
    assert_eq!(world.chain.lumens(&payer.account_id()).await, before);
}

#[tokio::test]
async fn an_unsponsored_charge_costs_the_payer_a_network_fee_too() {
    let world = World::start(ChargeDetails::unsponsored).await;
    let payer = world.chain.payer(1_000_000).await;
    let before = world.chain.lumens(&payer.account_id()).await;
    let receipt = world.buy(&payer, Mode::Pull).await;
    let hash = receipt.transaction().expect("a transaction");
    assert_eq!(receipt.identity, PaymentIdentity::Transaction(hash));
    assert_eq!(world.balances(&payer).await, (990_000, 10_000));
    let fee = before - world.chain.lumens(&payer.account_id()).await;
    assert!((100..=500_000).contains(&fee), "{fee}");
}

#[tokio::test]
async fn a_pushed_charge_is_on_the_ledger_before_the_seller_hears_of_it() {
    let world = World::start(|network| ChargeDetails {
        credential_types: Some(vec![CredentialType::SignedHash]),
        ..ChargeDetails::unsponsored(network)
    })
    .await;
    let payer = world.chain.payer(1_000_000).await;
    let receipt = world.buy(&payer, Mode::Push).await;
    let hash = receipt.transaction().expect("a transaction");
    assert_eq!(receipt.identity, PaymentIdentity::Transaction(hash));
    assert_eq!(world.balances(&payer).await, (990_000, 10_000));
}

#[tokio::test]
async fn eight_unsponsored_charges_at_once_are_all_paid() {
    let world = World::start(ChargeDetails::unsponsored).await;
    let payer = world.chain.payer(1_000_000).await;
    let client = Arc::new(world.client(&payer, Mode::Pull).await);
    let tasks: Vec<_> = (0..8)
        .map(|number| tokio::spawn(client.get(format!("{}?{number}", world.url)).send()))
        .collect();
    for task in tasks {
        let answer = task.await.expect("a task").expect("an answer");
        assert_eq!(answer.status(), 200);
    }
    assert_eq!(world.balances(&payer).await, (920_000, 80_000));
}

/// A network, and a seller of the weather.
struct World {
    chain: Chain,
    payee: AccountId,
    url: String,
}

/// A seller without a store: what it is given is landed, or looked up.
struct Seller {
    ledger: Arc<dyn Ledger>,
    sponsor: SecretKey,
    issuer: Issuer,
    terms: ChargeTerms,
}

impl World {
    async fn start(details: impl FnOnce(coinslot_caip2_network::ChainId) -> ChargeDetails) -> Self {
        let chain = Chain::start().await;
        let (payee, network) = (chain.payee().await, chain.network());
        let token = chain.local.usdc_contract().to_string();
        let details = details(network.chain_id().into());
        let (amount, payee_text) = (BaseUnits::from_u64(10_000), payee.to_string());
        let request = ChargeRequest::new(amount, token, payee_text, details).encode();
        let terms = ChargeTerms::read(&request, &network).expect("terms");
        let (method, intent) = (MethodName::stellar(), IntentName::charge());
        let wire = Terms::new("the weather", method, intent, request).expect("terms");
        let secrets = ChallengeSecrets::new([7; 32]).expect("a secret");
        let seller = Arc::new(Seller {
            ledger: chain.ledger(),
            sponsor: chain.sponsor().await,
            issuer: Issuer::new(&secrets, wire),
            terms,
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/", listener.local_addr().expect("an address"));
        let app = Router::new().route("/", get(sell)).with_state(seller);
        tokio::spawn(async move { axum::serve(listener, app).await.expect("a listener") });
        Self { chain, payee, url }
    }

    async fn client(&self, payer: &SecretKey, mode: Mode) -> PayingClient {
        let budget = Budget::per_payment("$0.01")
            .and_then(|budget| budget.per_day("$1"))
            .and_then(|budget| budget.per_host_per_day("$1"))
            .expect("prices");
        PayingClient::builder(payer.clone())
            .budget(budget.hosts(["127.0.0.1"]).expect("a host"))
            .store(memory().await)
            .rpc(self.chain.ledger())
            .charge_modes([mode])
            .build()
            .expect("a client")
    }

    async fn buy(&self, payer: &SecretKey, mode: Mode) -> PaymentReceipt {
        let client = self.client(payer, mode).await;
        let answer = client.get(&self.url).send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        let receipt = answer.extensions().get::<PaymentReceipt>();
        let receipt = receipt.expect("a receipt").clone();
        assert_eq!(receipt.terms.protocol, Protocol::Mpp);
        assert!(receipt.transaction().is_some(), "{receipt:?}");
        receipt
    }

    /// The USDC of payer and payee.
    async fn balances(&self, payer: &SecretKey) -> (u128, u128) {
        let payer = self.chain.usdc(&payer.account_id()).await;
        (payer, self.chain.usdc(&self.payee).await)
    }
}

async fn sell(State(seller): State<Arc<Seller>>, headers: HeaderMap) -> Response {
    let now = SystemClock.now().as_seconds();
    let time = |seconds| Timestamp::from_unix_seconds(seconds).expect("a time");
    let Some(credential) = headers.get("authorization") else {
        let mut nonce = [0; 16];
        getrandom::fill(&mut nonce).expect("random bytes");
        let challenge = seller
            .issuer
            .mint(time(now + 60), &OpaqueData::new(nonce), None);
        let header = [("www-authenticate", challenge.to_header())];
        return (StatusCode::PAYMENT_REQUIRED, header).into_response();
    };
    let credential = Credential::from_header(credential.as_bytes()).expect("a credential");
    let reference = seller.settle(credential, now).await;
    let receipt = Receipt::new("stellar", reference, time(now)).to_header();
    ([("payment-receipt", receipt)], "sunny").into_response()
}

impl Seller {
    /// Checks a payment by the rules, settles it, and tells its transaction.
    async fn settle(&self, credential: Credential, now: u64) -> String {
        let bound = self.issuer.verify(credential.challenge).expect("ours");
        let presented = Presented {
            challenge: &bound,
            minted_at: now - 5,
            payload: &credential.payload,
            source: credential.source.as_deref(),
            body: None,
        };
        let rules = Rules::new(vec![self.sponsor.account_id()], 1_000_000);
        let checked = CheckedCharge::check(&presented, &self.terms, &rules, now);
        match checked.expect("a payment by the rules") {
            CheckedCharge::Sponsored(charge) => {
                let (facts, resources) = self.facts(&charge.simulation_envelope(), now).await;
                let expires = charge.expires();
                let charge = charge.verify(&facts).expect("verified");
                let sponsor = self.sponsor.account_id();
                let account = self.ledger.account(&sponsor).await.expect("an answer");
                let sequence = account.expect("an account").sequence + 1;
                let plan = charge.settlement(sponsor, sequence, resources, 100, expires);
                let mut envelope = plan.expect("a plan").to_envelope();
                let network = self.terms.network_id();
                envelope.sign(&self.sponsor, &network).expect("a signature");
                self.land(&envelope).await
            }
            CheckedCharge::Unsponsored(charge) => {
                let (facts, _) = self.facts(charge.simulation_envelope(), now).await;
                let charge = charge.verify(&facts).expect("verified");
                self.land(charge.envelope()).await
            }
            CheckedCharge::Push(charge) => {
                let status = self.ledger.transaction(&charge.hash()).await;
                let TransactionStatus::Succeeded {
                    close_time,
                    envelope,
                    events,
                    ..
                } = status.expect("an answer")
                else {
                    panic!("it was presented before it landed")
                };
                let landed = LandedFacts::Succeeded {
                    close_time: close_time.expect("a time"),
                    envelope,
                    events,
                };
                charge
                    .verify(&landed)
                    .expect("verified")
                    .reference()
                    .to_string()
            }
        }
    }

    async fn facts(&self, envelope: &Envelope, now: u64) -> (Facts, SorobanResources) {
        let simulation = self.ledger.simulate(envelope).await.expect("an answer");
        let Simulation::Succeeded {
            resources,
            min_resource_fee,
            events,
            latest_ledger,
            ..
        } = simulation
        else {
            panic!("{simulation:?}")
        };
        let facts = Facts {
            now,
            latest_ledger,
            inclusion_fee_stroops: 100,
            simulation: SimulationFacts::Succeeded {
                events,
                min_resource_fee,
            },
        };
        (facts, resources.with_resource_fee(min_resource_fee))
    }

    async fn land(&self, envelope: &Envelope) -> String {
        self.ledger.submit(envelope).await.expect("an answer");
        let hash = envelope.hash(&self.terms.network_id());
        for _ in 0..200 {
            match self.ledger.transaction(&hash).await.expect("an answer") {
                TransactionStatus::Succeeded { .. } => return hash.to_string(),
                TransactionStatus::NotFound => {
                    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                }
                other => panic!("{other:?}"),
            }
        }
        panic!("{hash} did not land")
    }
}
