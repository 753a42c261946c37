//! What vouchers have the chain asked for, and what of its answers is believed.

use std::sync::Arc;
use std::time::{Duration, Instant};

use coinslot_mpp_wire::ProblemKind;
use coinslot_payment_store::{Clock as _, ManualClock, MemoryStore, SystemClock};
use coinslot_settlement::{Channel, ChannelError, Channels, Outage, Taken};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::crooked::CrookedNode;
use super::funded::{Funded, OLDEST_FACTS};
use super::world::{LONG, PRICE, World, at_once};

/// A channel with three times the price in it.
struct Shop {
    world: World,
    node: Arc<CrookedNode>,
    clock: Arc<ManualClock>,
    funded: Arc<Funded>,
    channels: Channels,
    channel: Channel,
}

impl Shop {
    async fn open() -> Self {
        let world = World::new().await;
        let funded = Arc::new(world.funded(3 * PRICE).await);
        let node = CrookedNode::honest(&world.ledger);
        let clock = Arc::new(ManualClock::new(SystemClock.now()));
        let store = Arc::new(MemoryStore::new());
        let channels = world
            .channels(Arc::<CrookedNode>::clone(&node), store)
            .clock(Arc::<ManualClock>::clone(&clock))
            .build()
            .await
            .unwrap();
        let channel = channels.channel(&funded.id).await.unwrap();
        Self {
            world,
            node,
            clock,
            funded,
            channels,
            channel,
        }
    }

    async fn pay(&self, nth: u64) -> Result<Taken, ChannelError> {
        let paid = self.funded.pay(&self.channel, nth);
        timeout(LONG, paid).await.expect("it waits for another one")
    }

    /// Pays, and has the answer.
    async fn served(&self, nth: u64) {
        let Ok(Taken::Serve(serving)) = self.pay(nth).await else {
            panic!("voucher {nth} is not served");
        };
        serving.finish(Vec::new).await;
    }

    /// Pays with the vouchers for so many prices, which have all come when this answers.
    async fn pay_at_once(
        &self,
        vouchers: impl IntoIterator<Item = u64>,
    ) -> Vec<JoinHandle<Result<Taken, ChannelError>>> {
        let all = vouchers.into_iter().map(|nth| {
            let (funded, channel) = (Arc::clone(&self.funded), self.channel.clone());
            async move { funded.pay(&channel, nth).await }
        });
        at_once(all).await
    }

    /// Waits until entries were asked for so often.
    async fn until_read(&self, times: usize) {
        let read = async {
            while self.node.reads() < times {
                sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(LONG, read).await.expect("nobody asks");
    }
}

fn is_beyond_the_deposit(taken: &Result<Taken, ChannelError>) -> bool {
    matches!(
        taken,
        Err(ChannelError::Refused(refusal)) if refusal.kind == ProblemKind::AmountExceedsDeposit
    )
}

fn is_stale(taken: &Result<Taken, ChannelError>) -> bool {
    matches!(taken, Err(ChannelError::Unavailable(Outage::StaleFacts)))
}

#[tokio::test]
async fn vouchers_beyond_the_deposit_share_what_the_chain_is_asked() {
    let shop = Shop::open().await;
    let before = shop.node.reads();
    let held = shop.node.hold_reads().await;
    let waiting = shop.pay_at_once(4..36).await;
    assert_eq!(shop.node.reads(), before + 1);
    // What is in the deposit waits for nobody.
    shop.served(1).await;
    drop(held);
    for taken in waiting {
        let taken = taken.await.unwrap();
        assert!(is_beyond_the_deposit(&taken), "{taken:?}");
    }
    // One asks for the first, and one for all that came while it was under way.
    assert_eq!(shop.node.reads(), before + 2);
    shop.served(3).await;
    assert_eq!(shop.node.reads(), before + 2);
}

#[tokio::test]
async fn after_a_refusal_and_a_top_up_a_voucher_waits_for_its_second() {
    let shop = Shop::open().await;
    let before = shop.node.reads();
    let start = Instant::now();
    assert!(is_beyond_the_deposit(&shop.pay(4).await));
    shop.funded.top_up(PRICE).await;
    shop.served(4).await;
    assert!(start.elapsed() >= Duration::from_secs(1));
    assert_eq!(shop.node.reads(), before + 2);
}

#[tokio::test]
async fn who_asks_the_chain_and_goes_away_leaves_nobody_without_an_answer() {
    let shop = Shop::open().await;
    assert!(is_beyond_the_deposit(&shop.pay(4).await));
    shop.funded.top_up(PRICE).await;
    let before = shop.node.reads();
    let held = shop.node.hold_reads().await;
    let [asks, waits] = shop.pay_at_once([4, 4]).await.try_into().unwrap();
    shop.until_read(before + 1).await;
    asks.abort();
    assert!(asks.await.unwrap_err().is_cancelled());
    drop(held);
    let taken = waits.await.unwrap();
    assert!(matches!(taken, Ok(Taken::Serve(_))), "{taken:?}");
    assert_eq!(shop.node.reads(), before + 2);
}

#[tokio::test]
async fn when_the_chain_cannot_be_asked_nobody_is_refused() {
    let shop = Shop::open().await;
    shop.funded.top_up(PRICE).await;
    let before = shop.node.reads();
    shop.world.network.fail_next("getLedgerEntries", u32::MAX);
    let held = shop.node.hold_reads().await;
    let waiting = shop.pay_at_once([4; 16]).await;
    drop(held);
    for taken in waiting {
        let taken = taken.await.unwrap();
        assert!(
            matches!(taken, Err(ChannelError::Unavailable(Outage::Ledger(_)))),
            "{taken:?}"
        );
    }
    assert_eq!(shop.node.reads(), before + 2);
    shop.world.network.fail_next("getLedgerEntries", 0);
    shop.served(4).await;
}

#[tokio::test]
async fn what_a_node_that_stands_still_says_is_not_newer_for_being_said_again() {
    let shop = Shop::open().await;
    let before = shop.node.reads();
    shop.clock.advance(OLDEST_FACTS);
    shop.served(1).await;
    assert_eq!(shop.node.reads(), before);
    shop.clock.advance(Duration::from_millis(1));
    assert!(is_stale(&shop.pay(2).await));
    // Nor for being asked by the watcher.
    shop.channels.watch().await.unwrap();
    assert!(is_stale(&shop.pay(2).await));
    shop.world.network.close_ledger().await.unwrap();
    shop.served(2).await;
    let status = shop.channel.status().await;
    assert_eq!(status.spent.as_u128(), u128::from(2 * PRICE));
}

#[tokio::test]
async fn what_a_node_that_lags_behind_says_is_not_believed() {
    let shop = Shop::open().await;
    let known = shop.channel.status().await.as_of_ledger;
    shop.funded.top_up(PRICE).await;
    shop.world.network.lag(1_000).await.unwrap();
    assert!(is_beyond_the_deposit(&shop.pay(4).await));
    assert_eq!(shop.channel.status().await.as_of_ledger, known);
    shop.world.network.lag(0).await.unwrap();
    shop.served(4).await;
    assert!(shop.channel.status().await.as_of_ledger > known);
}
