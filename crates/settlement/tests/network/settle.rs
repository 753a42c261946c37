//! One payment, many ways to ask for it.

use coinslot_facilitator_api::Facilitator as _;
use tokio::task::JoinSet;

use super::world::{PRICE, World, confirmed, reason, rewrapped, transaction_of, with_entry};

#[tokio::test]
async fn a_payment_is_verified_and_settled() {
    let world = World::new().await;
    let payer = world.payer().await;
    let facilitator = world.facilitator(1).await;
    let request = world.payment(&payer).await;

    let verified = facilitator.verify(&request).await.unwrap();
    assert!(verified.is_valid, "{verified:?}");
    let settled = confirmed(facilitator.settle(&request).await.unwrap());

    assert_eq!(settled.payer, Some(payer.account_id().to_string()));
    assert_eq!(settled.amount.unwrap().as_u128(), u128::from(PRICE));
    assert_eq!(settled.transaction.len(), 64);
    assert_eq!(world.usdc(&world.payee).await, u128::from(PRICE));
    assert_eq!(world.recorder.count("Submitted"), 1);
    facilitator.drained().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_requests_of_one_payment_cause_one_transaction_and_get_one_answer() {
    let world = World::new().await;
    let payer = world.payer().await;
    // With two sponsors the losers of a race could burn the fees of the other.
    let facilitator = world.facilitator(2).await;
    let request = world.payment(&payer).await;

    let mut requests = JoinSet::new();
    for number in 0..64 {
        let facilitator = facilitator.clone();
        // Half of them in another wrapping: memo, fee, sequence and time are no new payment.
        let request = if number % 2 == 0 {
            request.clone()
        } else {
            rewrapped(&request)
        };
        requests.spawn(async move { facilitator.settle(&request).await });
    }
    let mut transactions: Vec<String> = requests
        .join_all()
        .await
        .into_iter()
        .map(|answer| confirmed(answer.unwrap()).transaction)
        .collect();
    transactions.dedup();
    assert_eq!(transactions.len(), 1);
    assert_eq!(world.recorder.count("Submitted"), 1);
    assert_eq!(world.usdc(&world.payee).await, u128::from(PRICE));

    let again = confirmed(facilitator.settle(&request).await.unwrap());
    assert_eq!(again.transaction, transactions[0]);
    assert_eq!(world.recorder.count("Submitted"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_payers_at_once_on_one_sponsor_are_all_served() {
    let world = World::new().await;
    let facilitator = world.facilitator(1).await;
    let mut payments = Vec::new();
    for _ in 0..8 {
        let payer = world.payer().await;
        payments.push(payer);
    }
    let mut requests = JoinSet::new();
    for payer in &payments {
        let request = world.payment(payer).await;
        let facilitator = facilitator.clone();
        requests.spawn(async move { facilitator.settle(&request).await });
    }
    for answer in requests.join_all().await {
        confirmed(answer.unwrap());
    }
    assert_eq!(world.usdc(&world.payee).await, u128::from(8 * PRICE));
    facilitator.drained().await;
    let [sponsor] = facilitator.signers()[..] else {
        panic!("one sponsor")
    };
    assert_eq!(
        world.recorder.count("Submitted"),
        8,
        "none was lost to a sequence number"
    );
    assert!(world.sequence(&sponsor).await & 0xffff_ffff >= 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn several_sponsors_settle_at_once() {
    let world = World::new().await;
    let facilitator = world.facilitator(4).await;
    let mut requests = JoinSet::new();
    for _ in 0..8 {
        let payer = world.payer().await;
        let request = world.payment(&payer).await;
        let facilitator = facilitator.clone();
        requests.spawn(async move { facilitator.settle(&request).await });
    }
    for answer in requests.join_all().await {
        confirmed(answer.unwrap());
    }
    assert_eq!(world.usdc(&world.payee).await, u128::from(8 * PRICE));
    facilitator.drained().await;
    assert_eq!(facilitator.in_flight(), 0);
}

#[tokio::test]
async fn the_same_nonce_for_other_terms_is_refused() {
    let world = World::new().await;
    let payer = world.payer().await;
    let facilitator = world.facilitator(1).await;
    let cheap = world.payment_with(&payer, 5, world.requirements()).await;
    let mut dear = world.requirements();
    dear.amount = dear.amount.checked_mul(2).unwrap();
    let dear = world.payment_with(&payer, 5, dear).await;
    confirmed(facilitator.settle(&cheap).await.unwrap());

    assert_eq!(
        reason(facilitator.settle(&dear).await.unwrap()),
        "duplicate_payment"
    );
    let verified = facilitator.verify(&dear).await.unwrap();
    assert_eq!(
        verified.invalid_reason.unwrap().as_str(),
        "duplicate_payment"
    );

    // The same transfer for another resource is another purchase.
    let mut elsewhere = cheap.clone();
    elsewhere
        .payment_payload
        .resource
        .as_mut()
        .unwrap()
        .url
        .push_str("/tomorrow");
    assert_eq!(
        reason(facilitator.settle(&elsewhere).await.unwrap()),
        "duplicate_payment"
    );

    // So is the same nonce under another signature.
    let transfer = transaction_of(&cheap).transfer;
    let entry =
        coinslot_soroban_authorization::UnsignedAuthEntry::for_transfer(&transfer, 5, 1_000_000)
            .sign(&payer, &world.network.network_id())
            .unwrap();
    let signed_again = with_entry(&cheap, entry);
    assert_eq!(
        reason(facilitator.settle(&signed_again).await.unwrap()),
        "duplicate_payment"
    );
    assert_eq!(world.usdc(&world.payee).await, u128::from(PRICE));
}

#[tokio::test]
async fn a_payer_without_funds_is_refused_and_nothing_is_claimed() {
    let world = World::new().await;
    let payer = world.payer().await;
    let facilitator = world.facilitator(1).await;
    let request = world.payment(&payer).await;
    // All its money goes elsewhere before the payment is settled.
    let mut all = world.requirements();
    all.amount = coinslot_usdc_amount::BaseUnits::from_u64(100 * PRICE);
    let all = world.payment_with(&payer, 99, all).await;
    confirmed(facilitator.settle(&all).await.unwrap());

    let simulation_failed = "invalid_exact_stellar_payload_simulation_failed";
    assert_eq!(
        reason(facilitator.settle(&request).await.unwrap()),
        simulation_failed
    );
    assert_eq!(world.recorder.count("Claimed"), 1);

    // A refused try burns nothing: with money again, the same payment settles.
    let more = coinslot_usdc_amount::BaseUnits::from_u64(PRICE);
    world
        .network
        .faucet_usdc(&payer.account_id(), more)
        .await
        .unwrap();
    confirmed(facilitator.settle(&request).await.unwrap());
}

#[tokio::test]
async fn what_it_supports_names_its_accounts() {
    let world = World::new().await;
    let facilitator = world.facilitator(2).await;
    let supported = facilitator.supported().await.unwrap();
    let kind = &supported.kinds[0];
    assert_eq!(
        (kind.scheme.as_str(), kind.network.as_str()),
        ("exact", "stellar:testnet")
    );
    assert_eq!(kind.extra.as_ref().unwrap()["areFeesSponsored"], true);
    assert_eq!(supported.extensions, ["idempotent-settlement"]);
    let signers: Vec<String> = facilitator
        .signers()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(supported.signers[&"stellar:*".parse().unwrap()], signers);
}
