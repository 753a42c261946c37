//! What is refused of MPP charges, with which problem, and what fails on the way. Nobody loses money by it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use coinslot_caip2_network::{NetworkId, StellarNetwork};
use coinslot_mpp_charge_stellar::{Mode, prove_push};
use coinslot_mpp_wire::stellar::ChargePayload;
use coinslot_mpp_wire::{Challenge, Credential, Problem, ProblemKind, Receipt};
use coinslot_payment_store::{PaymentStore, Store};
use coinslot_server::{Gate, GateBuilder};
use coinslot_settlement::{Charges, LocalFacilitator, Timing};
use coinslot_soroban_authorization::{
    ClassicAsset, Envelope, LedgerKey, SecretKey, TransactionHash,
};
use coinslot_stellar_address::{AccountId, Address, ContractId};
use coinslot_stellar_ledger::{
    AccountFacts, EventPage, EventsFrom, FeeStats, LandedTransfer, LatestLedger, Ledger,
    LedgerEntries, LedgerError, Simulation, Submission, TransactionStatus, TrustlineFacts,
    UnavailableReason,
};
use coinslot_tests::{
    chain::Chain,
    charge::{Paid, answer, challenge, fresh_challenge},
    payment::pay,
    programs::{Mortal, SECRET, Seller, charge, exact, facilitator, memory},
};
use coinslot_x402_wire::{PaymentPayload, header};
use reqwest::{Client, Response};

const PRICE: u128 = 10_000;

struct Shop {
    chain: Chain,
    store: Arc<dyn PaymentStore>,
    payee: AccountId,
    payer: SecretKey,
    client: Client,
}

impl Shop {
    async fn new() -> Self {
        let chain = Chain::start().await;
        Self {
            payee: chain.payee().await,
            payer: chain.payer(50_000).await,
            store: memory().await,
            client: Client::new(),
            chain,
        }
    }

    /// A gate whose buyers pay the network's fees.
    fn unsponsored(&self) -> GateBuilder {
        Gate::builder()
            .offer(charge(self.payee))
            .charges(Charges::unsponsored(
                self.chain.ledger(),
                self.chain.network(),
            ))
            .secret(SECRET)
            .store(Arc::clone(&self.store))
    }

    async fn open(&self, gate: GateBuilder) -> Seller {
        Seller::open_gate("127.0.0.1:0", gate).await
    }

    async fn paid(&self, challenge: &Challenge, mode: Mode) -> Paid {
        Paid::new(&self.chain, &self.payer, challenge, mode).await
    }

    async fn send(&self, seller: &Seller, credential: &Credential) -> Response {
        answer(&self.client, &seller.weather(), &credential.to_header()).await
    }

    async fn received(&self) -> u128 {
        self.chain.usdc(&self.payee).await
    }
}

/// A 402 with a fresh challenge, and a problem of this kind.
async fn refused(response: Response, kind: ProblemKind) -> Problem {
    let _fresh = fresh_challenge(&response);
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert!(!response.headers().contains_key("payment-receipt"));
    let body = response.bytes().await.expect("a body");
    let problem = Problem::from_json(&body).expect("a problem");
    assert_eq!(problem.kind(), Some(kind), "{problem:?}");
    assert!(
        problem
            .detail
            .as_ref()
            .is_some_and(|detail| detail.len() > 10)
    );
    problem
}

/// Answers a challenge with a transaction that has landed.
fn prove(challenge: &Challenge, hash: &TransactionHash, payer: &SecretKey) -> Credential {
    prove_push(challenge, &StellarNetwork::Testnet, hash, payer).unwrap()
}

