//! Answers that are paid for as they are produced, from end to end, with vouchers made by hand.

use std::{sync::Arc, time::Duration};

use coinslot_channel_commitment::ChannelCall;
use coinslot_mpp_channel_stellar::Price;
use coinslot_mpp_wire::{
    Challenge, Receipt,
    stellar::{ChannelAction, PAYMENT_CHANNEL},
};
use coinslot_payment_store::{Clock, ManualClock, PaymentStore, SystemClock};
use coinslot_server::mpp::ChannelOffer;
use coinslot_settlement::{ChannelStatus, Channels, NotCharged, Taken};
use coinslot_soroban_authorization::SecretKey;
use coinslot_tests::{
    chain::Chain,
    channel::{Funded, channels_builder, credential, present, receipt},
    charge::fresh_challenge,
    programs::memory,
    stream::{Counter, Heard, Listening, UNIT, add, offer},
};
use reqwest::{Client, Method, Response, header::AUTHORIZATION};
use serde_json::Value;
use tokio::time::sleep;

struct Shop {
    chain: Chain,
    recipient: SecretKey,
    store: Arc<dyn PaymentStore>,
    channels: Channels,
}

impl Shop {
    async fn new() -> Self {
        let chain = Chain::start().await;
        let recipient = chain.payer(0).await;
        let store = memory().await;
        let builder = channels_builder(&chain, Arc::clone(&store), &recipient);
        let channels = builder.build().await.expect("channels");
        Self {
            chain,
            recipient,
            store,
            channels,
        }
    }

    /// With a counter that may produce everything, and a channel that is funded with $1.
    async fn open() -> (Self, Counter, Funded) {
        let shop = Self::new().await;
        let counter = Counter::open(Arc::clone(&shop.store), shop.channels.clone()).await;
        let funded = shop.funded().await;
        (shop, counter, funded)
    }

    /// With a counter that makes such an offer, and is told when to produce something.
    async fn open_with(offer: ChannelOffer) -> (Self, Counter, Funded) {
        let shop = Self::new().await;
        let (store, channels) = (Arc::clone(&shop.store), shop.channels.clone());
        let counter = Counter::open_with(store, channels, offer, None).await;
        let funded = shop.funded().await;
        (shop, counter, funded)
    }

    async fn funded(&self) -> Funded {
        Funded::open(&self.chain, self.recipient.account_id(), 10_000_000).await
    }

    async fn status(&self, funded: &Funded) -> ChannelStatus {
        let channel = self.channels.channel(&funded.channel).await;
        channel.expect("a channel").status().await
    }

