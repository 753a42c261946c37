//! Contracts of their own code: uploaded, deployed, called, kept alive, archived and restored.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use coinslot_local_stellar::{CloseMode, LocalStellar};
use coinslot_soroban_authorization::SecretKey;
use serde_json::json;
use sha2::{Digest, Sha256};
use stellar_xdr::{
    ContractDataDurability, ContractId, ExtendFootprintTtlOp, ExtensionPoint, Hash,
    InvokeHostFunctionResult, LedgerEntryChange, LedgerFootprint, LedgerKey, LedgerKeyContractCode,
    LedgerKeyContractData, OperationBody, OperationResult, OperationResultTr, RestoreFootprintOp,
    ScAddress, ScVal, SorobanResources, SorobanTransactionData, SorobanTransactionDataExt,
    SorobanTransactionMetaExt, TransactionExt, TransactionMeta, TransactionResult,
    TransactionResultResult,
};
use support::World;
use support::classic::{read, text, xdr_id};
use support::contract::{call, deploy, ping, returned, upload, wasm};

async fn deployed() -> (World, SecretKey, ContractId) {
    let world = World::new(LocalStellar::builder().close(CloseMode::Manual)).await;
    let key = world.network.create_funded_account().await.unwrap();
    let done = world.run(&key, upload()).await;
    let hash: [u8; 32] = Sha256::digest(wasm()).into();
    assert_eq!(
        returned(&done),
        ScVal::Bytes(hash.to_vec().try_into().unwrap())
    );
    let done = world.run(&key, deploy(&key)).await;
    let ScVal::Address(ScAddress::Contract(contract)) = returned(&done) else {
        panic!("{done}")
    };
    (world, key, contract)
}

fn instance(contract: &ContractId) -> LedgerKey {
    LedgerKey::ContractData(LedgerKeyContractData {
        contract: ScAddress::Contract(contract.clone()),
        key: ScVal::LedgerKeyContractInstance,
        durability: ContractDataDurability::Persistent,
    })
}

fn code() -> LedgerKey {
    LedgerKey::ContractCode(LedgerKeyContractCode {
        hash: Hash(Sha256::digest(wasm()).into()),
    })
}

fn footprint(read_only: Vec<LedgerKey>, read_write: Vec<LedgerKey>) -> SorobanTransactionData {
    SorobanTransactionData {
        ext: SorobanTransactionDataExt::V0,
        resources: SorobanResources {
            footprint: LedgerFootprint {
                read_only: read_only.try_into().unwrap(),
                read_write: read_write.try_into().unwrap(),
            },
            instructions: 0,
            disk_read_bytes: 0,
            write_bytes: 0,
        },
        resource_fee: 0,
    }
}

async fn live_until(world: &World, key: &LedgerKey) -> u64 {
    let found = world
        .call("getLedgerEntries", json!({ "keys": [text(key)] }))
        .await;
    found["entries"][0]["liveUntilLedgerSeq"].as_u64().unwrap()
}

