//! Callers that remember nothing are told of one success.

use coinslot_facilitator_api::{Facilitator as _, Settlement};
use tokio::task::JoinSet;

use super::world::{World, confirmed, reason};

#[tokio::test(flavor = "multi_thread")]
async fn of_many_callers_one_is_told() {
    let world = World::new().await;
    let payer = world.payer().await;
    let facilitator = world.facilitator(1).await;
    let request = world.payment(&payer).await;
    let mut requests = JoinSet::new();
    for _ in 0..16 {
        let (facilitator, request) = (facilitator.clone(), request.clone());
        requests.spawn(async move { facilitator.settle_once(&request).await.unwrap() });
    }
    let answers = requests.join_all().await;
    let (told, refused): (Vec<Settlement>, _) =
        answers.into_iter().partition(Settlement::is_confirmed);
    assert_eq!(told.len(), 1);
    for settlement in refused {
        assert_eq!(reason(settlement), "duplicate_payment");
    }
    let verified = facilitator.verify(&request).await.unwrap();
    assert_eq!(
        verified.invalid_reason.unwrap().as_str(),
        "duplicate_payment"
    );
}

#[tokio::test]
async fn a_named_purchase_is_told_as_often_as_it_asks_and_no_other() {
    let world = World::new().await;
    let payer = world.payer().await;
    let facilitator = world.facilitator(1).await;
    let request = world.payment(&payer).await;
    let named = request.clone().with_idempotency_key("one gate's claim");
    let first = confirmed(facilitator.settle(&named).await.unwrap());
    let again = confirmed(facilitator.settle(&named).await.unwrap());
    assert_eq!(again.transaction, first.transaction);

    let other = request.clone().with_idempotency_key("another gate's claim");
    assert_eq!(
        reason(facilitator.settle(&other).await.unwrap()),
        "duplicate_payment"
    );
    assert_eq!(
        reason(facilitator.settle_once(&request).await.unwrap()),
        "duplicate_payment"
    );
    let verified = facilitator.verify(&request).await.unwrap();
    assert_eq!(
        verified.invalid_reason.unwrap().as_str(),
        "duplicate_payment"
    );
}
