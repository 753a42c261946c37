use std::time::Duration;

use coinslot_soroban_authorization::SecretKey;
use tokio::time::timeout;

use super::*;

const A_WHILE: Duration = Duration::from_millis(20);

fn pool(sponsors: u8) -> Arc<SponsorPool> {
    SponsorPool::new((1..=sponsors).map(|seed| Arc::new(key(seed)) as Arc<dyn Signer>))
}

fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed([seed; 32])
}

#[tokio::test]
async fn a_sponsor_is_leased_to_one_at_a_time() {
    let pool = pool(2);
    let first = pool.lease().await.unwrap();
    let second = pool.lease().await.unwrap();
    assert_ne!(first.account(), second.account());
    assert!(timeout(A_WHILE, pool.lease()).await.is_err());
    let freed = first.account();
    drop(first);
    assert_eq!(pool.lease().await.unwrap().account(), freed);
}

#[tokio::test]
async fn those_who_wait_are_served_in_order() {
    let pool = pool(1);
    let held = pool.lease().await.unwrap();
    let (served, mut order) = tokio::sync::mpsc::unbounded_channel();
    for number in 0..8 {
        let (pool, served) = (Arc::clone(&pool), served.clone());
        tokio::spawn(async move {
            let _lease = pool.lease().await.unwrap();
            served.send(number).unwrap();
        });
        tokio::task::yield_now().await;
    }
    drop(held);
    for number in 0..8 {
        assert_eq!(order.recv().await, Some(number));
    }
}

#[tokio::test]
async fn one_who_gives_up_waiting_loses_no_sponsor() {
    let pool = pool(1);
    let held = pool.lease().await.unwrap();
    assert!(timeout(A_WHILE, pool.lease()).await.is_err());
    drop(held);
    assert_eq!(pool.free(), 1);

    // Given up after the sponsor was handed over, and before it was taken.
    let held = pool.lease().await.unwrap();
    let mut waiting = Box::pin(pool.lease());
    assert!(timeout(A_WHILE, &mut waiting).await.is_err());
    drop(held);
    assert_eq!(pool.free(), 0);
    drop(waiting);
    assert_eq!(pool.free(), 1);
}

#[tokio::test]
async fn one_can_wait_for_a_certain_sponsor() {
    let pool = pool(2);
    let second = pool.lease_account(&key(2).account_id()).await.unwrap();
    assert!(pool.try_lease_account(&key(2).account_id()).is_none());
    let first = pool.lease().await.unwrap();
    let waiting = tokio::spawn({
        let pool = Arc::clone(&pool);
        async move {
            pool.lease_account(&key(2).account_id())
                .await
                .unwrap()
                .account()
        }
    });
    tokio::task::yield_now().await;
    drop(first);
    assert_eq!(pool.free(), 1, "another sponsor does not do");
    drop(second);
    assert_eq!(waiting.await.unwrap(), key(2).account_id());
    assert!(pool.lease_account(&key(3).account_id()).await.is_none());
}

#[tokio::test]
async fn remembers_sequence_numbers_between_leases() {
    let pool = pool(1);
    let lease = pool.lease().await.unwrap();
    assert_eq!(lease.sequence(), None);
    lease.set_sequence(Some(7));
    drop(lease);
    assert_eq!(pool.lease().await.unwrap().sequence(), Some(7));
}

#[test]
fn shows_addresses_only() {
    let shown = format!("{:?}", pool(1));
    assert_eq!(shown, format!("[{:?}]", key(1).account_id()));
}
