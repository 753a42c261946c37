//! Entries of contracts are kept alive, archived, and brought back.

use std::sync::Arc;

use coinslot_caip2_network::StellarNetwork;
use coinslot_settlement::{CallOutcome, ContractCalls};
use coinslot_soroban_authorization::{LedgerKey, SorobanResources};
use coinslot_stellar_ledger::{Ledger as _, LedgerEntry, Simulation};
use stellar_xdr::ScVal;

use super::contract::{call, deployed, returned, wasm_hash};
use super::crooked::CrookedNode;
use super::world::{World, quick};

/// Ledgers after which nothing of a new contract is live.
const LONG: u32 = 121_000;

async fn read(world: &World, keys: &[LedgerKey]) -> (u32, Vec<LedgerEntry>) {
    let entries = world.ledger.entries(keys).await.unwrap();
    let found = entries.found.into_iter().map(Option::unwrap).collect();
    (entries.latest_ledger, found)
}

fn confirmed_in(outcome: &CallOutcome) -> u32 {
    match outcome {
        CallOutcome::Confirmed { ledger, .. } => *ledger,
        CallOutcome::Failed { .. } => panic!("{outcome:?}"),
    }
}

#[tokio::test]
async fn a_life_is_lengthened_counted_from_the_ledger_it_is_done_in() {
    let world = World::new().await;
    let payer = world.sponsor().await;
    let calls = world.calls(&payer);
    let contract = deployed(&calls, &payer, 1).await;
    let keys = [
        LedgerKey::contract_instance(&contract),
        LedgerKey::contract_code(&wasm_hash()),
    ];
    let before = read(&world, &keys).await.1;
    let outcome = calls.extend_ttl(&keys[..1], 200_000).await.unwrap();
    let after = read(&world, &keys).await.1;
    assert_eq!(
        after[0].live_until_ledger,
        Some(confirmed_in(&outcome) + 200_000)
    );
    assert_eq!(after[1], before[1], "the code was not named");
    assert_eq!(after[0].data, before[0].data);
}

#[tokio::test]
async fn the_archived_is_brought_back() {
    let world = World::manual().await;
    let payer = world.closing(world.sponsor()).await;
    let calls = world.calls(&payer);
    let contract = world.closing(deployed(&calls, &payer, 1)).await;
    let keys = [
        LedgerKey::contract_instance(&contract),
        LedgerKey::contract_code(&wasm_hash()),
    ];
    world.network.advance_ledgers(LONG).await.unwrap();
    let (latest, archived) = read(&world, &keys).await;
    assert!(archived.iter().all(|entry| !entry.is_live_at(latest)));
    let outcome = world.closing(calls.restore(&keys)).await.unwrap();
    let (_, restored) = read(&world, &keys).await;
    let ledger = confirmed_in(&outcome);
    assert!(restored.iter().all(|entry| entry.is_live_at(ledger + 1)));
}

/// A node that names archived entries instead of restoring them by the call itself.
#[tokio::test]
async fn what_is_archived_is_restored_before_a_call() {
    let world = World::manual().await;
    let payer = world.closing(world.sponsor()).await;
    let calls = world.calls(&payer);
    let contract = world.closing(deployed(&calls, &payer, 1)).await;
    let keys = [
        LedgerKey::contract_instance(&contract),
        LedgerKey::contract_code(&wasm_hash()),
    ];
    world.network.advance_ledgers(LONG).await.unwrap();
    let archived = SorobanResources::read_write(&keys);
    let node = CrookedNode::simulating(&world.ledger, move |number, simulation| {
        if number > 0 {
            return simulation;
        }
        Simulation::RestoreNeeded {
            resources: archived.clone(),
            min_resource_fee: 1,
            latest_ledger: simulation.latest_ledger(),
        }
    });
    let before = world.sequence(&payer.account_id()).await;
    let crooked = ContractCalls::paid_by(
        node.clone(),
        &StellarNetwork::Testnet,
        Arc::new(payer.clone()),
    );
    let value = crooked.timing(quick());
    let outcome = world
        .closing(value.call(call(contract, "value"), &[]))
        .await;
    assert_eq!(returned(outcome.unwrap()), ScVal::U32(42));
    assert_eq!(world.sequence(&payer.account_id()).await, before + 2);
    let (latest, restored) = read(&world, &keys).await;
    assert!(restored.iter().all(|entry| entry.is_live_at(latest)));
}
