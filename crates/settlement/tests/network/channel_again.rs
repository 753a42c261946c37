//! The same voucher again: its request is served once, and its answer is not forgotten.

use std::sync::Arc;
use std::time::Duration;

use coinslot_caip2_network::StellarNetwork;
use coinslot_mpp_channel_stellar::Price;
use coinslot_payment_store::{Clock as _, ManualClock, MemoryStore, SystemClock};
use coinslot_settlement::{
    Channel, ChannelError, Channels, Closed, ContractCalls, Serving, Taken, Timing,
};
use coinslot_stellar_ledger::Ledger;
use coinslot_usdc_amount::BaseUnits;
use tokio::time::{sleep, timeout};

use super::crooked::CrookedNode;
use super::funded::{Funded, price, request};
use super::world::{LONG, PRICE, World, at_once, quick};

async fn served(funded: &Funded, channel: &Channel, nth: u64) -> Serving {
    match funded.pay(channel, nth).await {
        Ok(Taken::Serve(serving)) => serving,
        other => panic!("{other:?}"),
    }
}

/// The answer that the voucher for so many prices is given again.
async fn again(funded: &Funded, channel: &Channel, nth: u64) -> Option<Vec<u8>> {
    match funded.pay(channel, nth).await {
        Ok(Taken::Again { answer, .. }) => answer,
        other => panic!("{other:?}"),
    }
}

/// A channel, and the processes of its recipient, which share a store and a clock that stands.
struct Sellers {
    world: World,
    funded: Funded,
    node: Arc<CrookedNode>,
    clock: Arc<ManualClock>,
    store: Arc<MemoryStore>,
}

impl Sellers {
    async fn new() -> Self {
        let world = World::new().await;
        Self {
            funded: world.funded(10 * PRICE).await,
            node: CrookedNode::honest(&world.ledger),
            clock: Arc::new(ManualClock::new(SystemClock.now())),
            store: Arc::new(MemoryStore::new()),
            world,
        }
    }

    /// Another process.
    async fn process(&self) -> Channels {
        let ledger: Arc<dyn Ledger> = Arc::<CrookedNode>::clone(&self.node);
        let channels = self.world.channels(ledger, Arc::clone(&self.store) as _);
        let clock = Arc::<ManualClock>::clone(&self.clock);
        channels.clock(clock).build().await.unwrap()
    }

    async fn channel(&self, channels: &Channels) -> Channel {
        channels.channel(&self.funded.id).await.unwrap()
    }
}