fn operation_result(done: &serde_json::Value) -> InvokeHostFunctionResult {
    let result: TransactionResult = read(done["resultXdr"].as_str().unwrap());
    let TransactionResultResult::TxFailed(results) = result.result else {
        panic!("{done}")
    };
    match &results[0] {
        OperationResult::OpInner(OperationResultTr::InvokeHostFunction(result)) => result.clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn code_runs() {
    let (world, key, contract) = deployed().await;
    let done = world.run(&key, ping(&contract)).await;
    assert_eq!(returned(&done), ScVal::Void);
}

#[tokio::test]
async fn lives_are_lengthened() {
    let (world, key, contract) = deployed().await;
    let before = live_until(&world, &instance(&contract)).await;
    let body = OperationBody::ExtendFootprintTtl(ExtendFootprintTtlOp {
        ext: ExtensionPoint::V0,
        extend_to: 200_000,
    });
    let data = footprint(vec![instance(&contract)], vec![]);
    let draft = world.prepared(&key, body, Some(data)).await;
    let done = world.execute(&key, &draft).await;
    assert_eq!(done["status"], "SUCCESS", "{done}");
    let after = live_until(&world, &instance(&contract)).await;
    assert_eq!(after, done["ledger"].as_u64().unwrap() + 200_000);
    assert!(after > before);
}

#[tokio::test]
async fn the_archived_is_restored_on_demand_or_by_itself() {
    let (world, key, contract) = deployed().await;
    let fresh = world.prepared(&key, ping(&contract), None).await;
    world.network.advance_ledgers(121_000).await.unwrap();

    // With a footprint that does not say so, the call fails: nothing is restored by the way.
    let stale = world.execute(&key, &fresh).await;
    assert_eq!(stale["status"], "FAILED");
    assert_eq!(
        operation_result(&stale),
        InvokeHostFunctionResult::EntryArchived
    );

    // A restore of the code alone ...
    let body = OperationBody::RestoreFootprint(RestoreFootprintOp {
        ext: ExtensionPoint::V0,
    });
    let draft = world
        .prepared(&key, body, Some(footprint(vec![], vec![code()])))
        .await;
    let done = world.execute(&key, &draft).await;
    assert_eq!(done["status"], "SUCCESS", "{done}");
    let TransactionMeta::V4(meta) = read(done["resultMetaXdr"].as_str().unwrap()) else {
        panic!("{done}")
    };
    let restored = meta.operations[0]
        .changes
        .iter()
        .filter(|change| matches!(change, LedgerEntryChange::Restored(_)))
        .count();
    assert_eq!(restored, 2, "the code and its lifetime");
    let latest = world.network.latest_ledger().await.unwrap().sequence;
    assert!(live_until(&world, &code()).await > u64::from(latest));

    // ... and of the instance by the call itself, as its simulation proposes.
    let draft = world.prepared(&key, ping(&contract), None).await;
    let TransactionExt::V1(data) = &draft.ext else {
        panic!("no resources")
    };
    assert!(matches!(data.ext, SorobanTransactionDataExt::V1(_)));
    let done = world.execute(&key, &draft).await;
    assert_eq!(done["status"], "SUCCESS", "{done}");
    assert!(live_until(&world, &instance(&contract)).await > u64::from(latest));
}

#[tokio::test]
async fn declared_resources_are_limits() {
    let (world, key, contract) = deployed().await;
    let mut draft = world.prepared(&key, ping(&contract), None).await;
    let TransactionExt::V1(data) = &mut draft.ext else {
        panic!("no resources")
    };
    data.resources.instructions = 1_000;
    let done = world.execute(&key, &draft).await;
    assert_eq!(done["status"], "FAILED");
    assert_eq!(
        operation_result(&done),
        InvokeHostFunctionResult::ResourceLimitExceeded
    );

    // More than the network allows, or less than the resources cost, is not accepted at all.
    let id = *world.network.network_id().as_bytes();
    let changes: [fn(&mut SorobanTransactionData); 3] = [
        |data| data.resources.instructions = 100_000_001,
        |data| data.resource_fee = 10,
        |data| {
            let twice = data.resources.footprint.read_only[0].clone();
            data.resources.footprint.read_write = vec![twice].try_into().unwrap();
        },
    ];
    for change in changes {
        let mut draft = world.prepared(&key, ping(&contract), None).await;
        let TransactionExt::V1(data) = &mut draft.ext else {
            panic!("no resources")
        };
        change(data);
        let sent = world
            .call(
                "sendTransaction",
                json!({ "transaction": draft.signed(id, &[&key]) }),
            )
            .await;
        assert_eq!(sent["status"], "ERROR");
        let result: TransactionResult = read(sent["errorResultXdr"].as_str().unwrap());
        assert_eq!(result.result, TransactionResultResult::TxSorobanInvalid);
    }
}

#[tokio::test]
async fn what_a_call_reads_writes_and_leaves_must_be_declared_and_paid() {
    use InvokeHostFunctionResult as R;
    let world = World::new(LocalStellar::builder().close(CloseMode::Manual)).await;
    let (payer, payee) = (world.payer(1_000).await, world.payer(0).await);
    let account = |key: &SecretKey| ScVal::Address(ScAddress::Account(xdr_id(&key.account_id())));
    let usdc = ContractId(Hash(*world.network.usdc_contract().as_bytes()));
    let arguments = vec![
        account(&payer),
        account(&payee),
        ScVal::I128(stellar_xdr::Int128Parts { hi: 0, lo: 1 }),
    ];
    let transfer = || {
        let token = ScAddress::Contract(usdc.clone());
        call(token, "transfer", arguments.clone())
    };
    type Change = fn(&mut SorobanTransactionData);
    let changes: [(Change, R); 3] = [
        (
            |data| data.resources.disk_read_bytes = 1,
            R::ResourceLimitExceeded,
        ),
        (
            |data| data.resources.write_bytes = 1,
            R::ResourceLimitExceeded,
        ),
        (
            |data| data.resources.footprint.read_only = stellar_xdr::VecM::default(),
            R::Trapped,
        ),
    ];
    for (change, expected) in changes {
        let mut draft = world.prepared(&payer, transfer(), None).await;
        let TransactionExt::V1(data) = &mut draft.ext else {
            panic!("no resources")
        };
        change(data);
        let done = world.execute(&payer, &draft).await;
        assert_eq!(done["status"], "FAILED", "{expected:?}");
        assert_eq!(operation_result(&done), expected);
    }
    assert_eq!(world.usdc(&payee).await, 0);
    let done = world.run(&payer, transfer()).await;
    assert_eq!(world.usdc(&payee).await, 1);

    // With the resources paid and nothing left for events, the same fails.
    let TransactionMeta::V4(meta) = read(done["resultMetaXdr"].as_str().unwrap()) else {
        panic!("{done}")
    };
    let SorobanTransactionMetaExt::V1(fees) = meta.soroban_meta.unwrap().ext else {
        panic!("{done}")
    };
    assert!(fees.total_refundable_resource_fee_charged > 0);
    let mut draft = world.prepared(&payer, transfer(), None).await;
    if let TransactionExt::V1(data) = &mut draft.ext {
        data.resource_fee = fees.total_non_refundable_resource_fee_charged;
    }
    let done = world.execute(&payer, &draft).await;
    assert_eq!(operation_result(&done), R::InsufficientRefundableFee);
    assert_eq!(world.usdc(&payee).await, 1);
}
