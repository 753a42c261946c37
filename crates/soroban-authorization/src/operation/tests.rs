//! Operations beside the XDR types of the network's authors.

use coinslot_caip2_network::StellarNetwork;
use coinslot_stellar_address::AccountId;
use stellar_xdr::{
    self as xdr, ContractDataDurability, ContractExecutable, ContractIdPreimage,
    ContractIdPreimageFromAddress, CreateContractArgsV2, ExtendFootprintTtlOp, ExtensionPoint,
    Hash, HashIdPreimage, HashIdPreimageContractId, HostFunction, InvokeContractArgs,
    InvokeHostFunctionOp, LedgerFootprint, LedgerKeyContractCode, LedgerKeyContractData, Limits,
    OperationBody, ReadXdr as _, RestoreFootprintOp, ScAddress, ScVal, SorobanAddressCredentials,
    SorobanAuthorizationEntry, SorobanAuthorizedFunction, SorobanAuthorizedInvocation,
    SorobanCredentials, SorobanTransactionData, SorobanTransactionDataExt, TransactionEnvelope,
    TransactionExt, Uint256, VecM, WriteXdr,
};

use super::*;
use crate::{
    ContractTransaction, Credential, DecodeErrorKind, Envelope, LedgerKey, SecretKey,
    SignEntryError, SorobanResources, UnsignedAuthEntry, UnsignedEntryError,
};

const LIMITS: Limits = Limits {
    depth: 500,
    len: 1_000_000,
};
const CONTRACT: ContractId = ContractId::from_bytes([9; 32]);

fn bytes(value: &impl WriteXdr) -> Vec<u8> {
    value.to_xdr(LIMITS).unwrap()
}

fn network() -> NetworkId {
    StellarNetwork::Testnet.network_id()
}

fn key() -> SecretKey {
    SecretKey::from_seed([7; 32])
}

fn account(id: AccountId) -> ScAddress {
    ScAddress::Account(xdr::AccountId(xdr::PublicKey::PublicKeyTypeEd25519(
        Uint256(*id.as_bytes()),
    )))
}

fn contract() -> ScAddress {
    ScAddress::Contract(xdr::ContractId(Hash(*CONTRACT.as_bytes())))
}

fn i128_value(value: i64) -> ScVal {
    let parts = xdr::Int128Parts {
        hi: -1,
        lo: value.cast_unsigned(),
    };
    ScVal::I128(parts)
}

fn settle() -> Invocation {
    Invocation::new(CONTRACT, "settle")
        .unwrap()
        .argument(Argument::I128(-5))
        .argument(Argument::Bytes(vec![1, 2, 3]))
}

fn settle_args() -> InvokeContractArgs {
    InvokeContractArgs {
        contract_address: contract(),
        function_name: xdr::ScSymbol("settle".try_into().unwrap()),
        args: vec![
            i128_value(-5),
            ScVal::Bytes(xdr::ScBytes(vec![1, 2, 3].try_into().unwrap())),
        ]
        .try_into()
        .unwrap(),
    }
}

fn creation() -> ContractOperation {
    ContractOperation::Create {
        deployer: key().account_id().into(),
        salt: [4; 32],
        wasm_hash: [5; 32],
        arguments: vec![Argument::U32(6), Argument::Address(CONTRACT.into())],
    }
}

fn preimage() -> ContractIdPreimage {
    ContractIdPreimage::Address(ContractIdPreimageFromAddress {
        address: account(key().account_id()),
        salt: Uint256([4; 32]),
    })
}

fn creation_args() -> CreateContractArgsV2 {
    CreateContractArgsV2 {
        contract_id_preimage: preimage(),
        executable: ContractExecutable::Wasm(Hash([5; 32])),
        constructor_args: vec![ScVal::U32(6), ScVal::Address(contract())]
            .try_into()
            .unwrap(),
    }
}

fn created(constructor: CreateContractArgsV2) -> SorobanAuthorizedFunction {
    SorobanAuthorizedFunction::CreateContractV2HostFn(constructor)
}

/// An entry as a simulation records it.
fn recorded(
    function: SorobanAuthorizedFunction,
    below: Vec<SorobanAuthorizedInvocation>,
) -> AuthEntry {
    let entry = SorobanAuthorizationEntry {
        credentials: SorobanCredentials::Address(SorobanAddressCredentials {
            address: account(key().account_id()),
            nonce: 77,
            signature_expiration_ledger: 0,
            signature: ScVal::Void,
        }),
        root_invocation: SorobanAuthorizedInvocation {
            function,
            sub_invocations: below.try_into().unwrap(),
        },
    };
    AuthEntry::from_xdr(&bytes(&entry)).unwrap()
}

fn transaction(operation: ContractOperation, auth: Vec<AuthEntry>) -> ContractTransaction {
    ContractTransaction {
        source: key().account_id(),
        sequence: 3,
        fee: 1_000,
        max_time: Some(9),
        operation,
        auth,
        resources: None,
    }
}