/// The duplicate of a payment: the gate's own words, whatever the protocol.
async fn used(response: Response) {
    let _fresh = fresh_challenge(&response);
    let body = response.text().await.expect("a body");
    assert!(body.contains("already used"), "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_credential_is_told_so() {
    let shop = Shop::new().await;
    let seller = shop.open(shop.unsponsored()).await;
    for junk in [
        "Payment",
        "Payment !!!!",
        "Payment AAAA",
        "Payment e30",
        "payment id=\"x\"",
    ] {
        let response = answer(&shop.client, &seller.weather(), junk).await;
        refused(response, ProblemKind::MalformedCredential).await;
    }
    let huge = format!("Payment {}", "A".repeat(60_000));
    refused(
        answer(&shop.client, &seller.weather(), &huge).await,
        ProblemKind::MalformedCredential,
    )
    .await;

    let ours = challenge(&seller.weather()).await;
    let elsewhere = Challenge::new(
        "id",
        ours.realm(),
        "lightning".parse().unwrap(),
        "charge".parse().unwrap(),
        ours.request().clone(),
    )
    .unwrap();
    let paid = ChargePayload::Transaction {
        transaction: "AAAA".to_owned(),
    };
    let response = shop.send(&seller, &Credential::new(elsewhere, &paid)).await;
    assert_eq!(response.status(), 400);
    let problem = Problem::from_json(&response.bytes().await.unwrap()).unwrap();
    assert_eq!(problem.kind(), Some(ProblemKind::MethodUnsupported));

    // Two payments in one request: nobody can say which is meant.
    let both = shop
        .client
        .get(seller.weather())
        .header("authorization", "Payment e30")
        .header(header::PAYMENT_SIGNATURE, "e30=");
    assert_eq!(both.send().await.unwrap().status(), 400);
    assert_eq!((seller.runs(), shop.received().await), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_is_good_for_its_own_terms_only() {
    let shop = Shop::new().await;
    let gate = |price: &str, realm: &str, secret: [u8; 32]| {
        let offer = coinslot_server::mpp::charge(price)
            .unwrap()
            .pay_to(shop.payee.to_string())
            .unwrap();
        Gate::builder()
            .offer(offer.network(shop.chain.network()))
            .charges(Charges::unsponsored(
                shop.chain.ledger(),
                shop.chain.network(),
            ))
            .secret(secret)
            .realm(realm)
            .store(Arc::clone(&shop.store))
    };
    let cheap = shop.open(gate("$0.001", "shop", SECRET)).await;
    let paid = shop
        .paid(&challenge(&cheap.weather()).await, Mode::Pull)
        .await;
    for (other, kind) in [
        (gate("$0.002", "shop", SECRET), "a dear route"),
        (gate("$0.001", "shop", SECRET), "another resource"),
        (gate("$0.001", "another shop", SECRET), "another realm"),
        (gate("$0.001", "shop", [7; 32]), "another server"),
    ] {
        let other = shop.open(other).await;
        let response = shop.send(&other, &paid.credential).await;
        let problem = refused(response, ProblemKind::InvalidChallenge).await;
        assert_eq!(
            (other.runs(), shop.received().await),
            (0, 0),
            "{kind}: {problem:?}"
        );
    }

    // Without its expiry, or with a later one, it is not ours.
    let open = &paid.credential.challenge;
    let bare = Challenge::new(
        open.id(),
        open.realm(),
        open.method().clone(),
        open.intent().clone(),
        open.request().clone(),
    )
    .unwrap()
    .with_opaque(open.opaque().unwrap().clone());
    let later = bare
        .clone()
        .with_expires("2099-01-01T00:00:00Z".parse().unwrap());
    for forged in [bare, later] {
        let credential = Credential {
            challenge: forged,
            ..paid.credential.clone()
        };
        refused(
            shop.send(&cheap, &credential).await,
            ProblemKind::InvalidChallenge,
        )
        .await;
    }
    // And the honest one is still good: nothing was burned.
    assert_eq!(shop.send(&cheap, &paid.credential).await.status(), 200);
    assert_eq!((cheap.runs(), shop.received().await), (1, PRICE));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_challenge_is_not_settled() {
    let shop = Shop::new().await;
    let short = Gate::builder()
        .offer(charge(shop.payee).expires_in(Duration::from_secs(2)))
        .charges(Charges::unsponsored(
            shop.chain.ledger(),
            shop.chain.network(),
        ))
        .secret(SECRET)
        .store(Arc::clone(&shop.store));
    let seller = shop.open(short).await;
    let paid = shop
        .paid(&challenge(&seller.weather()).await, Mode::Pull)
        .await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    refused(
        shop.send(&seller, &paid.credential).await,
        ProblemKind::PaymentExpired,
    )
    .await;
    assert_eq!((seller.runs(), shop.received().await), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_claimed_in_time_is_served_after_the_challenge_has_expired() {
    let shop = Shop::new().await;
    let engine =
        LocalFacilitator::builder(shop.chain.ledger(), memory().await, shop.chain.network());
    let timing = Timing {
        answer_within: Duration::from_secs(1),
        ..Timing::default()
    };
    let engine = engine.sponsor(shop.chain.sponsor().await).timing(timing);
    let gate = Gate::builder()
        .offer(charge(shop.payee).expires_in(Duration::from_secs(3)))
        .charges(engine.build().await.unwrap().charges())
        .secret(SECRET)
        .store(Arc::clone(&shop.store));
    let seller = shop.open(gate).await;
    let paid = shop
        .paid(&challenge(&seller.weather()).await, Mode::Pull)
        .await;
    // It lands, and nobody learns of it until the challenge has expired.
    shop.chain.local.fail_next("getTransaction", 10_000);
    let pending = shop.send(&seller, &paid.credential).await;
    assert_eq!(pending.status(), 503, "{pending:?}");
    tokio::time::sleep(Duration::from_secs(3)).await;
    shop.chain.local.fail_next("getTransaction", 0);
    until_served(&shop, &seller, &paid.credential).await;
    assert_eq!((seller.runs(), shop.received().await), (1, PRICE));
}

/// Paid, and the answer is lost; then the seller asks for something else. What was paid is served all the same.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_claimed_is_served_after_the_price_has_changed() {
    let shop = Shop::new().await;
    let seller = shop.open(shop.unsponsored()).await;
    let address = seller.address();
    let paid = shop
        .paid(&challenge(&seller.weather()).await, Mode::Pull)
        .await;
    let served = shop.send(&seller, &paid.credential).await;
    assert_eq!(served.status(), 200);
    assert_eq!(seller.kill().await, 1);

    let dearer = coinslot_server::mpp::charge("$0.002")
        .unwrap()
        .pay_to(shop.payee.to_string())
        .unwrap();
    let gate = Gate::builder()
        .offer(dearer.network(shop.chain.network()))
        .charges(Charges::unsponsored(
            shop.chain.ledger(),
            shop.chain.network(),
        ))
        .secret(SECRET)
        .store(Arc::clone(&shop.store));
    let seller = Seller::open_gate(&address, gate).await;
    assert_eq!(shop.send(&seller, &paid.credential).await.status(), 200);
    assert_eq!(seller.runs(), 0, "it is the recorded answer");
    // A payment under the old price that was not claimed buys nothing under the new one.
    let old = challenge(&shop.open(shop.unsponsored()).await.weather()).await;
    let late = shop.paid(&old, Mode::Pull).await;
    refused(
        shop.send(&seller, &late.credential).await,
        ProblemKind::InvalidChallenge,
    )
    .await;
    assert_eq!((seller.runs(), shop.received().await), (0, PRICE));
}

/// A pushed transaction is public before it lands: whoever submits it first has not paid with it.
#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_somebody_else_has_submitted_is_not_taken_for_a_pull() {
    let chain = Chain::start_manual().await;
    let payee = chain.closing(chain.payee()).await;
    let payer = chain.closing(chain.payer(50_000)).await;
    let store = memory().await;
    let gate = Gate::builder()
        .offer(charge(payee))
        .charges(Charges::unsponsored(chain.ledger(), chain.network()))
        .secret(SECRET)
        .store(store);
    let seller = Seller::open_gate("127.0.0.1:0", gate).await;
    let client = Client::new();
    let (own, thiefs) = (
        challenge(&seller.weather()).await,
        challenge(&seller.weather()).await,
    );
    let paid = Paid::new(&chain, &payer, &own, Mode::Pull).await;
    let envelope = paid.envelope.as_ref().unwrap();
    chain.ledger().submit(envelope).await.unwrap();

    // The thief has seen it on its way, and presents it before it lands.
    let stolen = ChargePayload::Transaction {
        transaction: envelope.to_base64(),
    };
    let stolen = Credential::new(thiefs, &stolen).to_header();
    let response = answer(&client, &seller.weather(), &stolen).await;
    refused(response, ProblemKind::SettlementFailed).await;
    chain.close().await;
    let hash = envelope.hash(&chain.local.network_id());
    let proof = prove(&own, &hash, &payer).to_header();
    let response = answer(&client, &seller.weather(), &proof).await;
    assert_eq!(response.status(), 200);
    assert_eq!((seller.runs(), chain.usdc(&payee).await), (1, PRICE));
}

/// A node that has no room for the first submission, takes the second, and loses its answer to it; and that is
/// silent until the test says so. The local network always has room, so this is made up, around the real one.
struct BusyNode {
    real: Arc<dyn Ledger>,
    submissions: AtomicU32,
    is_silent: Arc<AtomicBool>,
}

#[async_trait]
impl Ledger for BusyNode {
    async fn submit(&self, envelope: &Envelope) -> Result<Submission, LedgerError> {
        match self.submissions.fetch_add(1, Ordering::SeqCst) {
            0 => Ok(Submission::TryAgainLater),
            1 => {
                self.is_silent.store(true, Ordering::SeqCst);
                self.real.submit(envelope).await?;
                Err(LedgerError::unavailable(UnavailableReason::AnswerLost))
            }
            _ if self.is_silent.load(Ordering::SeqCst) => {
                Err(LedgerError::unavailable(UnavailableReason::TimedOut))
            }
            _ => self.real.submit(envelope).await,
        }
    }
    async fn transaction(&self, hash: &TransactionHash) -> Result<TransactionStatus, LedgerError> {
        if self.is_silent.load(Ordering::SeqCst) {
            return Err(LedgerError::unavailable(UnavailableReason::TimedOut));
        }
        self.real.transaction(hash).await
    }
    async fn network(&self) -> Result<NetworkId, LedgerError> {
        self.real.network().await
    }
    async fn latest_ledger(&self) -> Result<LatestLedger, LedgerError> {
        self.real.latest_ledger().await
    }
    async fn close_time_seconds(&self) -> Result<u32, LedgerError> {
        self.real.close_time_seconds().await
    }
    async fn account(&self, account: &AccountId) -> Result<Option<AccountFacts>, LedgerError> {
        self.real.account(account).await
    }
    async fn trustline(
        &self,
        account: &AccountId,
        asset: &ClassicAsset,
    ) -> Result<Option<TrustlineFacts>, LedgerError> {
        self.real.trustline(account, asset).await
    }
    async fn nonce_used(&self, payer: &Address, nonce: i64) -> Result<bool, LedgerError> {
        self.real.nonce_used(payer, nonce).await
    }
    async fn simulate(&self, envelope: &Envelope) -> Result<Simulation, LedgerError> {
        self.real.simulate(envelope).await
    }
    async fn transfers(
        &self,
        token: &ContractId,
        from: &Address,
        to: &Address,
        start_ledger: u32,
    ) -> Result<Vec<LandedTransfer>, LedgerError> {
        self.real.transfers(token, from, to, start_ledger).await
    }
    async fn entries(&self, keys: &[LedgerKey]) -> Result<LedgerEntries, LedgerError> {
        self.real.entries(keys).await
    }
    async fn events(
        &self,
        contracts: &[ContractId],
        from: &EventsFrom,
    ) -> Result<EventPage, LedgerError> {
        self.real.events(contracts, from).await
    }
    async fn fee_stats(&self) -> Result<FeeStats, LedgerError> {
        self.real.fee_stats().await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_has_to_wait_is_submitted_again_and_is_not_forgotten() {
    let shop = Shop::new().await;
    let is_silent = Arc::new(AtomicBool::new(false));
    let node = BusyNode {
        real: shop.chain.ledger(),
        submissions: AtomicU32::new(0),
        is_silent: Arc::clone(&is_silent),
    };
    let timing = Timing {
        answer_within: Duration::from_secs(2),
        ..Timing::default()
    };
    let gate = Gate::builder()
        .offer(charge(shop.payee))
        .charges(Charges::unsponsored(Arc::new(node), shop.chain.network()).timing(timing))
        .secret(SECRET)
        .store(Arc::clone(&shop.store));
    let seller = shop.open(gate).await;
    let open = challenge(&seller.weather()).await;
    let paid = shop.paid(&open, Mode::Pull).await;
    let unknown = shop.send(&seller, &paid.credential).await;
    assert_eq!(unknown.status(), 503);
    let unknown = unknown.text().await.unwrap();
    assert!(unknown.contains("settlement_pending"), "{unknown}");
    assert_eq!((seller.runs(), shop.received().await), (0, PRICE));
    is_silent.store(false, Ordering::SeqCst);
    until_served(&shop, &seller, &paid.credential).await;
    assert_eq!((seller.runs(), shop.received().await), (1, PRICE));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hash_is_worth_something_to_its_payer_only() {
    let shop = Shop::new().await;
    let seller = shop.open(shop.unsponsored()).await;
    let url = seller.weather();
    let (first, second, thiefs) = (
        challenge(&url).await,
        challenge(&url).await,
        challenge(&url).await,
    );
    let paid = shop.paid(&first, Mode::Push).await;
    let hash = paid
        .envelope
        .as_ref()
        .unwrap()
        .hash(&shop.chain.local.network_id());

    // A thief signs it, or does not; or presents the payer's own proof for another challenge.
    let thief = shop.chain.payer(50_000).await;
    let stolen = |challenge: &Challenge, payload: ChargePayload| {
        Credential::new(challenge.clone(), &payload)
    };
    let signature = match paid.credential.payload.read().unwrap() {
        ChargePayload::SignedHash {
            source_signature, ..
        } => source_signature,
        other => panic!("{other:?}"),
    };
    let copied = ChargePayload::SignedHash {
        hash: *hash.as_bytes(),
        source_signature: signature,
    };
    let bare = ChargePayload::Hash {
        hash: *hash.as_bytes(),
    };
    for credential in [stolen(&thiefs, copied), stolen(&thiefs, bare)] {
        let kind =
            Problem::from_json(&shop.send(&seller, &credential).await.bytes().await.unwrap())
                .unwrap()
                .kind();
        assert!(
            matches!(
                kind,
                Some(ProblemKind::VerificationFailed | ProblemKind::InvalidPayload)
            ),
            "{kind:?}"
        );
    }
    let by_thief = prove(&thiefs, &hash, &thief);
    refused(
        shop.send(&seller, &by_thief).await,
        ProblemKind::VerificationFailed,
    )
    .await;

    // Nothing of that burned it, and it buys once.
    assert_eq!(shop.send(&seller, &paid.credential).await.status(), 200);
    let again = prove(&second, &hash, &shop.payer);
    used(shop.send(&seller, &again).await).await;
    // A transaction from before the challenge pays for nothing.
    tokio::time::sleep(Duration::from_secs(7)).await;
    let late = challenge(&url).await;
    let elsewhere = shop.open(shop.unsponsored().store(memory().await)).await;
    let late_there = challenge(&elsewhere.weather()).await;
    let old = prove(&late_there, &hash, &shop.payer);
    refused(
        shop.send(&elsewhere, &old).await,
        ProblemKind::VerificationFailed,
    )
    .await;
    drop(late);
    assert_eq!(
        (seller.runs(), elsewhere.runs(), shop.received().await),
        (1, 0, PRICE)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unsigned_hash_is_taken_only_where_it_is_wanted() {
    let shop = Shop::new().await;
    let gate = Gate::builder()
        .offer(charge(shop.payee).accept_unsigned_hash())
        .charges(Charges::unsponsored(
            shop.chain.ledger(),
            shop.chain.network(),
        ))
        .secret(SECRET)
        .store(Arc::clone(&shop.store));
    let seller = shop.open(gate).await;
    let paid = shop
        .paid(&challenge(&seller.weather()).await, Mode::PushUnsigned)
        .await;
    assert_eq!(shop.send(&seller, &paid.credential).await.status(), 200);
    assert_eq!((seller.runs(), shop.received().await), (1, PRICE));
}

/// One debit, one delivery, through whichever doors it comes: pull, push, x402, the hash inside and outside.
#[tokio::test(flavor = "multi_thread")]
async fn one_payment_has_one_identity_through_every_door() {
    let shop = Shop::new().await;
    let engine = facilitator(&shop.chain, memory().await, &[shop.chain.sponsor().await]).await;
    let sponsored = Gate::builder()
        .offer(exact(shop.payee))
        .offer(charge(shop.payee))
        .charges(engine.charges())
        .facilitator(engine)
        .secret(SECRET)
        .store(Arc::clone(&shop.store));
    let sponsored = shop.open(sponsored).await;
    let own = shop.open(shop.unsponsored()).await;

    // The transaction of a pull, pushed.
    let (pulled, pushed) = (
        challenge(&own.weather()).await,
        challenge(&own.weather()).await,
    );
    let paid = shop.paid(&pulled, Mode::Pull).await;
    assert_eq!(shop.send(&own, &paid.credential).await.status(), 200);
    let hash = paid.envelope.unwrap().hash(&shop.chain.local.network_id());
    let proof = prove(&pushed, &hash, &shop.payer);
    used(shop.send(&own, &proof).await).await;

    // The transaction of a sponsored pull, pushed; and its entry, as an x402 payment.
    let pushed = challenge(&own.weather()).await;
    let offer = coinslot_tests::payment::offer(&sponsored.weather()).await;
    let paid = shop
        .paid(&challenge(&sponsored.weather()).await, Mode::Pull)
        .await;
    let response = shop.send(&sponsored, &paid.credential).await;
    assert_eq!(response.status(), 200);
    let receipt =
        Receipt::from_header(response.headers()["payment-receipt"].to_str().unwrap()).unwrap();
    let hash: TransactionHash = receipt.reference.parse().unwrap();
    let proof = prove(&pushed, &hash, &shop.payer);
    used(shop.send(&own, &proof).await).await;
    let ChargePayload::Transaction { transaction } = paid.credential.payload.read().unwrap() else {
        panic!("a pull")
    };
    let accepted = offer.accepts[0].clone();
    let inner = [("transaction".to_owned(), transaction.into())]
        .into_iter()
        .collect();
    let mut by_x402 = PaymentPayload::new(accepted, inner);
    by_x402.resource = Some(offer.resource);
    let response = pay(&shop.client, &sponsored.weather(), &by_x402.to_header()).await;
    assert_eq!(response.status(), 402);
    assert_eq!((own.runs(), sponsored.runs()), (1, 1));
    assert_eq!(shop.received().await, 2 * PRICE);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_landed_before_it_was_presented_buys_nothing() {
    let shop = Shop::new().await;
    let seller = shop.open(shop.unsponsored()).await;
    let paid = shop
        .paid(&challenge(&seller.weather()).await, Mode::Pull)
        .await;
    shop.chain.submit(paid.envelope.as_ref().unwrap()).await;
    refused(
        shop.send(&seller, &paid.credential).await,
        ProblemKind::VerificationFailed,
    )
    .await;
    assert_eq!(seller.runs(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_the_network_refuses_is_settlement_failed() {
    let shop = Shop::new().await;
    let seller = shop.open(shop.unsponsored()).await;
    // Two payments with one sequence number: both are good by themselves, and one of them can land.
    let one = challenge(&seller.weather()).await;
    // Of the same second they would be one and the same transaction.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let two = challenge(&seller.weather()).await;
    let (first, second) = (
        shop.paid(&one, Mode::Pull).await,
        shop.paid(&two, Mode::Pull).await,
    );
    assert_eq!(shop.send(&seller, &first.credential).await.status(), 200);
    refused(
        shop.send(&seller, &second.credential).await,
        ProblemKind::SettlementFailed,
    )
    .await;
    assert_eq!((seller.runs(), shop.received().await), (1, PRICE));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_rpc_that_is_down_is_503_and_the_same_credential_buys_later() {
    let shop = Shop::new().await;
    let engine = facilitator(&shop.chain, memory().await, &[shop.chain.sponsor().await]).await;
    let sponsored = Gate::builder()
        .offer(charge(shop.payee))
        .charges(engine.charges())
        .secret(SECRET)
        .store(Arc::clone(&shop.store));
    let mut sold = 0;
    for (gate, mode) in [
        (sponsored, Mode::Pull),
        (shop.unsponsored(), Mode::Pull),
        (shop.unsponsored(), Mode::Push),
    ] {
        let seller = shop.open(gate).await;
        let paid = shop.paid(&challenge(&seller.weather()).await, mode).await;
        for method in ["simulateTransaction", "getTransaction", "getLatestLedger"] {
            shop.chain.local.fail_next(method, 1000);
        }
        let down = shop.send(&seller, &paid.credential).await;
        assert_eq!(down.status(), 503, "{mode:?}");
        assert!(down.headers().contains_key("retry-after"));
        assert!(
            !down.headers().contains_key("www-authenticate"),
            "a second payment is asked for"
        );
        for method in ["simulateTransaction", "getTransaction", "getLatestLedger"] {
            shop.chain.local.fail_next(method, 0);
        }
        assert_eq!(seller.runs(), 0);
        assert_eq!(
            shop.send(&seller, &paid.credential).await.status(),
            200,
            "{mode:?}"
        );
        sold += 1;
        assert_eq!((seller.runs(), shop.received().await), (1, sold * PRICE));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_to_a_submission_is_found_and_delivered_once() {
    let shop = Shop::new().await;
    let engine = facilitator(&shop.chain, memory().await, &[shop.chain.sponsor().await]).await;
    let sponsored = Gate::builder()
        .offer(charge(shop.payee))
        .charges(engine.charges())
        .secret(SECRET)
        .store(Arc::clone(&shop.store));
    for (sold, gate) in (1..).zip([sponsored, shop.unsponsored()]) {
        let seller = shop.open(gate).await;
        let paid = shop
            .paid(&challenge(&seller.weather()).await, Mode::Pull)
            .await;
        shop.chain.local.drop_answers("sendTransaction", 10);
        let response = until_served(&shop, &seller, &paid.credential).await;
        shop.chain.local.drop_answers("sendTransaction", 0);
        assert!(response.headers().contains_key("payment-receipt"));
        assert_eq!((seller.runs(), shop.received().await), (1, sold * PRICE));
    }
}

/// Sends a credential until it is served; nobody may ask for a second payment meanwhile.
async fn until_served(shop: &Shop, seller: &Seller, credential: &Credential) -> Response {
    for _ in 0..120 {
        let response = shop.send(seller, credential).await;
        assert!(
            !response.headers().contains_key("www-authenticate"),
            "a second payment is asked for: {response:?}"
        );
        match response.status().as_u16() {
            200 => return response,
            409 | 503 => assert!(response.headers().contains_key("retry-after")),
            other => panic!("{other}: {:?}", response.text().await),
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    panic!("it was never served");
}

/// Killed after the claim and before the money has moved; killed after it has moved and before the answer.
#[tokio::test(flavor = "multi_thread")]
async fn a_seller_that_is_killed_between_claim_and_answer_serves_the_same_credential_once() {
    let shop = Arc::new(Shop::new().await);
    let folder = tempfile::tempdir().unwrap();
    let mut sold = 0;
    for (round, (sponsored, method)) in (0..).zip([
        (true, "sendTransaction"),
        (false, "sendTransaction"),
        (true, "getTransaction"),
        (false, "getTransaction"),
    ]) {
        let path = folder.path().join(format!("{round}.db"));
        let path = format!("sqlite:{}", path.display());
        let sponsor = shop.chain.sponsor().await;
        let gate = || {
            let (shop, path, sponsor) = (Arc::clone(&shop), path.clone(), sponsor.clone());
            async move || {
                let store = Store::open(&path).await.unwrap();
                let charges = if sponsored {
                    let engine = LocalFacilitator::builder(
                        shop.chain.ledger(),
                        Arc::clone(&store),
                        shop.chain.network(),
                    );
                    let timing = Timing {
                        lease: Duration::from_secs(1),
                        ..Timing::default()
                    };
                    let engine = engine.sponsor(sponsor).timing(timing).build().await;
                    engine.unwrap().charges()
                } else {
                    Charges::unsponsored(shop.chain.ledger(), shop.chain.network())
                };
                Gate::builder()
                    .offer(charge(shop.payee))
                    .charges(charges)
                    .secret(SECRET)
                    .lease(Duration::from_millis(500))
                    .store(store)
            }
        };
        let process = Mortal::open("127.0.0.1:0", gate()).await;
        let address = process.seller().address();
        let weather = process.seller().weather();
        let paid = shop.paid(&challenge(&weather).await, Mode::Pull).await;
        // Before: the submission does not arrive. After: it lands, and the sponsor does not learn of it.
        if sponsored || method == "sendTransaction" {
            shop.chain.local.fail_next(method, 10_000);
        }
        let sending = tokio::spawn({
            let (client, header) = (shop.client.clone(), paid.header());
            async move {
                client
                    .get(weather)
                    .header("authorization", header)
                    .send()
                    .await
            }
        });
        if method == "sendTransaction" {
            tokio::time::sleep(Duration::from_millis(1500)).await;
        } else {
            while shop.received().await == sold * PRICE {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        let before = process.kill();
        drop(sending.await);
        shop.chain.local.fail_next(method, 0);

        let process = Mortal::open(&address, gate()).await;
        until_served(&shop, process.seller(), &paid.credential).await;
        sold += 1;
        assert_eq!(shop.received().await, sold * PRICE, "{method}");
        let runs = before + process.seller().runs();
        assert_eq!(runs, 1, "{method}, sponsored: {sponsored}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn head_is_priced_like_get() {
    let shop = Shop::new().await;
    let seller = shop.open(shop.unsponsored()).await;
    let head = shop.client.head(seller.weather()).send().await.unwrap();
    let _challenge = fresh_challenge(&head);
    assert_eq!(seller.runs(), 0);
}
