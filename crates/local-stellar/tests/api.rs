//! What the public types promise.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use coinslot_caip2_network::{ChainId, StellarNetwork};
use coinslot_local_stellar::{
    Builder, CloseMode, FeeSettings, LocalStellar, LocalStellarError, ManualLedgerClock,
    SystemLedgerClock,
};
use coinslot_soroban_authorization::SecretKey;
use coinslot_usdc_amount::BaseUnits;

fn send_sync<T: Send + Sync + 'static>() {}

#[test]
fn types_cross_threads() {
    send_sync::<LocalStellar>();
    send_sync::<Builder>();
    send_sync::<LocalStellarError>();
    send_sync::<ManualLedgerClock>();
    send_sync::<SystemLedgerClock>();
    assert_eq!(CloseMode::default(), CloseMode::OnSubmit);
    assert_eq!(FeeSettings::default(), FeeSettings::Low);
}

#[tokio::test]
async fn only_loopback_is_listened_on_unless_allowed() {
    let refused = LocalStellar::builder().bind("0.0.0.0:0").start().await;
    assert!(matches!(
        refused,
        Err(LocalStellarError::NotLoopback { .. })
    ));
    let allowed = LocalStellar::builder()
        .bind("0.0.0.0:0")
        .allow_remote(true)
        .start()
        .await;
    assert!(allowed.is_ok());
    let nonsense = LocalStellar::builder().bind("nowhere").start().await;
    assert!(matches!(nonsense, Err(LocalStellarError::Bind { .. })));
}

#[tokio::test]
async fn a_network_of_its_own_has_its_own_contract_ids() {
    let chain: ChainId = "stellar:local".parse().unwrap();
    let own = StellarNetwork::custom(chain, "a passphrase").unwrap();
    let network = LocalStellar::builder().network(own).start().await.unwrap();
    assert_ne!(
        network.usdc_contract().to_string(),
        "CBIELTK6YBZJU5UP2WWQEUCYKLPU6AUNZ2BQ4WWFEIE3USCIHMXQDAMA"
    );
    let key = network
        .create_usdc_account(BaseUnits::from_u64(5))
        .await
        .unwrap();
    let held = network
        .balance_usdc(&key.account_id().into())
        .await
        .unwrap();
    assert_eq!(held, Some(BaseUnits::from_u64(5)));
}

#[tokio::test]
async fn what_is_missing_is_said() {
    let network = LocalStellar::builder().start().await.unwrap();
    let key = SecretKey::from_seed([1; 32]);
    let account = key.account_id();
    let one = BaseUnits::from_u64(1);
    let faucet = network.faucet_usdc(&account, one).await;
    assert!(matches!(faucet, Err(LocalStellarError::NoAccount)));
    let trust = network.trust_usdc(&key).await;
    assert!(matches!(trust, Err(LocalStellarError::NoAccount)));
    assert_eq!(network.balance_stroops(&account).await.unwrap(), None);
    network.fund(&account).await.unwrap();
    let faucet = network.faucet_usdc(&account, one).await;
    assert!(matches!(faucet, Err(LocalStellarError::NoTrustline)));
    assert_eq!(network.balance_usdc(&account.into()).await.unwrap(), None);
    network.trust_usdc(&key).await.unwrap();
    let much = network.faucet_usdc(&account, BaseUnits::MAX).await;
    assert!(matches!(much, Err(LocalStellarError::TooMuch)));
}

#[tokio::test]
async fn dropping_it_frees_its_port() {
    let network = LocalStellar::builder().start().await.unwrap();
    let address = network.rpc_url().replace("http://", "");
    network.shutdown().await;
    for _ in 0..100 {
        if LocalStellar::builder().bind(&address).start().await.is_ok() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("{address} is still taken");
}