fn body(transaction: &ContractTransaction) -> (OperationBody, TransactionExt) {
    let envelope = transaction.to_envelope();
    assert_eq!(Envelope::from_xdr(envelope.as_xdr()), Ok(envelope.clone()));
    let TransactionEnvelope::Tx(read) =
        TransactionEnvelope::from_xdr(envelope.as_xdr(), LIMITS).unwrap()
    else {
        panic!("a transaction of the current version")
    };
    assert_eq!((read.tx.seq_num.0, read.tx.fee), (3, 1_000));
    assert_eq!(read.signatures.len(), 0);
    let [operation] = read.tx.operations.as_slice() else {
        panic!("one operation")
    };
    assert_eq!(operation.source_account, None);
    (operation.body.clone(), read.tx.ext)
}

#[test]
fn host_functions_are_written_as_they_are_defined() {
    let wasm = b"\0asm\x01".to_vec();
    let upload = ContractOperation::Upload { wasm: wasm.clone() };
    for (operation, function) in [
        (
            ContractOperation::Invoke(settle().below(settle())),
            HostFunction::InvokeContract(settle_args()),
        ),
        (
            upload,
            HostFunction::UploadContractWasm(wasm.try_into().unwrap()),
        ),
        (creation(), HostFunction::CreateContractV2(creation_args())),
    ] {
        let auth = recorded(created(creation_args()), Vec::new());
        let expected = |auth: VecM<SorobanAuthorizationEntry>| {
            OperationBody::InvokeHostFunction(InvokeHostFunctionOp {
                host_function: function.clone(),
                auth,
            })
        };
        let bare = transaction(operation.clone(), Vec::new());
        assert_eq!(body(&bare).0, expected(VecM::default()));
        let entry = SorobanAuthorizationEntry::from_xdr(auth.as_xdr(), LIMITS).unwrap();
        let entries = vec![entry].try_into().unwrap();
        assert_eq!(
            body(&transaction(operation, vec![auth])).0,
            expected(entries)
        );
    }
}

#[test]
fn lifetimes_are_about_the_footprint() {
    let keys = [
        LedgerKey::contract_instance(&CONTRACT),
        LedgerKey::contract_code(&[5; 32]),
    ];
    let instance = xdr::LedgerKey::ContractData(LedgerKeyContractData {
        contract: contract(),
        key: ScVal::LedgerKeyContractInstance,
        durability: ContractDataDurability::Persistent,
    });
    let code = xdr::LedgerKey::ContractCode(LedgerKeyContractCode {
        hash: Hash([5; 32]),
    });
    assert_eq!(keys[0].as_xdr(), bytes(&instance));
    assert_eq!(keys[1].as_xdr(), bytes(&code));
    let both: VecM<xdr::LedgerKey> = vec![instance, code].try_into().unwrap();
    let data = |footprint| SorobanTransactionData {
        ext: SorobanTransactionDataExt::V0,
        resources: xdr::SorobanResources {
            footprint,
            instructions: 0,
            disk_read_bytes: 0,
            write_bytes: 0,
        },
        resource_fee: 0,
    };
    let read_only = data(LedgerFootprint {
        read_only: both.clone(),
        read_write: VecM::default(),
    });
    let read_write = data(LedgerFootprint {
        read_only: VecM::default(),
        read_write: both,
    });
    let extend = OperationBody::ExtendFootprintTtl(ExtendFootprintTtlOp {
        ext: ExtensionPoint::V0,
        extend_to: 500,
    });
    let restore = OperationBody::RestoreFootprint(RestoreFootprintOp {
        ext: ExtensionPoint::V0,
    });
    for (operation, resources, expected, expected_data) in [
        (
            ContractOperation::ExtendTtl { ledgers: 500 },
            SorobanResources::read_only(&keys),
            extend,
            read_only,
        ),
        (
            ContractOperation::Restore,
            SorobanResources::read_write(&keys),
            restore,
            read_write,
        ),
    ] {
        assert_eq!(
            SorobanResources::from_xdr(resources.as_xdr()),
            Ok(resources.clone())
        );
        let transaction = ContractTransaction {
            resources: Some(resources),
            // Neither operation has entries: none is written.
            ..transaction(
                operation,
                vec![recorded(created(creation_args()), Vec::new())],
            )
        };
        let found = body(&transaction);
        assert_eq!(found, (expected, TransactionExt::V1(expected_data)));
    }
}

