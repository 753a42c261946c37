//! Calls of contracts: who pays, who authorizes, and what comes of it.

use std::sync::Arc;

use coinslot_caip2_network::StellarNetwork;
use coinslot_payment_store::MemoryStore;
use coinslot_settlement::{
    BudgetLimit, CallError, CallOutcome, CallRefusal, ContractCalls, FeePolicy, LocalFacilitator,
    SponsorBudget,
};
use coinslot_soroban_authorization::{
    Argument, ContractOperation, Invocation, InvocationEnvelope, LedgerKey, SecretKey, Signer,
};
use coinslot_stellar_address::Address;
use coinslot_stellar_ledger::{EventsFrom, Ledger as _, TransactionStatus};
use stellar_xdr::ScVal;

use super::contract::{call, deployed, returned};
use super::crooked::CrookedNode;
use super::world::{World, quick};

impl World {
    /// Calls that one account pays for.
    pub(crate) fn calls(&self, payer: &SecretKey) -> ContractCalls {
        let ledger = Arc::clone(&self.ledger) as _;
        let payer = Arc::new(payer.clone());
        ContractCalls::paid_by(ledger, &StellarNetwork::Testnet, payer).timing(quick())
    }

    /// `approve` on USDC's contract: `spender` may take so much until ledger 1,000.
    pub(crate) fn approve(&self, owner: &SecretKey, spender: &Address) -> ContractOperation {
        let call = Invocation::new(self.network.usdc_contract(), "approve").unwrap();
        ContractOperation::Invoke(
            call.argument(Argument::Address(owner.account_id().into()))
                .argument(Argument::Address(*spender))
                .argument(Argument::I128(77))
                .argument(Argument::U32(1_000)),
        )
    }

    /// What `spender` may take.
    pub(crate) async fn allowance(
        &self,
        calls: &ContractCalls,
        owner: &SecretKey,
        spender: &Address,
    ) -> u64 {
        let call = Invocation::new(self.network.usdc_contract(), "allowance").unwrap();
        let call = call
            .argument(Argument::Address(owner.account_id().into()))
            .argument(Argument::Address(*spender));
        let outcome = calls.call(ContractOperation::Invoke(call), &[]).await;
        let ScVal::I128(amount) = returned(outcome.unwrap()) else {
            panic!("an amount");
        };
        amount.lo
    }

    pub(crate) fn spender(&self) -> Address {
        self.payee.account_id().into()
    }
}

pub(crate) fn signers<const N: usize>(keys: [&SecretKey; N]) -> [Arc<dyn Signer>; N] {
    keys.map(|key| Arc::new(key.clone()) as Arc<dyn Signer>)
}

