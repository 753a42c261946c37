//! Answers that are paid for as they are produced, with the paying client at the real gate on the real engine.

use std::{num::NonZeroU32, sync::Arc};

use coinslot_client::{ChannelFunds, PaidEvents, PayingClient, StreamReceipt};
use coinslot_payment_store::PaymentStore;
use coinslot_settlement::{ChannelStatus, Channels};
use coinslot_soroban_authorization::SecretKey;
use coinslot_tests::{
    chain::Chain,
    channel::{Funded, channels_builder},
    programs::{buyer_builder, memory},
    stream::{Counter, UNIT},
};

struct Shop {
    chain: Chain,
    recipient: SecretKey,
    channels: Channels,
    counter: Counter,
    funded: Funded,
    wallet: Arc<dyn PaymentStore>,
}

impl Shop {
    async fn open() -> Self {
        let chain = Chain::start().await;
        let recipient = chain.payer(0).await;
        let store = memory().await;
        let builder = channels_builder(&chain, Arc::clone(&store), &recipient);
        let channels = builder.build().await.expect("channels");
        Self {
            counter: Counter::open(store, channels.clone()).await,
            funded: Funded::open(&chain, recipient.account_id(), 10_000_000).await,
            wallet: memory().await,
            chain,
            recipient,
            channels,
        }
    }

    /// A client that reserves so many units at once.
    fn client(&self, units: u32) -> PayingClient {
        let funds = ChannelFunds::of(self.funded.channel, self.funded.key.clone());
        let funds = funds.per_channel("$1").expect("a cap");
        let funds = funds.per_request("$0.01").expect("a cap");
        let funds = funds.hosts(["127.0.0.1"]).expect("a host");
        buyer_builder(
            &self.chain,
            self.funded.funder.clone(),
            Arc::clone(&self.wallet),
        )
        .channel(funds)
        .reserve_units(NonZeroU32::new(units).expect("some"))
        .build()
        .expect("a client")
    }

    async fn status(&self) -> ChannelStatus {
        let channel = self.channels.channel(&self.funded.channel).await;
        channel.expect("a channel").status().await
    }

    /// Has the channel closed, and says what came of it.
    async fn close(&self, client: &PayingClient) -> u128 {
        let url = self.counter.url(1);
        let closed = client.close_channel(self.funded.channel, url).await;
        assert!(closed.expect("a close").transaction.is_some());
        self.chain.usdc(&self.recipient.account_id()).await
    }
}

/// Hears these numbers, and the end.
async fn hear(events: &mut PaidEvents, numbers: u64) -> StreamReceipt {
    for number in 1..=numbers {
        let event = events.next().await.expect("an event").expect("no error");
        assert_eq!(event.name.as_deref(), Some("number"));
        assert_eq!(event.data, number.to_string());
    }
    assert!(events.next().await.is_none());
    assert!(events.next().await.is_none());
    events.receipt().expect("a receipt").clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_units_are_paid_ten_at_a_time_and_closed_at_exactly_that() {
    let shop = Shop::open().await;
    let client = shop.client(10);
    let mut events = client.events(shop.counter.url(30)).await.expect("a stream");
    let receipt = hear(&mut events, 30).await;
    assert_eq!(receipt.units, 30);
    for amount in [receipt.paid, receipt.spent, receipt.signed] {
        assert_eq!(amount.units, (30 * UNIT).into());
    }
    drop(events);
    let status = shop.status().await;
    assert_eq!(status.accepted, (30 * UNIT).into());
    assert_eq!(status.spent, (30 * UNIT).into());
    assert_eq!(shop.counter.runs(), 1);
    assert!(client.open_payments().await.expect("a list").is_empty());
    assert_eq!(shop.close(&client).await, u128::from(30 * UNIT));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_reserved_and_not_used_is_not_paid() {
    let shop = Shop::open().await;
    let client = shop.client(10);
    let mut events = client.events(shop.counter.url(7)).await.expect("a stream");
    let receipt = hear(&mut events, 7).await;
    assert_eq!(receipt.paid.units, (7 * UNIT).into());
    assert_eq!(receipt.signed.units, (10 * UNIT).into());
    drop(events);

    // One that is dropped early counts in full, until the next one's receipt tells.
    let url = shop.counter.url(1_000);
    let mut events = client.events(&url).await.expect("a stream");
    for _ in 0..3 {
        events.next().await.expect("an event").expect("no error");
    }
    drop(events);
    let usage = client.channels().await.expect("usage");
    assert_eq!(usage[0].spent.units, (17 * UNIT).into());
    let mut events = client.events(shop.counter.url(2)).await.expect("a stream");
    let receipt = hear(&mut events, 2).await;
    drop(events);
    assert_eq!(receipt.units, 2);
    let status = shop.status().await;
    assert_eq!(receipt.spent.units, status.spent);
    assert!(status.spent <= (19 * UNIT).into(), "{status:?}");
    let spent = status.spent.as_u128();
    assert_eq!(shop.close(&client).await, spent);
}