/// Waits until the channel is closed.
async fn lands(channel: &Channel) {
    let closed = async {
        while !channel.is_closed().await {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(LONG, closed).await.expect("nobody closes");
}

const ANSWER: Option<&[u8]> = Some(b"the answer");

/// Closes with the voucher for two prices, beside a request of its own.
async fn close(funded: &Funded, channel: &Channel, nth: u64) -> Closed {
    let voucher = funded.voucher(2 * PRICE);
    let closed = channel.close_with(voucher, price(), request(nth)).await;
    closed.unwrap()
}

fn taken(closed: Closed) -> Taken {
    match closed {
        Closed::WithRequest(taken) => *taken,
        Closed::Alone { .. } => panic!("nothing is served: {closed:?}"),
    }
}

/// The answer that is given again.
fn answer(closed: Closed) -> Option<Vec<u8>> {
    match taken(closed) {
        Taken::Again { answer, .. } => answer,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_close_that_pays_for_a_request_has_it_served_once_however_long_the_chain_takes() {
    let world = World::new().await;
    let funded = world.funded(10 * PRICE).await;
    let node = CrookedNode::honest(&world.ledger);
    let clock = Arc::new(ManualClock::new(SystemClock.now()));
    let ledger: Arc<dyn Ledger> = Arc::<CrookedNode>::clone(&node);
    // Whoever waits for the close waits too long.
    let patient = Timing {
        answer_within: 2 * LONG,
        ..quick()
    };
    let payee = Arc::new(world.payee.clone());
    let calls = ContractCalls::paid_by(Arc::clone(&ledger), &StellarNetwork::Testnet, payee);
    let channels = world
        .channels(ledger, Arc::new(MemoryStore::new()))
        .calls(calls.timing(patient))
        .clock(Arc::<ManualClock>::clone(&clock))
        .build()
        .await
        .unwrap();
    let channel = channels.channel(&funded.id).await.unwrap();
    served(&funded, &channel, 1).await.finish(Vec::new).await;

    let slow = node.hold_submissions().await;
    let close = async |nth| {
        let close = close(&funded, &channel, nth);
        timeout(LONG, close).await.expect("it waits for the chain")
    };
    let Taken::Serve(serving) = taken(close(2).await) else {
        panic!("it is not served");
    };
    // While it is served, even when its lease has lapsed.
    assert!(matches!(taken(close(2).await), Taken::Busy { .. }));
    clock.advance(Duration::from_secs(3_600));
    assert!(matches!(taken(close(2).await), Taken::Busy { .. }));
    // When it has been served, and the channel is not closed yet.
    serving.finish(|| b"the answer".to_vec()).await;
    assert_eq!(answer(close(2).await).as_deref(), ANSWER);
    assert_eq!(world.usdc(&world.payee).await, 0);

    // Another request waits for the close, and goes away; the close goes on by itself.
    let waits = {
        let (channel, voucher) = (channel.clone(), funded.voucher(2 * PRICE));
        async move { channel.close_with(voucher, price(), request(3)).await }
    };
    for waits in at_once([waits]).await {
        assert!(!waits.is_finished());
        waits.abort();
        assert!(waits.await.unwrap_err().is_cancelled());
    }
    drop(slow);
    let lands = async {
        while world.usdc(&world.payee).await != u128::from(2 * PRICE) {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(LONG, lands).await.expect("nobody closes");
    // It gets the close, and not what was paid for by the first.
    assert!(matches!(
        close(3).await,
        Closed::Alone {
            transaction: Some(_),
            ..
        }
    ));
    assert_eq!(answer(close(2).await).as_deref(), ANSWER);
    assert!(matches!(
        close(3).await,
        Closed::Alone {
            transaction: Some(_),
            ..
        }
    ));
}

#[tokio::test]
async fn what_a_close_has_paid_for_is_answered_again_when_the_channel_is_over() {
    let sellers = Sellers::new().await;
    let funded = &sellers.funded;
    let closed = async |channels: &Channels| {
        let channel = sellers.channel(channels).await;
        assert!(channel.is_closed().await);
        assert_eq!(answer(close(funded, &channel, 1).await).as_deref(), ANSWER);
        assert!(matches!(
            close(funded, &channel, 2).await,
            Closed::Alone { .. }
        ));
        assert!(matches!(
            funded.pay(&channel, 2).await,
            Err(ChannelError::Refused(_))
        ));
    };
    let channels = sellers.process().await;
    let channel = sellers.channel(&channels).await;
    let Taken::Serve(serving) = taken(close(funded, &channel, 1).await) else {
        panic!("it is not served");
    };
    lands(&channel).await;
    // The watcher has nothing more to do about it, and still it is answered, and the answer written.
    channels.watch().await.unwrap();
    assert!(channels.statuses().await.is_empty());
    serving.finish(|| b"the answer".to_vec()).await;
    channels.flush().await;
    closed(&channels).await;

    // After a restart, and named by many, it is looked up once in an hour.
    let (channels, before) = (sellers.process().await, sellers.node.reads());
    for _ in 0..64 {
        channels.watch().await.unwrap();
        closed(&channels).await;
    }
    assert_eq!(sellers.node.reads(), before + 1);
    sellers.clock.advance(Duration::from_secs(3_600));
    channels.watch().await.unwrap();
    closed(&channels).await;
    assert_eq!(sellers.node.reads(), before + 2);
}

#[tokio::test]
async fn a_request_that_outlasts_the_hour_is_not_forgotten() {
    let sellers = Sellers::new().await;
    let funded = &sellers.funded;
    let channels = sellers.process().await;
    let channel = sellers.channel(&channels).await;
    let serving = served(funded, &channel, 1).await;
    channel.close().await.unwrap().expect("a transaction");
    drop(channel);
    channels.watch().await.unwrap();
    sellers.clock.advance(Duration::from_secs(4_000));
    channels.watch().await.unwrap();
    serving.finish(|| b"the answer".to_vec()).await;
    channels.flush().await;
    let channels = sellers.process().await;
    let channel = sellers.channel(&channels).await;
    assert_eq!(again(funded, &channel, 1).await.as_deref(), ANSWER);
}

#[tokio::test]
async fn a_channel_that_is_closed_is_not_closed_again() {
    let sellers = Sellers::new().await;
    let funded = &sellers.funded;
    let channels = sellers.process().await;
    let channel = sellers.channel(&channels).await;
    let Taken::Serve(serving) = taken(close(funded, &channel, 1).await) else {
        panic!("it is not served");
    };
    lands(&channel).await;
    // The process dies before its answer; another one serves it, and has nothing to close.
    drop(serving);
    sellers.clock.advance(Duration::from_secs(60));
    let channels = sellers.process().await;
    let channel = sellers.channel(&channels).await;
    let recipient = sellers.world.payee.account_id();
    let before = sellers.world.stroops(&recipient).await;
    assert!(matches!(
        taken(close(funded, &channel, 1).await),
        Taken::Serve(_)
    ));
    assert_eq!(channel.close().await.unwrap(), None);
    assert_eq!(sellers.world.stroops(&recipient).await, before);
}

#[tokio::test]
async fn a_voucher_is_not_refused_for_what_another_process_has_written_since() {
    let sellers = Sellers::new().await;
    let funded = &sellers.funded;
    let ours = sellers.process().await;
    let here = sellers.channel(&ours).await;
    let unit = Price::PerUnit(BaseUnits::from_u64(PRICE));
    let reserves = here.accept(funded.voucher(10 * PRICE - 1), unit, request(1));
    let Ok(Taken::Stream(stream, _)) = reserves.await else {
        panic!("it does not begin");
    };
    stream.charge(1).unwrap();
    let theirs = sellers.process().await;
    let there = sellers.channel(&theirs).await;
    // What the stream did not use pays for the next request, also at the other process.
    stream.finish(|_| Vec::new()).await.unwrap().unwrap();
    served(funded, &there, 10).await;
}

#[tokio::test]
async fn what_another_process_writes_makes_nobody_forget_an_answer() {
    let sellers = Sellers::new().await;
    let funded = &sellers.funded;
    let ours = sellers.process().await;
    let here = sellers.channel(&ours).await;
    let serving = served(funded, &here, 1).await;
    // The other one withdraws, and writes so, while the request is served here.
    let theirs = sellers.process().await;
    let there = sellers.channel(&theirs).await;
    assert!(there.settle().await.unwrap().is_some());
    serving.finish(|| b"the answer".to_vec()).await;
    ours.flush().await;
    let withdrawn = async |channel: &Channel| channel.status().await.withdrawn.as_u128();
    assert_eq!(withdrawn(&here).await, u128::from(PRICE), "it was adopted");
    let answer = Some(b"the answer".to_vec());
    assert_eq!(again(funded, &here, 1).await, answer);

    // Written, it is the other one's too, and comes back to us from there.
    ours.flush().await;
    there.highest().await.unwrap();
    assert_eq!(again(funded, &there, 1).await, answer);
    there.close().await.unwrap();
    here.highest().await.unwrap();
    assert_eq!(again(funded, &here, 1).await, answer);
}
