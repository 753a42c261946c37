//! A contract small enough to be written by hand: it keeps one value.

use std::sync::Arc;

use coinslot_caip2_network::StellarNetwork;
use coinslot_settlement::{CallOutcome, ContractCalls};
use coinslot_soroban_authorization::{
    Argument, ContractOperation, Invocation, SecretKey, Signer, created_contract_id,
};
use coinslot_stellar_address::ContractId;
use sha2::{Digest as _, Sha256};
use stellar_xdr::{Hash, Limits, ReadXdr as _, ScAddress, ScBytes, ScVal};

/// `__constructor(value)` keeps a value, `value()` returns it, `fail()` fails with the contract's error 7.
pub(crate) fn wasm() -> Vec<u8> {
    let mut module = b"\0asm\x01\0\0\0".to_vec();
    let mut section = |id: u8, body: &[u8]| {
        module.push(id);
        module.push(u8::try_from(body.len()).unwrap());
        module.extend_from_slice(body);
    };
    // Types: (i64, i64, i64) -> i64, (i64, i64) -> i64, (i64) -> i64, () -> i64.
    section(
        1,
        b"\x04\x60\x03\x7e\x7e\x7e\x01\x7e\x60\x02\x7e\x7e\x01\x7e\x60\x01\x7e\x01\x7e\x60\0\x01\x7e",
    );
    // The host's put_contract_data and get_contract_data: functions 0 and 1.
    section(2, b"\x02\x01l\x01_\0\0\x01l\x011\0\x01");
    section(3, b"\x03\x02\x03\x03");
    section(
        7,
        b"\x03\x0d__constructor\0\x02\x05value\0\x03\x04fail\0\x04",
    );
    // The key is the number 0 (tag 4), the durability 1 is persistent.
    let constructor = b"\x0a\0\x42\x04\x20\0\x42\x01\x10\0\x0b";
    let value = b"\x08\0\x42\x04\x42\x01\x10\x01\x0b";
    // The error 7 (in the upper half) of type contract, tag 3, as a signed LEB128.
    let fail = b"\x09\0\x42\x83\x80\x80\x80\xf0\0\x0b";
    let mut code = vec![3];
    code.extend_from_slice(constructor);
    code.extend_from_slice(value);
    code.extend_from_slice(fail);
    section(10, &code);
    // The protocol for which the contract was built, as XDR.
    let mut meta = b"\x11contractenvmetav0".to_vec();
    meta.extend_from_slice(&[0, 0, 0, 0, 0, 0, 0, 22, 0, 0, 0, 0]);
    section(0, &meta);
    module
}

pub(crate) fn wasm_hash() -> [u8; 32] {
    Sha256::digest(wasm()).into()
}

/// A returned value.
pub(crate) fn value(bytes: &[u8]) -> ScVal {
    let limits = Limits {
        depth: 100,
        len: bytes.len(),
    };
    ScVal::from_xdr(bytes, limits).unwrap()
}

/// A call without arguments.
pub(crate) fn call(contract: ContractId, function: &str) -> ContractOperation {
    ContractOperation::Invoke(Invocation::new(contract, function).unwrap())
}

/// What a call that landed returned.
#[track_caller]
pub(crate) fn returned(outcome: CallOutcome) -> ScVal {
    match outcome {
        CallOutcome::Confirmed { return_value, .. } => value(&return_value.unwrap()),
        CallOutcome::Failed { .. } => panic!("{outcome:?}"),
    }
}

/// The contract on the ledger, created by `deployer` with the value 42 and this salt.
pub(crate) async fn deployed(calls: &ContractCalls, deployer: &SecretKey, salt: u8) -> ContractId {
    let wasm = wasm();
    let upload = ContractOperation::Upload { wasm };
    let hash = returned(calls.call(upload, &[]).await.unwrap());
    assert_eq!(
        hash,
        ScVal::Bytes(ScBytes(wasm_hash().to_vec().try_into().unwrap()))
    );
    let create = ContractOperation::Create {
        deployer: deployer.account_id().into(),
        salt: [salt; 32],
        wasm_hash: wasm_hash(),
        arguments: vec![Argument::U32(42)],
    };
    let signers = [Arc::new(deployer.clone()) as Arc<dyn Signer>];
    let created = returned(calls.call(create, &signers).await.unwrap());
    let network = StellarNetwork::Testnet.network_id();
    let contract = created_contract_id(&network, &deployer.account_id().into(), &[salt; 32]);
    let id = stellar_xdr::ContractId(Hash(*contract.as_bytes()));
    assert_eq!(created, ScVal::Address(ScAddress::Contract(id)));
    contract
}
