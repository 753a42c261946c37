//! Calls whose payer, node or network does something unexpected.

use std::sync::Arc;
use std::time::Duration;

use coinslot_caip2_network::StellarNetwork;
use coinslot_payment_store::MemoryStore;
use coinslot_settlement::{
    CallError, CallOutcome, ContractCalls, LocalFacilitator, Outage, Timing,
};
use coinslot_soroban_authorization::{Argument, ContractOperation, Invocation, SecretKey};
use coinslot_stellar_ledger::{Ledger as _, ResultCode, Submission, TransactionStatus};

use super::calls::signers;
use super::crooked::CrookedNode;
use super::world::{PRICE, World, quick};

async fn facilitator(world: &World, sponsor: &SecretKey, timing: Timing) -> LocalFacilitator {
    let builder = world
        .builder(Arc::new(MemoryStore::new()))
        .sponsor(sponsor.clone())
        .timing(timing);
    builder.build().await.unwrap()
}

async fn spent(facilitator: &LocalFacilitator) -> u64 {
    facilitator.status().await.spent_today_stroops.unwrap()
}

#[track_caller]
fn transaction_of(outcome: Result<CallOutcome, CallError>) -> String {
    match outcome {
        Ok(CallOutcome::Confirmed { transaction, .. }) => transaction.to_string(),
        other => panic!("not confirmed: {other:?}"),
    }
}

#[tokio::test]
async fn a_stale_sequence_number_is_asked_for_again() {
    let world = World::new().await;
    let (owner, payer) = (world.payer().await, world.sponsor().await);
    let calls = world.calls(&payer);
    let approve = world.approve(&owner, &world.spender());
    transaction_of(calls.call(approve.clone(), &signers([&owner])).await);
    // Another program uses the account.
    world.network.trust_usdc(&payer).await.unwrap();
    transaction_of(calls.call(approve, &signers([&owner])).await);
}

#[tokio::test]
async fn a_sequence_number_that_is_never_right_is_an_outage() {
    let world = World::new().await;
    let payer = world.sponsor().await;
    let stale = || Submission::Refused {
        code: ResultCode::BadSequence,
    };
    let node = CrookedNode::answering(&world.ledger, (0..100).map(|_| stale()));
    let network = StellarNetwork::Testnet;
    let calls = ContractCalls::paid_by(node, &network, Arc::new(payer.clone())).timing(quick());
    let owner = world.payer().await;
    let approve = world.approve(&owner, &world.spender());
    let result = calls.call(approve, &signers([&owner])).await;
    assert!(
        matches!(
            result,
            Err(CallError::Unavailable(Outage::SequenceContended))
        ),
        "{result:?}"
    );
}

#[tokio::test]
async fn a_lost_answer_to_the_submission_loses_no_call() {
    let world = World::new().await;
    let (owner, payer) = (world.payer().await, world.sponsor().await);
    let calls = world.calls(&payer);
    let approve = world.approve(&owner, &world.spender());
    for lose in [
        |world: &World| world.network.drop_answers("sendTransaction", 1),
        |world: &World| world.network.fail_next("sendTransaction", 2),
    ] {
        let before = world.sequence(&payer.account_id()).await;
        lose(&world);
        transaction_of(calls.call(approve.clone(), &signers([&owner])).await);
        assert_eq!(world.sequence(&payer.account_id()).await, before + 1);
    }
}

#[tokio::test]
async fn a_call_that_has_to_wait_is_submitted_again() {
    let world = World::new().await;
    let (owner, payer) = (world.payer().await, world.sponsor().await);
    let node = CrookedNode::answering(&world.ledger, [Submission::TryAgainLater]);
    let network = StellarNetwork::Testnet;
    let calls = ContractCalls::paid_by(node, &network, Arc::new(payer)).timing(quick());
    let approve = world.approve(&owner, &world.spender());
    transaction_of(calls.call(approve, &signers([&owner])).await);
}