    /// Waits until so much is spent, in units.
    async fn spent(&self, funded: &Funded, units: u64) {
        for _ in 0..100 {
            if self.status(funded).await.spent == (units * UNIT).into() {
                return;
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("not {units} units: {:?}", self.status(funded).await);
    }
}

fn told(receipt: &Receipt, member: &str) -> Value {
    receipt.extensions.get(member).cloned().unwrap_or_default()
}

fn units(amount: u64) -> Value {
    (amount * UNIT).to_string().into()
}

/// A 402 with a problem of this kind, and a fresh challenge.
async fn refused(response: Response, kind: &str) -> Challenge {
    let challenge = fresh_challenge(&response);
    let problem: Value = response.json().await.expect("a problem");
    let is = problem["type"].as_str().expect("a type");
    assert_eq!(is, format!("https://paymentauth.org/problems/{kind}"));
    challenge
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_units_are_paid_by_vouchers_of_ten() {
    let (shop, counter, funded) = Shop::open().await;
    let url = counter.url(30);
    let asked = funded.ask(&url).await;
    let challenge = fresh_challenge(&asked);
    let request = challenge.request().json();
    assert!(request.contains("\"amount\":\"1000\""), "{request}");
    assert!(request.contains("\"unitType\":\"number\""), "{request}");
    let problem: Value = asked.json().await.expect("a problem");
    let sentence = problem["detail"].as_str().expect("a sentence");
    assert!(sentence.contains("$0.0001 per number"), "{sentence}");

    let mut listening = funded.listen(&url, &challenge, 10 * UNIT).await;
    assert_eq!(told(&listening.began, "acceptedCumulative"), units(10));
    assert_eq!(told(&listening.began, "spent"), units(0));
    for voucher in 1..=2 {
        let paid = voucher * 10;
        listening.numbers(paid - 9..=paid).await;
        let need = listening.need().await;
        assert_eq!(need.channel_id, funded.channel.to_string());
        assert_eq!(need.required_cumulative, ((paid + 1) * UNIT).into());
        assert_eq!(need.accepted_cumulative, (paid * UNIT).into());
        assert_eq!(need.deposit, 10_000_000_u64.into());
        let next = (paid + 10) * UNIT;
        let added = funded.top_up(&url, &challenge, &listening.id, next).await;
        assert_eq!(added.status(), 204);
        let receipt = receipt(&added);
        assert_eq!(receipt.reference, challenge.id());
        assert_eq!(told(&receipt, "acceptedCumulative"), units(paid + 10));
    }
    listening.numbers(21..=30).await;
    let receipt_of_end = listening.end().await;
    assert_eq!(receipt_of_end.reference, challenge.id());
    assert_eq!(told(&receipt_of_end, "acceptedCumulative"), units(30));
    assert_eq!(told(&receipt_of_end, "spent"), units(30));
    assert_eq!(told(&receipt_of_end, "units"), 30);
    assert_eq!(
        told(&receipt_of_end, "channelId"),
        funded.channel.to_string()
    );
    let status = shop.status(&funded).await;
    assert_eq!(status.spent, (30 * UNIT).into());
    assert_eq!(counter.runs(), 1);

    // It was not recorded: its last voucher gets the receipt again, and the first one nothing.
    let again = funded.pay(&url, &challenge, 30 * UNIT).await;
    let receipt_of_again = receipt(&again);
    assert_eq!(receipt_of_again.extensions, receipt_of_end.extensions);
    assert_eq!(again.status(), 402);
    assert_eq!(funded.pay(&url, &challenge, 10 * UNIT).await.status(), 402);
    assert_eq!(counter.runs(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_voucher_that_does_not_pay_for_a_unit_more_is_refused_and_the_stream_waits() {
    let (shop, counter, funded) = Shop::open().await;
    let url = counter.url(12);
    let challenge = funded.challenge(&url).await;
    let below = funded.pay(&url, &challenge, UNIT - 1).await;
    refused(below, "session/delta-too-small").await;
    // Half a unit more than ten: what is beyond whole units counts later.
    let mut listening = funded.listen(&url, &challenge, 10 * UNIT + UNIT / 2).await;
    listening.numbers(1..=10).await;
    assert_eq!(
        listening.need().await.required_cumulative,
        (11 * UNIT).into()
    );
    let send = async |credential: String| add(Method::GET, &url, &listening.id, &credential).await;
    let small = send(funded.answer(&challenge, 11 * UNIT - 1)).await;
    refused(small, "session/delta-too-small").await;
    let too_much = send(funded.answer(&challenge, 10_000_001)).await;
    refused(too_much, "session/amount-exceeds-deposit").await;
    let other = shop.funded().await;
    let foreign = other.voucher(11 * UNIT);
    let forged = send(credential(&challenge, ChannelAction::Voucher, &foreign)).await;
    refused(forged, "session/invalid-signature").await;
    let theirs = other.challenge(&url).await;
    refused(
        send(other.answer(&theirs, 11 * UNIT)).await,
        "invalid-challenge",
    )
    .await;
    let elsewhere = funded.challenge(&counter.url(13)).await;
    let elsewhere = send(funded.answer(&elsewhere, 11 * UNIT)).await;
    refused(elsewhere, "invalid-challenge").await;
    let closing = send(funded.closing(&challenge, 11 * UNIT)).await;
    refused(closing, "invalid-payload").await;
    // The fresh challenge of a refusal is for the stream, whatever the method.
    let small = funded
        .top_up(&url, &challenge, &listening.id, 11 * UNIT - 1)
        .await;
    let fresh = fresh_challenge(&small);
    assert!(listening.is_silent_for(Duration::from_millis(300)).await);

    // As much as is needed; the same again adds nothing.
    for _ in 0..2 {
        let added = funded.top_up(&url, &fresh, &listening.id, 11 * UNIT).await;
        assert_eq!(added.status(), 204);
        assert_eq!(receipt(&added).reference, fresh.id());
    }
    listening.numbers([11]).await;
    let need = listening.need().await;
    assert_eq!(need.required_cumulative, (12 * UNIT).into());
    assert_eq!(need.accepted_cumulative, (11 * UNIT).into());
    let added = funded.top_up(&url, &fresh, &listening.id, 20 * UNIT).await;
    assert_eq!(added.status(), 204);
    listening.numbers([12]).await;
    let receipt = listening.end().await;
    assert_eq!(told(&receipt, "acceptedCumulative"), units(20));
    assert_eq!(told(&receipt, "spent"), units(12));
    assert_eq!(counter.runs(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_buyer_who_hangs_up_gets_the_rest_back() {
    let (shop, counter, funded) = Shop::open_with(offer()).await;
    let url = counter.url(10);
    let challenge = funded.challenge(&url).await;
    counter.leave(3);
    let mut listening = funded.listen(&url, &challenge, 10 * UNIT).await;
    listening.numbers(1..=3).await;
    let id = listening.id.clone();
    drop(listening);
    shop.spent(&funded, 3).await;
    assert_eq!(shop.status(&funded).await.accepted, (10 * UNIT).into());

    // The stream takes nothing more, and no voucher is lost by that.
    let late = add(
        Method::GET,
        &url,
        &id,
        &funded.answer(&challenge, 11 * UNIT),
    )
    .await;
    assert_eq!(late.status(), 404);
    let problem: Value = late.json().await.expect("JSON");
    assert_eq!(problem["error"], "stream_not_found");
    // What was left pays for the next stream: the voucher has to rise by a base unit only.
    let other = counter.url(8);
    let challenge = funded.challenge(&other).await;
    counter.leave(8);
    let mut listening = funded.listen(&other, &challenge, 11 * UNIT).await;
    listening.numbers(1..=8).await;
    let receipt = listening.end().await;
    assert_eq!(told(&receipt, "spent"), units(11));
    assert_eq!(told(&receipt, "units"), 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_is_closed_at_what_its_stream_has_spent() {
    let (shop, counter, funded) = Shop::open().await;
    let url = counter.url(7);
    let challenge = funded.challenge(&url).await;
    let mut listening = funded.listen(&url, &challenge, 500 * UNIT).await;
    listening.numbers(1..=7).await;
    assert_eq!(told(&listening.end().await, "spent"), units(7));
    let client = Client::new();
    let below = funded.closing(&challenge, 7 * UNIT - 1);
    assert_eq!(present(&client, &url, &below).await.status(), 402);
    let closed = present(&client, &url, &funded.closing(&challenge, 7 * UNIT)).await;
    assert_eq!(closed.status(), 204);
    assert!(told(&receipt(&closed), "txHash").is_string());
    let earned = shop.chain.usdc(&shop.recipient.account_id()).await;
    assert_eq!(earned, u128::from(7 * UNIT));
    assert_eq!(counter.runs(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_pays_one_stream_at_a_time() {
    let (shop, counter, funded) = Shop::open_with(offer()).await;
    let (url, other) = (counter.url(2), counter.url(3));
    let challenge = funded.challenge(&url).await;
    counter.leave(1);
    let mut listening = funded.listen(&url, &challenge, 2 * UNIT).await;
    listening.numbers([1]).await;
    let challenge_of_other = funded.challenge(&other).await;
    let second = funded.pay(&other, &challenge_of_other, 5 * UNIT).await;
    assert_eq!(second.status(), 409);
    assert!(second.headers().contains_key("retry-after"));
    // So does the voucher that the stream began with.
    let again = funded.pay(&url, &challenge, 2 * UNIT).await;
    assert_eq!(again.status(), 409);
    // Another channel's stream is its own.
    let theirs = shop.funded().await;
    let challenge_of_theirs = theirs.challenge(&url).await;
    let mut heard = theirs.listen(&url, &challenge_of_theirs, 2 * UNIT).await;
    counter.leave(3);
    heard.numbers(1..=2).await;
    assert_eq!(told(&heard.end().await, "units"), 2);
    listening.numbers([2]).await;
    assert_eq!(told(&listening.end().await, "units"), 2);

    counter.leave(3);
    let mut listening = funded.listen(&other, &challenge_of_other, 5 * UNIT).await;
    listening.numbers(1..=3).await;
    assert_eq!(told(&listening.end().await, "spent"), units(5));
    assert_eq!(counter.runs(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_voucher_for_no_stream_is_not_taken() {
    let (shop, counter, funded) = Shop::open().await;
    let url = counter.url(1);
    let challenge = funded.challenge(&url).await;
    for id in ["", "nonsense", &"0".repeat(32)] {
        let unknown = funded.top_up(&url, &challenge, id, UNIT).await;
        assert_eq!(unknown.status(), 404, "{id}");
    }
    let nonsense = add(Method::GET, &url, &"0".repeat(32), "Payment nonsense").await;
    assert_eq!(nonsense.status(), 404);
    // Without a voucher the header is nothing.
    let asked = Client::new()
        .get(&url)
        .header("payment-stream", "0".repeat(32));
    assert_eq!(asked.send().await.expect("an answer").status(), 402);
    assert_eq!(counter.runs(), 0);
    let mut listening = funded.listen(&url, &challenge, UNIT).await;
    listening.numbers([1]).await;
    listening.end().await;

    // At another address a stream is not to be found.
    let longer = counter.url(2);
    let challenge = funded.challenge(&longer).await;
    let mut listening = funded.listen(&longer, &challenge, 2 * UNIT).await;
    listening.numbers([1]).await;
    let need = listening.need().await;
    assert_eq!(need.required_cumulative, (3 * UNIT).into());
    let strayed = funded
        .top_up(&url, &challenge, &listening.id, 3 * UNIT)
        .await;
    assert_eq!(strayed.status(), 404);
    let added = funded
        .top_up(&longer, &challenge, &listening.id, 3 * UNIT)
        .await;
    assert_eq!(added.status(), 204);
    listening.numbers([2]).await;
    listening.end().await;
    assert_eq!(shop.status(&funded).await.spent, (3 * UNIT).into());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_voucher_that_reaches_another_server_is_kept_for_the_right_one() {
    let (shop, counter, funded) = Shop::open().await;
    let builder = channels_builder(&shop.chain, Arc::clone(&shop.store), &shop.recipient);
    let channels = builder.build().await.expect("channels");
    let store = Arc::clone(&shop.store);
    let twin = Counter::open_with(store, channels, offer(), Some(counter.base())).await;
    let url = counter.url(2);
    let challenge = funded.challenge(&url).await;
    let mut listening = funded.listen(&url, &challenge, UNIT).await;
    listening.numbers([1]).await;
    listening.need().await;
    let strayed = add(
        Method::GET,
        &twin.url(2),
        &listening.id,
        &funded.answer(&challenge, 2 * UNIT),
    )
    .await;
    assert_eq!(strayed.status(), 503);
    assert!(strayed.headers().contains_key("retry-after"));
    let problem: Value = strayed.json().await.expect("JSON");
    assert_eq!(problem["error"], "stream_elsewhere");
    // Nor does it begin the stream anew.
    let again = funded.pay(&twin.url(2), &challenge, UNIT).await;
    assert_eq!(again.status(), 409);
    let added = funded
        .top_up(&url, &challenge, &listening.id, 2 * UNIT)
        .await;
    assert_eq!(added.status(), 204);
    listening.numbers([2]).await;
    listening.end().await;
    let over = funded
        .top_up(&twin.url(2), &challenge, &listening.id, 3 * UNIT)
        .await;
    assert_eq!(over.status(), 404);
    assert_eq!(twin.runs(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_nobody_pays_for_ends_with_what_was_paid() {
    let impatient = offer().wait_for_voucher(Duration::from_millis(500));
    let (shop, counter, funded) = Shop::open_with(impatient).await;
    counter.leave(100);
    let url = counter.url(30);
    let challenge = funded.challenge(&url).await;
    let mut listening = funded.listen(&url, &challenge, 4 * UNIT + 1).await;
    listening.numbers(1..=4).await;
    listening.need().await;
    let receipt = listening.end().await;
    assert_eq!(told(&receipt, "units"), 4);
    assert_eq!(shop.status(&funded).await.spent, (4 * UNIT).into());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_whose_channel_closes_ends_with_what_was_paid() {
    let (_shop, counter, funded) = Shop::open().await;
    let url = counter.url(30);
    let challenge = funded.challenge(&url).await;
    let mut listening = funded.listen(&url, &challenge, 2 * UNIT).await;
    listening.numbers(1..=2).await;
    listening.need().await;
    funded.call(&ChannelCall::CloseStart).await;
    let receipt = listening.end().await;
    assert_eq!(told(&receipt, "units"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_waits_stays_with_its_server_and_keeps_its_connection() {
    let (_shop, counter, funded) = Shop::open().await;
    let (url, other) = (counter.url(2), counter.url(3));
    let challenge = funded.challenge(&url).await;
    let mut listening = funded.listen(&url, &challenge, UNIT).await;
    listening.numbers([1]).await;
    listening.need().await;
    // Many leases long. It is told what is needed once.
    let comment = listening.next_within(Duration::from_secs(20)).await;
    assert_eq!(comment, Some(Heard::Comment));
    let challenge_of_other = funded.challenge(&other).await;
    let second = funded.pay(&other, &challenge_of_other, 9 * UNIT).await;
    assert_eq!(second.status(), 409);
    let added = funded
        .top_up(&url, &challenge, &listening.id, 2 * UNIT)
        .await;
    assert_eq!(added.status(), 204);
    listening.numbers([2]).await;
    assert_eq!(told(&listening.end().await, "units"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_produced_or_charged_for_a_buyer_who_does_not_read() {
    let (shop, counter, funded) = Shop::open().await;
    let url = format!("{}&weight=1000000", counter.url(500));
    let challenge = funded.challenge(&url).await;
    let listening: Listening = funded.listen(&url, &challenge, 500 * UNIT).await;
    sleep(Duration::from_secs(1)).await;
    let produced = counter.asked();
    assert!((1..100).contains(&produced), "{produced} MB");
    sleep(Duration::from_secs(1)).await;
    assert_eq!(counter.asked(), produced);
    drop(listening);
    // The last one that was asked for was not charged, or just.
    for _ in 0..100 {
        let spent = shop.status(&funded).await.spent.as_u128() / u128::from(UNIT);
        if (1..=u128::from(produced)).contains(&spent) {
            return;
        }
        sleep(Duration::from_millis(50)).await;
    }
    panic!("{:?}", shop.status(&funded).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_of_several_units_is_charged_whole() {
    let (shop, counter, funded) = Shop::open().await;
    let url = format!("{}&cost=4", counter.url(2));
    let challenge = funded.challenge(&url).await;
    let mut listening = funded.listen(&url, &challenge, 5 * UNIT).await;
    listening.numbers([1]).await;
    assert_eq!(
        listening.need().await.required_cumulative,
        (8 * UNIT).into()
    );
    // A unit more is taken, and is not enough.
    let added = funded
        .top_up(&url, &challenge, &listening.id, 6 * UNIT)
        .await;
    assert_eq!(told(&receipt(&added), "spent"), units(4));
    assert_eq!(told(&receipt(&added), "units"), 4);
    let need = listening.need().await;
    assert_eq!(need.required_cumulative, (8 * UNIT).into());
    assert_eq!(need.accepted_cumulative, (6 * UNIT).into());
    let added = funded
        .top_up(&url, &challenge, &listening.id, 9 * UNIT)
        .await;
    assert_eq!(added.status(), 204);
    listening.numbers([2]).await;
    assert_eq!(told(&listening.end().await, "units"), 8);
    assert_eq!(shop.status(&funded).await.spent, (8 * UNIT).into());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_without_events_costs_nothing() {
    let (shop, counter, funded) = Shop::open().await;
    let url = counter.url(0);
    let challenge = funded.challenge(&url).await;
    let nothing = funded.pay(&url, &challenge, 5 * UNIT).await;
    assert_eq!(nothing.status(), 404);
    assert_eq!(told(&receipt(&nothing), "spent"), units(0));
    for _ in 0..100 {
        // The reserve is the buyer's again: a base unit more pays for five units.
        let url = counter.url(5);
        let challenge = funded.challenge(&url).await;
        let paid = funded.pay(&url, &challenge, 5 * UNIT + 1).await;
        if paid.status() == 200 {
            let mut listening = Listening::to(paid);
            listening.numbers(1..=5).await;
            assert_eq!(told(&listening.end().await, "units"), 5);
            assert_eq!(shop.status(&funded).await.spent, (5 * UNIT).into());
            return;
        }
        assert_eq!(paid.status(), 409);
        sleep(Duration::from_millis(20)).await;
    }
    panic!("the first answer never ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_answers_a_body_takes_vouchers_without_it() {
    let (_shop, counter, funded) = Shop::open().await;
    let url = counter.url(2);
    let client = Client::new();
    let challenge = async |body: &'static str| {
        let asked = client.post(&url).header(PAYMENT_CHANNEL, funded.named());
        fresh_challenge(&asked.body(body).send().await.expect("an answer"))
    };
    let (ours, another) = (challenge("ours").await, challenge("another").await);
    let request = client.post(&url).body("ours");
    let request = request.header(AUTHORIZATION, funded.answer(&ours, UNIT));
    let mut listening = Listening::to(request.send().await.expect("an answer"));
    listening.numbers([1]).await;
    listening.need().await;
    let strayed = funded.answer(&another, 2 * UNIT);
    let strayed = add(Method::POST, &url, &listening.id, &strayed).await;
    refused(strayed, "invalid-challenge").await;
    let ours = funded.answer(&ours, 2 * UNIT);
    let added = add(Method::POST, &url, &listening.id, &ours).await;
    assert_eq!(added.status(), 204);
    listening.numbers([2]).await;
    listening.end().await;
    assert_eq!(counter.runs(), 1);
}

#[test]
fn after_a_crash_all_that_was_reserved_is_spent_and_the_same_voucher_gets_it() {
    let ours = tokio::runtime::Runtime::new().expect("a runtime");
    // With one thread, which ends everything where it stands.
    let theirs = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    let (shop, funded) = ours.block_on(async {
        let shop = Shop::new().await;
        let funded = shop.funded().await;
        (shop, funded)
    });
    let open = async |base: Option<&str>| {
        let builder = channels_builder(&shop.chain, Arc::clone(&shop.store), &shop.recipient);
        let channels = builder.build().await.expect("channels");
        Counter::open_with(Arc::clone(&shop.store), channels, offer(), base).await
    };
    let first = theirs.block_on(open(None));
    first.leave(3);
    let (challenge, listening) = ours.block_on(async {
        let challenge = funded.challenge(&first.url(10)).await;
        let mut listening = funded.listen(&first.url(10), &challenge, 10 * UNIT).await;
        listening.numbers(1..=3).await;
        (challenge, listening)
    });
    let base = first.base().to_owned();
    theirs.shutdown_background();
    drop((first, listening));
    ours.block_on(async {
        let second = open(Some(&base)).await;
        second.leave(1_000);
        let other = second.url(9);
        // Its challenges are for the address of the first.
        let challenge_of_other = funded.challenge(&other).await;
        let paid = async |amount| loop {
            let paid = funded.pay(&other, &challenge_of_other, amount).await;
            if paid.status() != 409 {
                return paid;
            }
            sleep(Duration::from_millis(100)).await;
        };
        refused(paid(11 * UNIT - 1).await, "session/delta-too-small").await;
        let again = funded.pay(&second.url(10), &challenge, 10 * UNIT).await;
        let mut listening = Listening::to(again);
        listening.numbers(1..=10).await;
        let receipt = listening.end().await;
        assert_eq!(told(&receipt, "spent"), units(10));
        assert_eq!(told(&receipt, "units"), 10);
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_lapsed_goes_on_when_it_is_renewed_and_is_not_begun_anew() {
    let Shop {
        chain,
        recipient,
        store,
        ..
    } = Shop::new().await;
    let clock = Arc::new(ManualClock::new(SystemClock.now()));
    let channels =
        channels_builder(&chain, store, &recipient).clock(Arc::<ManualClock>::clone(&clock));
    let channels = channels.build().await.expect("channels");
    let funded = Funded::open(&chain, recipient.account_id(), 10_000_000).await;
    let channel = channels.channel(&funded.channel).await.expect("a channel");
    let price = Price::PerUnit(UNIT.into());
    let take = async || {
        let voucher = funded.voucher(10 * UNIT);
        channel.accept(voucher, price, [7; 32]).await
    };
    let Ok(Taken::Stream(stream, _)) = take().await else {
        panic!("no stream");
    };
    stream.charge(3).expect("it is reserved");
    assert!(stream.renew().await.expect("a store"));
    clock.advance(Duration::from_secs(2));
    assert_eq!(stream.charge(1), Err(NotCharged::Lost));
    // As long as it is held here nobody begins it anew, and what was charged stays charged.
    let anew = take().await;
    assert!(matches!(anew, Ok(Taken::Busy { .. })), "{anew:?}");
    assert!(stream.renew().await.expect("a store"));
    stream.charge(4).expect("it is reserved");
    let spent = stream.finish(|_| Vec::new()).await.expect("a store");
    assert_eq!(spent.expect("its own").spent, (7 * UNIT).into());
    assert_eq!(stream.charge(1), Err(NotCharged::Ended));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_charges_and_waits_is_heard_by_the_buyer() {
    let (_shop, counter, funded) = Shop::open_with(offer()).await;
    let url = format!("{}&ahead=3", counter.url(1));
    let challenge = funded.challenge(&url).await;
    // Three units are charged before there is an answer, and two are reserved.
    let mut listening = funded.listen(&url, &challenge, 2 * UNIT).await;
    assert_eq!(
        listening.need().await.required_cumulative,
        (3 * UNIT).into()
    );
    // Another unit is charged by an event; it leaves one.
    counter.leave(1);
    listening.numbers([1]).await;
    let receipt = listening.end().await;
    assert_eq!(told(&receipt, "units"), 1);

    let url = format!("{}&ahead=3", counter.url(2));
    let challenge = funded.challenge(&url).await;
    let mut listening = funded.listen(&url, &challenge, 3 * UNIT).await;
    assert_eq!(
        listening.need().await.required_cumulative,
        (4 * UNIT).into()
    );
    counter.leave(1);
    listening.numbers([1]).await;
    // Whoever waits says anew what it needs.
    assert_eq!(
        listening.need().await.required_cumulative,
        (5 * UNIT).into()
    );
    let added = funded
        .top_up(&url, &challenge, &listening.id, 6 * UNIT)
        .await;
    assert_eq!(added.status(), 204);
    counter.leave(1);
    listening.numbers([2]).await;
    assert_eq!(told(&listening.end().await, "units"), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_outlives_its_challenge() {
    let brief = offer().expires_in(Duration::from_secs(1));
    let (_shop, counter, funded) = Shop::open_with(brief).await;
    counter.leave(2);
    let url = counter.url(2);
    let challenge = funded.challenge(&url).await;
    let mut listening = funded.listen(&url, &challenge, UNIT).await;
    listening.numbers([1]).await;
    listening.need().await;
    sleep(Duration::from_millis(2_100)).await;
    let credential = funded.answer(&challenge, 2 * UNIT);
    let late = add(Method::GET, &url, &listening.id, &credential).await;
    let fresh = refused(late, "payment-expired").await;
    let added = funded.top_up(&url, &fresh, &listening.id, 2 * UNIT).await;
    assert_eq!(added.status(), 204);
    listening.numbers([2]).await;
    listening.end().await;
}
