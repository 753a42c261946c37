//! The channel's own contract, opened by its funder while somebody else pays the fees.

use coinslot_caip2_network::StellarNetwork;
use coinslot_settlement::CallRefusal;
use coinslot_soroban_authorization::{LedgerKey, created_contract_id};
use coinslot_stellar_address::ContractId;
use coinslot_stellar_ledger::Ledger as _;
use stellar_xdr::ScVal;

use super::calls::{refusal, signers};
use super::contract::{call, returned};
use super::funded::{SALT, opening, store_code};
use super::world::{PRICE, World};

#[tokio::test]
async fn a_channel_is_opened_with_a_deposit_and_read_back() {
    let world = World::new().await;
    let funder = world.payer().await;
    let facilitator = world.facilitator(1).await;
    let calls = facilitator.calls();
    store_code(&calls).await;

    let before = world.stroops(&funder.account_id()).await;
    let open = opening(&world, &funder, 7 * PRICE);
    let funders = signers([&funder]);
    returned(calls.call(open, &funders).await.unwrap());
    let network = StellarNetwork::Testnet.network_id();
    let channel: ContractId = created_contract_id(&network, &funder.account_id().into(), &SALT);
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
