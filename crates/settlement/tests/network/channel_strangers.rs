//! What strangers can have the RPC asked for: little.

use std::sync::Arc;

use coinslot_channel_commitment::CommitmentKey;
use coinslot_mpp_wire::ProblemKind;
use coinslot_payment_store::MemoryStore;
use coinslot_settlement::{Channel, ChannelError, Channels};
use coinslot_stellar_address::ContractId;
use tokio::task::JoinHandle;

use super::crooked::CrookedNode;
use super::funded::{price, request};
use super::world::{PRICE, World, at_once};

/// How many channels that nobody knows are looked up at once.
const AT_ONCE: usize = 8;

async fn shop() -> (World, Arc<CrookedNode>, Channels) {
    let world = World::new().await;
    let node = CrookedNode::honest(&world.ledger);
    let ledger = Arc::<CrookedNode>::clone(&node);
    let channels = world.channels(ledger, Arc::new(MemoryStore::new()));
    (world, node, channels.build().await.unwrap())
}

/// Names channels that there are not; all have come when this answers.
async fn name_at_once(
    channels: &Channels,
    named: impl IntoIterator<Item = u8>,
) -> Vec<JoinHandle<Result<Channel, ChannelError>>> {
    let all = named.into_iter().map(|nth| {
        let channels = channels.clone();
        async move { channels.channel(&nowhere(nth)).await }
    });
    at_once(all).await
}

fn nowhere(nth: u8) -> ContractId {
    ContractId::from_bytes([nth; 32])
}

fn is_not_found(channel: &Result<Channel, ChannelError>) -> bool {
    matches!(
        channel,
        Err(ChannelError::Refused(refusal)) if refusal.kind == ProblemKind::ChannelNotFound
    )
}

#[tokio::test]
async fn a_channel_that_was_refused_just_now_is_not_looked_up_again() {
    let (_world, node, channels) = shop().await;
    for _ in 0..64 {
        assert!(is_not_found(&channels.channel(&nowhere(1)).await));
    }
    assert_eq!(node.reads(), 1);
}

#[tokio::test]
async fn many_who_name_one_channel_at_once_have_it_looked_up_a_few_times() {
    let (_world, node, channels) = shop().await;
    for named in name_at_once(&channels, [1; 64]).await {
        assert!(is_not_found(&named.await.unwrap()));
    }
    assert!(node.reads() <= AT_ONCE, "{}", node.reads());
}

#[tokio::test]
async fn a_few_channels_are_looked_up_at_once_and_the_others_wait() {
    let (_world, node, channels) = shop().await;
    let held = node.hold_reads().await;
    let named = name_at_once(&channels, 0..32).await;
    assert_eq!(node.reads(), AT_ONCE);
    drop(held);
    for named in named {
        assert!(is_not_found(&named.await.unwrap()));
    }
    assert_eq!(node.reads(), 32);
}

#[tokio::test]
async fn an_outage_is_no_refusal_that_is_remembered() {
    let (world, node, channels) = shop().await;
    let funded = world.funded(PRICE).await;
    world.network.fail_next("getLedgerEntries", 1);
    let down = channels.channel(&funded.id).await;
    assert!(matches!(down, Err(ChannelError::Unavailable(_))));
    channels.channel(&funded.id).await.unwrap();
    assert_eq!(node.reads(), 2);
}

#[tokio::test]
async fn who_does_not_hold_the_key_has_nothing_asked() {
    let (world, node, channels) = shop().await;
    let funded = world.funded(PRICE).await;
    let channel = channels.channel(&funded.id).await.unwrap();
    let stranger = CommitmentKey::from_seed([7; 32]);
    let forged = funded.voucher_of(&stranger, 100 * PRICE);
    let taken = channel.accept(forged, price(), request(1)).await;
    let closed = channel.close_with(forged, price(), request(1)).await;
    for error in [taken.unwrap_err(), closed.unwrap_err()] {
        let ChannelError::Refused(refusal) = error else {
            panic!("{error:?}");
        };
        assert_eq!(refusal.kind, ProblemKind::InvalidSignature);
    }
    assert_eq!(node.reads(), 1);
}