#[test]
fn keys_are_exact_and_bounded() {
    let instance = LedgerKey::contract_instance(&CONTRACT);
    let exact = instance.as_xdr();
    assert_eq!(LedgerKey::from_xdr(exact), Ok(instance.clone()));
    let kind = |bytes: &[u8]| LedgerKey::from_xdr(bytes).unwrap_err().kind();
    let twice = [exact, exact].concat();
    assert_eq!(kind(&twice), DecodeErrorKind::TrailingBytes);
    assert_eq!(
        kind(&exact[..exact.len() - 1]),
        DecodeErrorKind::UnexpectedEnd
    );
    let long = xdr::LedgerKey::ContractData(LedgerKeyContractData {
        contract: contract(),
        key: ScVal::Bytes(xdr::ScBytes(vec![0; 5_000].try_into().unwrap())),
        durability: ContractDataDurability::Persistent,
    });
    assert_eq!(
        kind(&bytes(&long)),
        DecodeErrorKind::TooLong {
            limit: crate::MAX_LEDGER_KEY_BYTES
        }
    );
}

#[test]
fn an_entry_that_allows_a_creation_is_signed_and_written() {
    let below = SorobanAuthorizedInvocation {
        function: SorobanAuthorizedFunction::ContractFn(settle_args()),
        sub_invocations: VecM::default(),
    };
    let entry = recorded(created(creation_args()), vec![below.clone()]);
    assert!(entry.has_sub_invocations() && entry.transfer().is_none());
    let unsigned = UnsignedAuthEntry::from_entry(&entry, 1_000).unwrap();
    let signed = unsigned.sign(&key(), &network()).unwrap();
    assert_eq!(signed.verify_account_signature(&network()), Ok(()));
    let read = SorobanAuthorizationEntry::from_xdr(signed.as_xdr(), LIMITS).unwrap();
    assert_eq!(
        read.root_invocation,
        SorobanAuthorizedInvocation {
            function: created(creation_args()),
            sub_invocations: vec![below].try_into().unwrap(),
        }
    );
    let address = key().account_id().into();
    let expected = Credential::Address {
        address,
        nonce: 77,
        expiration_ledger: 1_000,
        signed: true,
    };
    assert_eq!(signed.credential(), expected);
    assert_eq!(AuthEntry::from_xdr(signed.as_xdr()), Ok(signed.clone()));
    assert_eq!(
        UnsignedAuthEntry::from_entry(&signed, 1_000).unwrap_err(),
        UnsignedEntryError::AlreadySigned
    );
    let other = SecretKey::from_seed([8; 32]);
    assert!(matches!(
        unsigned.sign(&other, &network()),
        Err(SignEntryError::WrongSigner { .. })
    ));
}

#[test]
fn an_operation_is_the_root_of_its_own_entries_only() {
    let call = ContractOperation::Invoke(settle());
    let called = |args| recorded(SorobanAuthorizedFunction::ContractFn(args), Vec::new());
    let below = SorobanAuthorizedInvocation {
        function: created(creation_args()),
        sub_invocations: VecM::default(),
    };
    let own = recorded(
        SorobanAuthorizedFunction::ContractFn(settle_args()),
        vec![below],
    );
    let created_entry = recorded(created(creation_args()), Vec::new());
    assert!(call.is_root_of(&own) && call.is_root_of(&called(settle_args())));
    assert!(creation().is_root_of(&created_entry));
    // The same after it was signed, which builds the entry anew.
    for (operation, entry) in [(&call, &own), (&creation(), &created_entry)] {
        let unsigned = UnsignedAuthEntry::from_entry(entry, 9).unwrap();
        assert!(operation.is_root_of(&unsigned.sign(&key(), &network()).unwrap()));
    }

    let mut other_amount = settle_args();
    other_amount.args = vec![i128_value(-6)].try_into().unwrap();
    let mut other_function = settle_args();
    other_function.function_name = xdr::ScSymbol("settl".try_into().unwrap());
    let mut other_contract = settle_args();
    other_contract.contract_address = account(key().account_id());
    let mut other_code = creation_args();
    other_code.executable = ContractExecutable::StellarAsset;
    for foreign in [other_amount, other_function, other_contract].map(called) {
        assert!(!call.is_root_of(&foreign));
    }
    assert!(!creation().is_root_of(&recorded(created(other_code), Vec::new())));
    assert!(!call.is_root_of(&created_entry) && !creation().is_root_of(&own));
    for without in [
        ContractOperation::Upload { wasm: Vec::new() },
        ContractOperation::ExtendTtl { ledgers: 1 },
        ContractOperation::Restore,
    ] {
        assert!(!without.is_root_of(&own));
    }
}

#[test]
fn the_id_of_a_created_contract_is_known_before() {
    let expected = Sha256::digest(bytes(&HashIdPreimage::ContractId(
        HashIdPreimageContractId {
            network_id: Hash(*network().as_bytes()),
            contract_id_preimage: preimage(),
        },
    )));
    let id = created_contract_id(&network(), &key().account_id().into(), &[4; 32]);
    assert_eq!(id.as_bytes()[..], expected[..]);
}