#[track_caller]
pub(crate) fn refusal(result: Result<CallOutcome, CallError>) -> CallRefusal {
    match result {
        Err(CallError::Refused(refusal)) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

async fn spent(facilitator: &LocalFacilitator) -> u64 {
    facilitator.status().await.spent_today_stroops.unwrap()
}

#[tokio::test]
async fn code_is_uploaded_and_created_with_arguments_and_runs() {
    let world = World::new().await;
    let deployer = world.sponsor().await;
    // Fees by somebody else's account, and by the deployer's own.
    let facilitator = world.facilitator(2).await;
    for (salt, calls) in [(1, facilitator.calls()), (2, world.calls(&deployer))] {
        let contract = deployed(&calls, &deployer, salt).await;
        let outcome = calls.call(call(contract, "value"), &[]).await.unwrap();
        assert_eq!(returned(outcome), ScVal::U32(42));
    }
}

#[tokio::test]
async fn a_sponsor_pays_for_what_another_account_authorizes() {
    let world = World::new().await;
    let owner = world.payer().await;
    // It bids more than the network charges.
    let policy = FeePolicy {
        inclusion_floor_stroops: 9_000,
        ..FeePolicy::default()
    };
    let sponsor = world.sponsor().await;
    let builder = world.builder(Arc::new(MemoryStore::new()));
    let builder = builder.sponsor(sponsor.clone()).policy(policy);
    let facilitator = builder.build().await.unwrap();
    let sponsor = sponsor.account_id();
    let before = (
        world.stroops(&owner.account_id()).await,
        world.sequence(&owner.account_id()).await,
        world.stroops(&sponsor).await,
    );
    let calls = facilitator.calls();
    let approve = world.approve(&owner, &world.spender());
    let outcome = calls.call(approve, &signers([&owner])).await.unwrap();
    let CallOutcome::Confirmed {
        transaction,
        ledger,
        events,
        ..
    } = &outcome
    else {
        panic!("{outcome:?}");
    };
    let [event] = events.as_slice() else {
        panic!("{events:?}");
    };
    assert_eq!(event.name(), Some("approve"));
    assert_eq!(world.stroops(&owner.account_id()).await, before.0);
    assert_eq!(world.sequence(&owner.account_id()).await, before.1);
    assert!(world.stroops(&sponsor).await < before.2);
    // What was set aside and not charged came back.
    let status = world.ledger.transaction(transaction).await.unwrap();
    let TransactionStatus::Succeeded {
        envelope,
        fee_charged,
        ..
    } = status
    else {
        panic!("{status:?}");
    };
    let bid = InvocationEnvelope::recognise(&envelope).unwrap().fee();
    assert!(fee_charged < i64::from(bid));
    let counted = spent(&facilitator).await;
    assert_eq!(counted, u64::try_from(fee_charged).unwrap());
    let spender = world.spender();
    assert_eq!(world.allowance(&calls, &owner, &spender).await, 77);

    // The same event, from the ledger's own record.
    let usdc = world.network.usdc_contract();
    let from = EventsFrom::Ledger(*ledger);
    let page = world.ledger.events(&[usdc], &from).await.unwrap();
    let landed = &page.events[0];
    assert_eq!((landed.contract, landed.ledger), (usdc, *ledger));
    assert_eq!(landed.transaction, *transaction);
    assert_eq!(landed.event, *event);
    let behind = EventsFrom::Cursor(page.cursor.unwrap());
    let page = world.ledger.events(&[usdc], &behind).await.unwrap();
    assert!(page.is_last && page.events.is_empty());
}

#[tokio::test]
async fn a_payer_that_authorizes_signs_the_transaction_alone() {
    let world = World::new().await;
    let owner = world.payer().await;
    let calls = world.calls(&owner);
    let spender = world.spender();
    // Paying is not consenting: without its signer, not even the payer's account is used.
    let approve = world.approve(&owner, &spender);
    assert_eq!(
        refusal(calls.call(approve.clone(), &[]).await),
        CallRefusal::NoSigner(owner.account_id().into())
    );
    let before = world.sequence(&owner.account_id()).await;
    let outcome = calls.call(approve, &signers([&owner])).await.unwrap();
    assert!(matches!(outcome, CallOutcome::Confirmed { .. }));
    assert_eq!(world.sequence(&owner.account_id()).await, before + 1);
    assert_eq!(world.allowance(&calls, &owner, &spender).await, 77);
}

#[tokio::test]
async fn what_nobody_here_can_authorize_is_not_sent() {
    let world = World::new().await;
    let (owner, other) = (world.payer().await, world.payer().await);
    let facilitator = world.facilitator(1).await;
    let calls = facilitator.calls();
    let approve = world.approve(&owner, &world.spender());
    assert_eq!(
        refusal(calls.call(approve, &signers([&other])).await),
        CallRefusal::NoSigner(owner.account_id().into())
    );
    assert_eq!(spent(&facilitator).await, 0);
}

/// The node wants more signed than was asked for: the same consent on another call.
#[tokio::test]
async fn what_was_not_asked_for_is_not_signed() {
    use coinslot_soroban_authorization::{Transfer, UnsignedAuthEntry};
    use coinslot_stellar_ledger::Simulation;
    let world = World::new().await;
    let owner = world.payer().await;
    let theft = Transfer {
        token: world.network.usdc_contract(),
        from: owner.account_id().into(),
        to: world.spender(),
        amount: 1,
    };
    let node = CrookedNode::simulating(&world.ledger, move |_, mut simulation| {
        if let Simulation::Succeeded { auth, .. } = &mut simulation {
            let entry = UnsignedAuthEntry::for_transfer(&theft, 1, 0).to_unsigned_entry();
            *auth = vec![entry];
        }
        simulation
    });
    let calls = ContractCalls::paid_by(
        node.clone(),
        &StellarNetwork::Testnet,
        Arc::new(world.sponsor().await),
    );
    let approve = world.approve(&owner, &world.spender());
    assert_eq!(
        refusal(calls.call(approve, &signers([&owner])).await),
        CallRefusal::ForeignAuthorization
    );
    assert_eq!(node.simulations(), 1, "and nothing signed is shown to it");
}

/// What is signed is shown to the node once more, which now finds that it fails.
#[tokio::test]
async fn what_would_fail_as_it_was_signed_is_not_sent() {
    use coinslot_stellar_ledger::Simulation;
    let world = World::new().await;
    let (owner, payer) = (world.payer().await, world.sponsor().await);
    let node = CrookedNode::simulating(&world.ledger, |number, simulation| {
        if number == 0 {
            return simulation;
        }
        Simulation::Failed {
            message: "HostError: Error(Contract, #9)".to_owned(),
            latest_ledger: simulation.latest_ledger(),
        }
    });
    let network = StellarNetwork::Testnet;
    let calls = ContractCalls::paid_by(node, &network, Arc::new(payer.clone()));
    let before = world.sequence(&payer.account_id()).await;
    let approve = world.approve(&owner, &world.spender());
    match refusal(calls.call(approve, &signers([&owner])).await) {
        CallRefusal::WouldFail { contract_error, .. } => assert_eq!(contract_error, Some(9)),
        other => panic!("{other:?}"),
    }
    assert_eq!(world.sequence(&payer.account_id()).await, before);
}

#[tokio::test]
async fn the_contracts_own_error_is_told_by_its_number() {
    let world = World::new().await;
    let payer = world.sponsor().await;
    let calls = world.calls(&payer);
    let contract = deployed(&calls, &payer, 1).await;
    let before = world.sequence(&payer.account_id()).await;
    match refusal(calls.call(call(contract, "fail"), &[]).await) {
        CallRefusal::WouldFail {
            contract_error,
            message,
        } => {
            assert_eq!(contract_error, Some(7), "{message}");
            assert!(message.contains("Error(Contract, #7)"), "{message}");
        }
        other => panic!("{other:?}"),
    }
    match refusal(calls.call(call(contract, "nothing"), &[]).await) {
        CallRefusal::WouldFail { contract_error, .. } => assert_eq!(contract_error, None),
        other => panic!("{other:?}"),
    }
    assert_eq!(world.sequence(&payer.account_id()).await, before);
}

#[tokio::test]
async fn no_call_costs_more_than_the_policy_and_the_budget_allow() {
    let world = World::new().await;
    let (owner, sponsor) = (world.payer().await, world.sponsor().await);
    let facilitator = world
        .builder(Arc::new(MemoryStore::new()))
        .sponsor(sponsor.clone())
        .budget(SponsorBudget {
            per_payer_per_day_stroops: 0,
            total_per_day_stroops: 80_000,
        })
        .build()
        .await
        .unwrap();
    let before = world.stroops(&sponsor.account_id()).await;
    let approve = world.approve(&owner, &world.spender());
    let cheap = FeePolicy {
        max_fee_stroops: 5_000,
        ..FeePolicy::default()
    };
    let stingy = facilitator.calls().policy(cheap).unwrap();
    match refusal(stingy.call(approve.clone(), &signers([&owner])).await) {
        CallRefusal::FeeTooHigh {
            needed_stroops,
            max_fee_stroops: 5_000,
        } => assert!(needed_stroops > 5_000),
        other => panic!("{other:?}"),
    }
    assert_eq!(world.stroops(&sponsor.account_id()).await, before);
    assert_eq!(spent(&facilitator).await, 0);
    // What one payer may cost is not asked: nobody pays us here.
    let calls = facilitator.calls();
    let outcome = calls.call(approve.clone(), &signers([&owner])).await;
    assert!(matches!(outcome, Ok(CallOutcome::Confirmed { .. })));
    let refused = loop {
        match calls.call(approve.clone(), &signers([&owner])).await {
            Ok(_) => assert!(spent(&facilitator).await <= 80_000),
            other => break refusal(other),
        }
    };
    assert_eq!(refused, CallRefusal::Budget(BudgetLimit::Total));
    let left = spent(&facilitator).await;
    assert!(left > 0 && left <= 80_000, "{left}");

    let nothing = FeePolicy {
        inclusion_floor_stroops: 1,
        ..FeePolicy::default()
    };
    assert!(facilitator.calls().policy(nothing).is_err());
}

#[tokio::test]
async fn a_fee_bump_account_pays_in_place_of_the_sponsor() {
    let world = World::new().await;
    let owner = world.payer().await;
    let (sponsor, fees) = (world.sponsor().await, world.sponsor().await);
    let facilitator = world
        .builder(Arc::new(MemoryStore::new()))
        .sponsor(sponsor.clone())
        .fee_bump(fees.clone())
        .build()
        .await
        .unwrap();
    let before = (
        world.stroops(&sponsor.account_id()).await,
        world.stroops(&fees.account_id()).await,
    );
    let approve = world.approve(&owner, &world.spender());
    let outcome = facilitator.calls().call(approve, &signers([&owner])).await;
    let Ok(CallOutcome::Confirmed { transaction, .. }) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(world.stroops(&sponsor.account_id()).await, before.0);
    assert!(world.stroops(&fees.account_id()).await < before.1);
    let status = world.ledger.transaction(&transaction).await.unwrap();
    let TransactionStatus::Succeeded { envelope, .. } = status else {
        panic!("{status:?}");
    };
    assert!(envelope.is_fee_bump());
}

#[tokio::test]
async fn calls_and_payments_share_one_sponsor() {
    use super::world::confirmed;
    use coinslot_facilitator_api::Facilitator as _;
    let world = World::new().await;
    let (owner, payer) = (world.payer().await, world.payer().await);
    let facilitator = world.facilitator(1).await;
    let requests = [world.payment(&payer).await, world.payment(&payer).await];
    let calls = facilitator.calls();
    let spenders = [world.spender(), payer.account_id().into()];
    let approve = spenders.map(|spender| world.approve(&owner, &spender));
    let owner = signers([&owner]);
    let (one, other, first, second) = tokio::join!(
        facilitator.settle(&requests[0]),
        facilitator.settle(&requests[1]),
        calls.call(approve[0].clone(), &owner),
        calls.call(approve[1].clone(), &owner),
    );
    confirmed(one.unwrap());
    confirmed(other.unwrap());
    for outcome in [first, second] {
        assert!(matches!(outcome, Ok(CallOutcome::Confirmed { .. })));
    }
}

#[tokio::test]
async fn a_lifetime_needs_entries() {
    let world = World::new().await;
    let calls = world.calls(&world.sponsor().await);
    let none: &[LedgerKey] = &[];
    for refused in [
        calls.call(ContractOperation::Restore, &[]).await,
        calls
            .call(ContractOperation::ExtendTtl { ledgers: 5 }, &[])
            .await,
        calls.extend_ttl(none, 5).await,
        calls.restore(none).await,
    ] {
        assert_eq!(refusal(refused), CallRefusal::NoEntries);
    }
}
