//! What would break payments is found before the first one, with a sentence that says what to do.

use std::sync::Arc;

use coinslot_caip2_network::StellarNetwork;
use coinslot_payment_store::MemoryStore;
use coinslot_settlement::{
    BuildError, FeePolicy, LocalFacilitator, LocalFacilitatorBuilder, SponsorRole,
};
use coinslot_soroban_authorization::SecretKey;
use coinslot_stellar_address::ContractId;
use coinslot_stellar_ledger::{RpcLedger, RpcOptions};

use super::world::World;

async fn error(builder: LocalFacilitatorBuilder) -> BuildError {
    builder.build().await.unwrap_err()
}

#[tokio::test]
async fn accounts_are_looked_at() {
    let world = World::new().await;
    let builder = || world.builder(Arc::new(MemoryStore::new()));
    let (known, unknown) = (world.sponsor().await, SecretKey::from_seed([5; 32]));

    assert!(matches!(error(builder()).await, BuildError::NoSponsor));
    let missing = error(builder().sponsor(unknown.clone())).await;
    assert!(matches!(
        missing,
        BuildError::NoAccount {
            role: SponsorRole::Sponsor,
            ..
        }
    ));
    assert!(missing.to_string().contains("friendbot"), "{missing}");
    let missing = error(builder().sponsor(known.clone()).fee_bump(unknown)).await;
    assert!(matches!(
        missing,
        BuildError::NoAccount {
            role: SponsorRole::FeeBump,
            ..
        }
    ));
    let twice = error(builder().sponsor(known.clone()).sponsor(known.clone())).await;
    assert!(matches!(twice, BuildError::SponsorTwice(account) if account == known.account_id()));
}

#[tokio::test]
async fn the_network_and_its_tokens_are_looked_at() {
    let world = World::new().await;
    let sponsor = world.sponsor().await;
    let store = || Arc::new(MemoryStore::new());

    let other = LocalFacilitator::builder(
        Arc::clone(&world.ledger) as _,
        store(),
        StellarNetwork::Pubnet,
    );
    let wrong = error(other.sponsor(sponsor.clone())).await;
    assert!(matches!(wrong, BuildError::WrongNetwork { .. }), "{wrong}");
    assert!(wrong.to_string().contains("stellar:pubnet"), "{wrong}");

    let nothing = ContractId::from_bytes([1; 32]);
    let assets = [world.network.usdc_contract(), nothing];
    let missing = error(
        world
            .builder(store())
            .sponsor(sponsor.clone())
            .assets(assets),
    )
    .await;
    assert!(
        matches!(missing, BuildError::NoContract(token) if token == nothing),
        "{missing}"
    );
    let private = StellarNetwork::custom("stellar:private".parse().unwrap(), "A private network");
    let private =
        LocalFacilitator::builder(Arc::clone(&world.ledger) as _, store(), private.unwrap());
    let unnamed = error(private.sponsor(sponsor.clone())).await;
    assert!(matches!(unnamed, BuildError::NoUsdc), "{unnamed}");

    let policy = FeePolicy {
        inclusion_floor_stroops: 1,
        ..FeePolicy::default()
    };
    let fault = error(
        world
            .builder(store())
            .sponsor(sponsor.clone())
            .policy(policy),
    )
    .await;
    assert!(matches!(fault, BuildError::FeePolicy(_)), "{fault}");

    let nobody = RpcLedger::new(["http://127.0.0.1:9"], RpcOptions::default().attempts(1)).unwrap();
    let down = LocalFacilitator::builder(Arc::new(nobody), store(), StellarNetwork::Testnet);
    assert!(matches!(
        error(down.sponsor(sponsor)).await,
        BuildError::Outage(_)
    ));
}

#[tokio::test]
async fn it_tells_how_it_is() {
    let world = World::new().await;
    let facilitator = world.facilitator(2).await;
    let status = facilitator.status().await;
    assert!(status.is_healthy());
    assert_eq!(
        (
            status.sponsors.len(),
            status.free_sponsors,
            status.in_flight
        ),
        (2, 2, 0)
    );
    assert_eq!(status.spent_today_stroops, Some(0));
    world.network.fail_next("getLatestLedger", 1);
    let status = facilitator.status().await;
    assert!(!status.is_healthy() && status.ledger.is_err() && status.store.is_ok());
}