#[tokio::test]
async fn an_outage_before_anything_is_sent_is_one() {
    let world = World::new().await;
    let (owner, sponsor) = (world.payer().await, world.sponsor().await);
    let facilitator = facilitator(&world, &sponsor, quick()).await;
    let calls = facilitator.calls();
    let approve = world.approve(&owner, &world.spender());
    let before = world.sequence(&sponsor.account_id()).await;
    for method in ["simulateTransaction", "getLatestLedger", "getFeeStats"] {
        world.network.fail_next(method, 1);
        let result = calls.call(approve.clone(), &signers([&owner])).await;
        assert!(
            matches!(result, Err(CallError::Unavailable(Outage::Ledger(_)))),
            "{method}: {result:?}"
        );
    }
    assert_eq!(world.sequence(&sponsor.account_id()).await, before);
    assert_eq!(spent(&facilitator).await, 0);
    transaction_of(calls.call(approve, &signers([&owner])).await);
}

#[tokio::test]
async fn what_is_not_known_in_time_has_a_hash_and_an_end_and_goes_on() {
    let world = World::manual().await;
    let owner = world.payer().await;
    let sponsor = world.closing(world.sponsor()).await;
    let timing = Timing {
        answer_within: Duration::from_millis(400),
        ..quick()
    };
    let facilitator = facilitator(&world, &sponsor, timing).await;
    let calls = facilitator.calls();
    let approve = world.approve(&owner, &world.spender());
    let result = calls.call(approve.clone(), &signers([&owner])).await;
    let Err(CallError::Unknown {
        transaction,
        max_time,
    }) = result
    else {
        panic!("{result:?}");
    };
    assert!(spent(&facilitator).await > 0, "it is still reserved");
    // Its sponsor is not free, so that another call is not even sent.
    let result = calls.call(approve.clone(), &signers([&owner])).await;
    assert!(
        matches!(result, Err(CallError::Unavailable(Outage::NotSent))),
        "{result:?}"
    );
    world.network.close_ledger().await.unwrap();
    let status = world.ledger.transaction(&transaction).await.unwrap();
    let TransactionStatus::Succeeded { close_time, .. } = status else {
        panic!("{status:?}");
    };
    assert!(close_time.unwrap() <= max_time);
    // Nobody waits for it any more, and it was followed all the same.
    let sequence = world.sequence(&sponsor.account_id()).await;
    while facilitator.status().await.free_sponsors == 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    world.network.close_ledger().await.unwrap();
    let called_off = world.sequence(&sponsor.account_id()).await;
    assert_eq!(called_off, sequence, "the other call stays unsent");
}

#[tokio::test]
async fn a_caller_that_goes_away_before_calls_it_off() {
    let world = World::manual().await;
    let owner = world.payer().await;
    let sponsor = world.closing(world.sponsor()).await;
    let facilitator = facilitator(&world, &sponsor, quick()).await;
    let calls = facilitator.calls();
    let approve = world.approve(&owner, &world.spender());
    let owner = signers([&owner]);
    let before = world.sequence(&sponsor.account_id()).await;
    // The first holds the only sponsor; the second waits for it, and is dropped.
    let first = tokio::spawn({
        let (calls, approve, owner) = (calls.clone(), approve.clone(), owner.clone());
        async move { calls.call(approve, &owner).await }
    });
    while facilitator.status().await.free_sponsors > 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let second = calls.call(approve, &owner);
    drop(tokio::time::timeout(Duration::from_millis(100), second).await);
    transaction_of(world.closing(first).await.unwrap());
    tokio::time::sleep(Duration::from_millis(200)).await;
    world.network.close_ledger().await.unwrap();
    assert_eq!(world.sequence(&sponsor.account_id()).await, before + 1);
    assert_eq!(facilitator.status().await.free_sponsors, 1);
}

#[tokio::test]
async fn what_is_not_ready_in_time_is_not_sent_later() {
    let world = World::new().await;
    let (owner, payer) = (world.payer().await, world.sponsor().await);
    let node = CrookedNode::pausing(&world.ledger, Duration::from_millis(300));
    let timing = Timing {
        answer_within: Duration::from_millis(200),
        ..quick()
    };
    let network = StellarNetwork::Testnet;
    let calls = ContractCalls::paid_by(node.clone(), &network, Arc::new(payer.clone()));
    let before = world.sequence(&payer.account_id()).await;
    let approve = world.approve(&owner, &world.spender());
    let result = calls.timing(timing).call(approve, &signers([&owner])).await;
    assert!(
        matches!(result, Err(CallError::Unavailable(Outage::NotSent))),
        "{result:?}"
    );
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(node.simulations(), 2, "it was all but sent");
    world.network.close_ledger().await.unwrap();
    assert_eq!(world.sequence(&payer.account_id()).await, before);
}

