//! A transaction expires before any ledger takes it: its signature is public, and the claim stays.

use std::sync::Arc;
use std::time::Duration;

use coinslot_facilitator_api::Facilitator as _;
use coinslot_payment_store::{MemoryStore, PaymentStore as _, Scope};
use coinslot_settlement::{LocalFacilitator, Timing};
use coinslot_soroban_authorization::SecretKey;
use coinslot_usdc_amount::BaseUnits;
use coinslot_x402_wire::FacilitatorRequest;

use super::world::{PRICE, World, confirmed, pending, quick, reason};

/// Ledgers until the authorization expires; the transaction expires long before.
const AUTHORIZED_LEDGERS: u64 = 60;

struct Expired {
    world: World,
    store: Arc<MemoryStore>,
    facilitator: LocalFacilitator,
    request: FacilitatorRequest,
    payer: SecretKey,
}

impl Expired {
    /// A payment whose transaction never arrived and has expired.
    async fn new() -> Self {
        let world = World::manual().await;
        let payer = world.payer().await;
        let store = Arc::new(MemoryStore::new());
        let facilitator = facilitator(&world, &store).await;
        let mut requirements = world.requirements();
        requirements.max_timeout_seconds = AUTHORIZED_LEDGERS * 5;
        let request = world.payment_with(&payer, 1, requirements).await;

        world.network.fail_next("sendTransaction", 1000);
        let answer = world.closing(facilitator.settle(&request)).await.unwrap();
        pending(answer);
        world.network.fail_next("sendTransaction", 0);
        Self {
            world,
            store,
            facilitator,
            request,
            payer,
        }
    }

    async fn let_the_authorization_expire(&self) {
        for _ in 0..=AUTHORIZED_LEDGERS {
            self.world.network.close_ledger().await.unwrap();
        }
    }
}

async fn facilitator(world: &World, store: &Arc<MemoryStore>) -> LocalFacilitator {
    let timing = Timing {
        transaction_lifetime: Duration::from_secs(1),
        answer_within: Duration::from_secs(20),
        ..quick()
    };
    let sponsor = world.closing(world.sponsor()).await;
    let builder = world
        .builder(Arc::clone(store) as _)
        .sponsor(sponsor)
        .timing(timing);
    builder.build().await.unwrap()
}

#[tokio::test]
async fn it_is_settled_when_it_is_sent_again() {
    let expired = Expired::new().await;
    let Expired {
        world,
        facilitator,
        request,
        ..
    } = &expired;
    confirmed(world.closing(facilitator.settle(request)).await.unwrap());
    assert_eq!(world.usdc(&world.payee).await, u128::from(PRICE));
}

#[tokio::test]
async fn it_is_settled_when_someone_else_lands_it() {
    let expired = Expired::new().await;
    let Expired {
        world,
        facilitator,
        request,
        ..
    } = &expired;
    let thief = world.closing(world.sponsor()).await;
    let stolen = world
        .snatch(request, &thief)
        .await
        .hash(&world.network.network_id());
    world.network.close_ledger().await.unwrap();
    let settled = confirmed(world.closing(facilitator.settle(request)).await.unwrap());
    assert_eq!(settled.transaction, stolen.to_string());
    assert_eq!(world.usdc(&world.payee).await, u128::from(PRICE));
}

#[tokio::test]
async fn it_is_pending_while_the_rpc_is_down() {
    let expired = Expired::new().await;
    let Expired {
        world,
        facilitator,
        request,
        ..
    } = &expired;
    world.network.fail_next("simulateTransaction", 1000);
    let answer = world.closing(facilitator.settle(request)).await.unwrap();
    pending(answer);
    world.network.fail_next("simulateTransaction", 0);
    confirmed(world.closing(facilitator.settle(request)).await.unwrap());
}

/// The money is gone, and may come back before the signature expires.
#[tokio::test]
async fn it_is_pending_while_the_signature_holds() {
    let expired = Expired::new().await;
    let Expired {
        world,
        facilitator,
        request,
        payer,
        ..
    } = &expired;
    let mut everything = world.requirements();
    everything.amount = BaseUnits::from_u64(100 * PRICE);
    let emptying = world.payment_with(payer, 99, everything).await;
    let helper = world.closing(world.sponsor()).await;
    world.snatch(&emptying, &helper).await;
    world.network.close_ledger().await.unwrap();

    let verified = facilitator.verify(request).await.unwrap();
    assert!(!verified.is_valid, "{verified:?}");
    pending(facilitator.settle(request).await.unwrap());
}

#[tokio::test]
async fn it_has_failed_when_the_signature_expires() {
    let expired = Expired::new().await;
    expired.let_the_authorization_expire().await;
    let Expired {
        world,
        facilitator,
        request,
        ..
    } = &expired;
    for _ in 0..2 {
        let answer = world.closing(facilitator.settle(request)).await.unwrap();
        assert_eq!(reason(answer), "settle_exact_stellar_transaction_failed");
    }
    assert_eq!(world.usdc(&world.payee).await, 0);
}

#[tokio::test]
async fn a_restart_keeps_it_while_the_signature_holds_and_no_longer() {
    let expired = Expired::new().await;
    let Expired {
        world,
        store,
        request,
        ..
    } = &expired;
    let open = async || {
        store
            .pending(Scope::Settlement, None, 10)
            .await
            .unwrap()
            .len()
    };
    drop(facilitator(world, store).await);
    assert_eq!(open().await, 1);

    expired.let_the_authorization_expire().await;
    let restarted = facilitator(world, store).await;
    assert_eq!(open().await, 0);
    let settled = restarted.settle(request).await.unwrap();
    assert_eq!(reason(settled), "settle_exact_stellar_transaction_failed");
}
