//! The channel's own contract, opened by its funder while somebody else pays the fees.

use coinslot_caip2_network::StellarNetwork;
use coinslot_settlement::{CallRefusal, FeePolicy};
use coinslot_soroban_authorization::{
    Argument, ContractOperation, LedgerKey, SecretKey, created_contract_id,
};
use coinslot_stellar_address::ContractId;
use coinslot_stellar_ledger::Ledger as _;
use sha2::{Digest as _, Sha256};
use stellar_xdr::ScVal;

use super::calls::{refusal, signers};
use super::contract::{call, returned};
use super::world::{PRICE, World};

const WASM: &[u8] = include_bytes!("../../../../contracts/wasm/one_way_channel.wasm");

fn opening(world: &World, funder: &SecretKey, amount: u64) -> ContractOperation {
    ContractOperation::Create {
        deployer: funder.account_id().into(),
        salt: [3; 32],
        wasm_hash: Sha256::digest(WASM).into(),
        arguments: vec![
            Argument::Address(world.network.usdc_contract().into()),
            Argument::Address(funder.account_id().into()),
            Argument::Bytes(vec![6; 32]),
            Argument::Address(world.payee.account_id().into()),
            Argument::I128(i128::from(amount)),
            Argument::U32(1_000),
        ],
    }
}

#[tokio::test]
async fn a_channel_is_opened_with_a_deposit_and_read_back() {
    let world = World::new().await;
    let funder = world.payer().await;
    let facilitator = world.facilitator(1).await;
    // Storing code costs more than a payment may.
    let policy = FeePolicy {
        max_fee_stroops: 500_000_000,
        ..FeePolicy::default()
    };
    let calls = facilitator.calls();
    let upload = ContractOperation::Upload {
        wasm: WASM.to_vec(),
    };
    let paying = calls.clone().policy(policy).unwrap();
    returned(paying.call(upload, &[]).await.unwrap());

    let before = world.stroops(&funder.account_id()).await;
    let open = opening(&world, &funder, 7 * PRICE);
    let funders = signers([&funder]);
    returned(calls.call(open, &funders).await.unwrap());
    let network = StellarNetwork::Testnet.network_id();
    let channel: ContractId = created_contract_id(&network, &funder.account_id().into(), &[3; 32]);
    assert_eq!(world.usdc(&funder).await, u128::from(93 * PRICE));
    assert_eq!(world.stroops(&funder.account_id()).await, before);
    let deposited = calls.call(call(channel, "deposited"), &[]).await.unwrap();
    let ScVal::I128(deposited) = returned(deposited) else {
        panic!("an amount");
    };
    assert_eq!((deposited.hi, deposited.lo), (0, 7 * PRICE));
    let keys = [LedgerKey::contract_instance(&channel)];
    let entries = world.ledger.entries(&keys).await.unwrap();
    let instance = entries.found[0].as_ref().unwrap();
    assert!(instance.is_live_at(entries.latest_ledger));

    // The same salt again, and a deposit that the funder does not have.
    for amount in [7 * PRICE, 1_000 * PRICE] {
        let again = calls.call(opening(&world, &funder, amount), &funders).await;
        assert!(matches!(refusal(again), CallRefusal::WouldFail { .. }));
    }
}