#[tokio::test]
async fn what_no_ledger_took_in_time_has_not_happened() {
    let world = World::manual().await;
    let owner = world.payer().await;
    let sponsor = world.closing(world.sponsor()).await;
    let timing = Timing {
        transaction_lifetime: Duration::from_secs(1),
        ..quick()
    };
    let facilitator = facilitator(&world, &sponsor, timing).await;
    let calls = facilitator.calls();
    let approve = world.approve(&owner, &world.spender());
    world.network.fail_next("sendTransaction", 1_000);
    let owner = signers([&owner]);
    let result = world.closing(calls.call(approve.clone(), &owner)).await;
    assert!(
        matches!(result, Err(CallError::Unavailable(Outage::NotIncluded))),
        "{result:?}"
    );
    assert_eq!(spent(&facilitator).await, 0, "all came back");
    world.network.fail_next("sendTransaction", 0);
    transaction_of(world.closing(calls.call(approve, &owner)).await);
}

#[tokio::test]
async fn a_waiting_call_gets_a_higher_bid_and_stays_the_same() {
    let world = World::manual().await;
    let owner = world.payer().await;
    let sponsor = world.closing(world.sponsor()).await;
    let timing = Timing {
        raise_bid_after_ledgers: 2,
        ..quick()
    };
    let facilitator = facilitator(&world, &sponsor, timing).await;
    let before = world.sequence(&sponsor.account_id()).await;
    let approve = world.approve(&owner, &world.spender());
    world.network.fail_next("sendTransaction", 1);
    let calls = facilitator.calls();
    let task = tokio::spawn(async move { calls.call(approve, &signers([&owner])).await });
    while world.recorder.count("Outage") == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    world.network.advance_ledgers(2).await.unwrap();
    // The first survey raises the bid; only then is a ledger closed.
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    let transaction = transaction_of(world.closing(task).await.unwrap());
    let status = world
        .ledger
        .transaction(&transaction.parse().unwrap())
        .await;
    let TransactionStatus::Succeeded { envelope, .. } = status.unwrap() else {
        panic!("it has landed");
    };
    assert!(envelope.is_fee_bump());
    assert_eq!(world.sequence(&sponsor.account_id()).await, before + 1);
    assert!(spent(&facilitator).await < 100_000);
}

#[tokio::test]
async fn a_call_that_fails_on_the_chain_has_failed() {
    let world = World::manual().await;
    let owner = world.payer().await;
    let sponsors = [
        world.closing(world.sponsor()).await,
        world.closing(world.sponsor()).await,
    ];
    let usdc = world.network.usdc_contract();
    let everything = ContractOperation::Invoke(
        Invocation::new(usdc, "transfer")
            .unwrap()
            .argument(Argument::Address(owner.account_id().into()))
            .argument(Argument::Address(world.spender()))
            .argument(Argument::I128(i128::from(100 * PRICE))),
    );
    let [one, other] = sponsors.map(|sponsor| world.calls(&sponsor));
    let owner = signers([&owner]);
    let both = async {
        tokio::join!(
            one.call(everything.clone(), &owner),
            other.call(everything.clone(), &owner)
        )
    };
    let (one, other) = world.closing(both).await;
    let (confirmed, failed) = match (one.unwrap(), other.unwrap()) {
        (one @ CallOutcome::Confirmed { .. }, other) => (one, other),
        (one, other) => (other, one),
    };
    assert!(matches!(confirmed, CallOutcome::Confirmed { .. }));
    let CallOutcome::Failed { code, .. } = failed else {
        panic!("{failed:?}");
    };
    assert_eq!(code.to_string(), "txFAILED: InvokeHostFunction(Trapped)");
}
