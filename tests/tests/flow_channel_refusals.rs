//! What a gate refuses of channels and vouchers, and what it does when many come at once.

use std::{sync::Arc, time::Duration};

use coinslot_channel_commitment::{ChannelCall, CommitmentKey, Voucher};
use coinslot_mpp_channel_stellar::{ChannelPolicy, Price};
use coinslot_mpp_wire::stellar::{ChannelAction, ChannelStanding, PAYMENT_CHANNEL};
use coinslot_payment_store::{Clock as _, ManualClock, PaymentStore, Store, SystemClock};
use coinslot_settlement::{Channels, ChannelsBuilder, Taken};
use coinslot_soroban_authorization::{LedgerKey, SecretKey};
use coinslot_tests::{
    chain::Chain,
    channel::{Funded, channels_builder, credential, gate, offer, present, receipt},
    charge::fresh_challenge,
    programs::{SECRET, Seller, memory},
};
use coinslot_usdc_amount::BaseUnits;
use reqwest::{Client, Response, StatusCode};
use serde_json::Value;
use tokio::task::JoinSet;

const PRICE: u64 = 10_000;

struct Shop {
    chain: Chain,
    recipient: SecretKey,
    store: Arc<dyn PaymentStore>,
    channels: Channels,
    seller: Seller,
}

impl Shop {
    async fn open() -> Self {
        Self::open_with(memory().await, |builder| builder).await
    }

    async fn open_with(
        store: Arc<dyn PaymentStore>,
        change: impl FnOnce(ChannelsBuilder) -> ChannelsBuilder,
    ) -> Self {
        let chain = Chain::start().await;
        let recipient = chain.payer(0).await;
        let builder = channels_builder(&chain, Arc::clone(&store), &recipient);
        let channels = change(builder).build().await.expect("channels");
        let gate = gate(Arc::clone(&store), channels.clone());
        let seller = Seller::open_gate("127.0.0.1:0", gate).await;
        Self {
            chain,
            recipient,
            store,
            channels,
            seller,
        }
    }

    async fn funded(&self) -> Funded {
        Funded::open(&self.chain, self.recipient.account_id(), 10_000_000).await
    }

    fn url(&self) -> String {
        self.seller.weather()
    }
}

/// A 402 with a problem of this kind; the sentence that it says.
async fn refused(answer: Response, kind: &str) -> String {
    assert_eq!(answer.status(), StatusCode::PAYMENT_REQUIRED);
    let problem: Value = answer.json().await.expect("a problem");
    assert_eq!(
        problem["type"],
        format!("https://paymentauth.org/problems/{kind}"),
        "{problem}"
    );
    assert_eq!(problem["status"], 402, "{problem}");
    problem["detail"].as_str().expect("a sentence").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_64_vouchers_at_once_the_valid_sequence_is_accepted() {
    let folder = tempfile::tempdir().expect("a folder");
    let on_disk = format!("sqlite:{}", folder.path().join("seller.db").display());
    for store in ["memory:", on_disk.as_str()] {
        let shop = Shop::open_with(Store::open(store).await.expect("a store"), |b| b).await;
        let funded = shop.funded().await;
        let challenge = funded.challenge(&shop.url()).await;
        // Each amount is for another request, so that each is accepted at most once, and only above those before it.
        let mut all = JoinSet::new();
        for nth in 1..=64_u64 {
            let url = format!("{}?nth={nth}", shop.url());
            let (funded, challenge) = (funded.clone(), funded.challenge(&url).await);
            all.spawn(async move {
                let answer = funded.pay(&url, &challenge, nth * PRICE).await;
                (nth, answer.status())
            });
        }
        let mut accepted = Vec::new();
        while let Some(answer) = all.join_next().await {
            match answer.expect("an answer") {
                (nth, StatusCode::OK) => accepted.push(nth),
                (_, status) => assert_eq!(status, StatusCode::PAYMENT_REQUIRED),
            }
        }
        let served = u64::try_from(accepted.len()).expect("a count");
        assert_eq!(shop.seller.runs(), served);
        let highest = accepted.iter().max().expect("one at least");
        let channel = shop.channels.channel(&funded.channel).await;
        let status = channel.expect("a channel").status().await;
        assert_eq!(status.accepted, BaseUnits::from_u64(highest * PRICE));
        assert_eq!(status.spent, BaseUnits::from_u64(served * PRICE));
        // The one for all of it is good in any order.
        assert!(accepted.contains(&64));

        // And 64 times the same one for the same request is served once.
        let before = shop.seller.runs();
        let header = funded.answer(&challenge, 65 * PRICE);
        let mut all = JoinSet::new();
        for _ in 0..64 {
            let (url, header) = (shop.url(), header.clone());
            all.spawn(async move { present(&Client::new(), &url, &header).await.status() });
        }
        while let Some(status) = all.join_next().await {
            let status = status.expect("an answer");
            assert!(
                matches!(status, StatusCode::OK | StatusCode::CONFLICT),
                "{status}"
            );
        }
        assert_eq!(shop.seller.runs(), before + 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_sellers_on_one_store_serve_a_voucher_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = format!("sqlite:{}", folder.path().join("seller.db").display());
    let shop = Shop::open_with(Store::open(&path).await.expect("a store"), |b| b).await;
    let store = Store::open(&path).await.expect("the same store");
    let channels = channels_builder(&shop.chain, Arc::clone(&store), &shop.recipient);
    let channels = channels.build().await.expect("channels");
    // The same public address, as behind one load balancer.
    let twin = gate(store, channels).resource_base(format!("http://{}", shop.seller.address()));
    let twin = Seller::open_twin(twin).await;
    let funded = shop.funded().await;
    let challenge = funded.challenge(&shop.url()).await;
    let mut all = JoinSet::new();
    let header = funded.answer(&challenge, PRICE);
    for url in vec![vec![shop.url(), twin.weather()]; 16].concat() {
        let header = header.clone();
        all.spawn(async move { present(&Client::new(), &url, &header).await.status() });
    }
    while let Some(status) = all.join_next().await {
        let status = status.expect("an answer");
        assert!(
            matches!(status, StatusCode::OK | StatusCode::CONFLICT),
            "{status}"
        );
    }
    assert_eq!(shop.seller.runs() + twin.runs(), 1);
    // Either tells of the voucher that the other one has.
    let answer = funded.pay(&shop.url(), &challenge, 2 * PRICE).await;
    assert_eq!(answer.status(), 200);
    for url in [shop.url(), twin.weather()] {
        let asked = Client::new()
            .get(url)
            .header(PAYMENT_CHANNEL, funded.proven());
        let told = asked.send().await.expect("an answer");
        let standing = told.headers()[PAYMENT_CHANNEL].to_str().expect("ASCII");
        let standing: ChannelStanding = standing.parse().expect("a standing");
        assert_eq!(standing.cumulative, BaseUnits::from_u64(2 * PRICE));
    }
    // They go on from each other's vouchers, and know each other's answers before long.
    for (nth, url) in (3..).zip(vec![vec![twin.weather(), shop.url()]; 3].concat()) {
        let answer = funded.pay(&url, &challenge, nth * PRICE).await;
        assert_eq!(answer.status(), 200, "{:?}", answer.text().await);
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let runs = shop.seller.runs() + twin.runs();
    let again = funded.pay(&twin.weather(), &challenge, 8 * PRICE).await;
    assert_eq!(again.status(), 200);
    assert_eq!(shop.seller.runs() + twin.runs(), runs);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_is_held_against_every_demand_before_its_first_voucher() {
    let shop = Shop::open().await;
    let payee = shop.recipient.account_id();
    let stranger = shop.chain.payee().await;
    let foreign = Funded::open(&shop.chain, stranger, 1_000_000).await;
    let sentence = refused(foreign.ask(&shop.url()).await, "verification-failed").await;
    assert!(sentence.contains("another recipient"), "{sentence}");

    let hasty = Funded::open_waiting(&shop.chain, payee, 1_000_000, 1).await;
    let sentence = refused(hasty.ask(&shop.url()).await, "verification-failed").await;
    assert!(
        sentence.contains("waiting period is 1 ledgers"),
        "{sentence}"
    );

    let empty = Funded::open(&shop.chain, payee, 0).await;
    refused(empty.ask(&shop.url()).await, "session/insufficient-balance").await;

    let closing = shop.funded().await;
    closing.call(&ChannelCall::CloseStart).await;
    refused(closing.ask(&shop.url()).await, "session/channel-finalized").await;
    let unused = shop.funded().await;
    let challenge = unused.challenge(&shop.url()).await;
    let close = unused.closing(&challenge, 0);
    let close = present(&Client::new(), &shop.url(), &close).await;
    refused(close, "verification-failed").await;

    let mut nowhere = shop.funded().await;
    nowhere.channel = coinslot_stellar_address::ContractId::from_bytes([7; 32]);
    refused(nowhere.ask(&shop.url()).await, "session/channel-not-found").await;
    let mut token = shop.funded().await;
    token.channel = coinslot_tests::channel::usdc(&shop.chain);
    refused(token.ask(&shop.url()).await, "verification-failed").await;

    // A token that is worth nothing, and a price in another.
    let token = coinslot_stellar_address::ContractId::from_bytes([9; 32]);
    let store = memory().await;
    let worthless = channels_builder(&shop.chain, store, &shop.recipient);
    let worthless = worthless.token(token).build().await.expect("channels");
    let usdc = shop.funded().await;
    let error = worthless.channel(&usdc.channel).await.expect_err("USDC");
    assert!(format!("{error:?}").contains("another token"), "{error:?}");
    let error = coinslot_server::Gate::builder()
        .offer(offer())
        .channels(worthless)
        .secret(SECRET)
        .store(memory().await)
        .resource_base("http://127.0.0.1:1")
        .build()
        .await;
    assert!(error.is_err(), "the price is in USDC");
    assert_eq!(shop.seller.runs(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_voucher_that_does_not_pay_changes_nothing() {
    let shop = Shop::open().await;
    let funded = shop.funded().await;
    let challenge = funded.challenge(&shop.url()).await;
    let client = Client::new();
    let send = async |header: String| present(&client, &shop.url(), &header).await;
    assert_eq!(send(funded.answer(&challenge, PRICE)).await.status(), 200);

    let below = send(funded.answer(&challenge, 2 * PRICE - 1)).await;
    refused(below, "session/delta-too-small").await;
    let falling = send(funded.answer(&challenge, PRICE - 1)).await;
    refused(falling, "session/delta-too-small").await;
    let above = send(funded.answer(&challenge, 10_000_001)).await;
    refused(above, "session/amount-exceeds-deposit").await;
    let stranger = CommitmentKey::from_seed([3; 32]);
    let voucher = stranger.sign(&funded.commitment(2 * PRICE));
    let foreign = credential(&challenge, ChannelAction::Voucher, &voucher);
    refused(send(foreign).await, "session/invalid-signature").await;
    // The identity as R, and S = 0: a lenient library takes it for some keys, the contract for none.
    let mut weak = [0; 64];
    weak[0] = 1;
    let weak = Voucher::new(BaseUnits::from_u64(2 * PRICE), weak);
    let weak = credential(&challenge, ChannelAction::Voucher, &weak);
    refused(send(weak).await, "session/invalid-signature").await;
    let mut other = challenge.clone();
    other = {
        let text = other.to_header().replace(challenge.id(), &"A".repeat(43));
        coinslot_mpp_wire::Challenge::from_header(&text).expect("a challenge")
    };
    // A challenge for another address of the same service, at the same price.
    let elsewhere = format!("{}?day=tomorrow", shop.url());
    let elsewhere = funded.challenge(&elsewhere).await;
    let moved = send(funded.answer(&elsewhere, 2 * PRICE)).await;
    refused(moved, "invalid-challenge").await;
    let named = client
        .get(shop.url())
        .header("authorization", funded.answer(&other, 2 * PRICE))
        .header("payment-channel", funded.named());
    let named = named.send().await.expect("an answer");
    let fresh = fresh_challenge(&named).request().json().to_owned();
    assert!(fresh.contains(&funded.channel.to_string()), "{fresh}");
    let forged = send(funded.answer(&other, 2 * PRICE)).await;
    refused(forged, "invalid-challenge").await;
    assert_eq!(shop.seller.runs(), 1);
    // Nothing was burned: the honest voucher is as good as before.
    let honest = send(funded.answer(&challenge, 2 * PRICE)).await;
    assert_eq!(honest.status(), 200);
    assert_eq!(receipt(&honest).extensions["spent"], "20000");
}

#[tokio::test(flavor = "multi_thread")]
async fn capacity_is_what_was_deposited_and_grows_with_a_top_up() {
    // The watcher sleeps: a voucher above what is known has the channel looked at.
    let shop = Shop::open_with(memory().await, |builder| {
        builder.watch_every(Duration::from_secs(3_600))
    })
    .await;
    let funded = Funded::open(&shop.chain, shop.recipient.account_id(), 30_000).await;
    let challenge = funded.challenge(&shop.url()).await;
    assert_eq!(
        funded.pay(&shop.url(), &challenge, 20_000).await.status(),
        200
    );
    let channel = shop.channels.channel(&funded.channel).await;
    channel
        .expect("a channel")
        .settle()
        .await
        .expect("a settlement");
    // The balance is 10,000 now, and what was deposited still 30,000.
    assert_eq!(
        funded.pay(&shop.url(), &challenge, 30_000).await.status(),
        200
    );
    let beyond = funded.pay(&shop.url(), &challenge, 40_000).await;
    let sentence = refused(beyond, "session/amount-exceeds-deposit").await;
    assert!(sentence.contains("top it up"), "{sentence}");
    funded
        .call(&ChannelCall::TopUp(BaseUnits::from_u64(10_000)))
        .await;
    let answer = funded.pay(&shop.url(), &challenge, 40_000).await;
    assert_eq!(answer.status(), 200, "{:?}", answer.text().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_default_channel_is_offered_to_whoever_names_none() {
    let shop = Shop::open().await;
    let funded = shop.funded().await;
    let quiet = offer()
        .default_channel(funded.channel.to_string())
        .expect("a channel");
    let talking = quiet.clone().announce_cumulative();
    let open = async |offer| {
        let gate = coinslot_server::Gate::builder()
            .offer(offer)
            .channels(shop.channels.clone())
            .secret(SECRET)
            .store(Arc::clone(&shop.store));
        Seller::open_gate("127.0.0.1:0", gate).await
    };
    let (quiet, talking) = (open(quiet).await, open(talking).await);
    let ask = async |url: String| fresh_challenge(&reqwest::get(url).await.expect("an answer"));
    let challenge = ask(quiet.weather()).await;
    assert_eq!(
        funded
            .pay(&quiet.weather(), &challenge, PRICE)
            .await
            .status(),
        200
    );
    let json = ask(quiet.weather()).await;
    assert!(!json.request().json().contains("cumulative"));
    let told = ask(talking.weather()).await;
    let json = told.request().json();
    assert!(json.contains("\"cumulativeAmount\":\"10000\""), "{json}");
    assert!(json.contains(&funded.channel.to_string()), "{json}");
    let paid = funded.pay(&talking.weather(), &told, 2 * PRICE).await;
    assert_eq!(paid.status(), 200);
    // Nobody names a channel and there is no default one: the price is told, and how to pay it.
    let answer = reqwest::get(shop.url()).await.expect("an answer");
    assert_eq!(answer.status(), 402);
    let problem: Value = answer.json().await.expect("a problem");
    let sentence = problem["detail"].as_str().expect("a sentence");
    assert!(
        sentence.contains(&shop.recipient.account_id().to_string()),
        "{sentence}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn settling_is_due_by_amount_and_by_time() {
    for (amount, seconds) in [(3 * PRICE, 86_400), (1_000_000, 1)] {
        let shop = Shop::open_with(memory().await, |builder| {
            builder.policy(move |policy| ChannelPolicy {
                settle_amount: BaseUnits::from_u64(amount),
                settle_after_seconds: seconds,
                dust: BaseUnits::ZERO,
                ..policy
            })
        })
        .await;
        let funded = shop.funded().await;
        let challenge = funded.challenge(&shop.url()).await;
        for paid in 1..=3 {
            funded.pay(&shop.url(), &challenge, paid * PRICE).await;
        }
        let payee = shop.recipient.account_id();
        for _ in 0..100 {
            if shop.chain.usdc(&payee).await == u128::from(3 * PRICE) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(shop.chain.usdc(&payee).await, u128::from(3 * PRICE));
        let channel = shop.channels.channel(&funded.channel).await;
        let status = channel.expect("a channel").status().await;
        assert!(status.exposure.is_zero(), "{status:?}");
        assert_eq!(
            funded
                .pay(&shop.url(), &challenge, 4 * PRICE)
                .await
                .status(),
            200
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sponsor_pays_for_settling_and_the_recipient_authorizes_it() {
    let chain = Chain::start().await;
    // The recipient cannot pay a fee.
    let recipient = chain.payer_without_lumens(1).await;
    let sponsor = chain.sponsor().await;
    let store = memory().await;
    let engine = coinslot_tests::programs::facilitator(&chain, memory().await, &[sponsor]).await;
    let channels = channels_builder(&chain, Arc::clone(&store), &recipient)
        .calls(engine.calls())
        .build()
        .await
        .expect("channels");
    let seller = Seller::open_gate("127.0.0.1:0", gate(store, channels.clone())).await;
    let funded = Funded::open(&chain, recipient.account_id(), 1_000_000).await;
    let challenge = funded.challenge(&seller.weather()).await;
    assert_eq!(
        funded
            .pay(&seller.weather(), &challenge, PRICE)
            .await
            .status(),
        200
    );
    let channel = channels.channel(&funded.channel).await.expect("a channel");
    channel.settle().await.expect("a settlement");
    channel.close().await.expect("a close");
    assert_eq!(
        chain.usdc(&recipient.account_id()).await,
        u128::from(PRICE) + 1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_contract_of_a_channel_that_owes_something_lives_on() {
    let shop = Shop::open_with(memory().await, |builder| {
        builder.policy(|policy| ChannelPolicy {
            extend_ttl_below: 3_000_000,
            extend_ttl_to: 3_000_000,
            dust: BaseUnits::ZERO,
            ..policy
        })
    })
    .await;
    let funded = shop.funded().await;
    let key = LedgerKey::contract_instance(&funded.channel);
    let lives_for = async || {
        let entries = shop
            .chain
            .ledger()
            .entries(std::slice::from_ref(&key))
            .await;
        let entries = entries.expect("an answer");
        let entry = entries.found[0].as_ref().expect("a channel");
        entry.live_until_ledger.expect("an end") - entries.latest_ledger
    };
    let at_first = lives_for().await;
    assert!(at_first < 3_000_000 - 1_000, "{at_first}");
    let challenge = funded.challenge(&shop.url()).await;
    funded.pay(&shop.url(), &challenge, PRICE).await;
    for _ in 0..100 {
        if lives_for().await > 3_000_000 - 1_000 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it still lives for {} ledgers only", lives_for().await);
}

/// A lease that lapses while its request is served, say because the process was busy, gives nobody a second answer.
#[tokio::test(flavor = "multi_thread")]
async fn a_voucher_is_not_served_again_while_this_process_serves_it() {
    let clock = Arc::new(ManualClock::new(SystemClock.now()));
    let ticks = Arc::clone(&clock) as Arc<_>;
    let shop = Shop::open_with(memory().await, |builder| builder.clock(ticks)).await;
    let funded = shop.funded().await;
    let channel = shop
        .channels
        .channel(&funded.channel)
        .await
        .expect("a channel");
    let price = Price::Once(BaseUnits::from_u64(PRICE));
    let take = async || channel.accept(funded.voucher(PRICE), price, [7; 32]).await;
    let Ok(Taken::Serve(serving)) = take().await else {
        panic!("it is served");
    };
    clock.advance(Duration::from_secs(60));
    assert!(matches!(take().await, Ok(Taken::Busy { .. })));
    // Whoever served it is gone without an answer: then it is served again, and nothing is paid again.
    drop(serving);
    assert!(matches!(take().await, Ok(Taken::Serve(_))));
    assert_eq!(channel.status().await.accepted, BaseUnits::from_u64(PRICE));
}

/// The events are only the quicker of two ways to see what happens to a channel.
#[tokio::test(flavor = "multi_thread")]
async fn a_dispute_is_answered_without_the_events_of_the_network() {
    let shop = Shop::open().await;
    let funded = shop.funded().await;
    let challenge = funded.challenge(&shop.url()).await;
    funded.pay(&shop.url(), &challenge, PRICE).await;
    // The first look is at everything.
    tokio::time::sleep(Duration::from_secs(1)).await;
    shop.chain.local.fail_next("getEvents", 1_000_000);
    funded.call(&ChannelCall::CloseStart).await;
    let payee = shop.recipient.account_id();
    for _ in 0..100 {
        if shop.chain.usdc(&payee).await == u128::from(PRICE) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the seller did not close");
}
