use coinslot_caip2_network::StellarNetwork;
use coinslot_stellar_address::{AccountId, Address, ContractId, MuxedAccountId};
use stellar_xdr::{
    self as xdr, HostFunction, InvokeContractArgs, InvokeHostFunctionOp, Limits, Operation,
    OperationBody, Preconditions, ScVal, Transaction, TransactionEnvelope, TransactionExt,
    TransactionV1Envelope, WriteXdr as _,
};

use super::*;
use crate::{DecodeErrorKind, NotATransferKind, SecretKey, Transfer};

const LIMITS: Limits = Limits {
    depth: 500,
    len: 1_000_000,
};

fn network() -> NetworkId {
    StellarNetwork::Testnet.network_id()
}

fn transaction() -> TransferTransaction {
    TransferTransaction {
        source: AccountId::ALL_ZEROS,
        sequence: 7,
        fee: 100,
        max_time: None,
        transfer: Transfer {
            token: ContractId::from_bytes([1; 32]),
            from: AccountId::from_bytes([2; 32]).into(),
            to: AccountId::from_bytes([3; 32]).into(),
            amount: -1,
        },
        auth: Vec::new(),
        resources: None,
    }
}

/// A transfer, changed in the terms of `stellar-xdr`.
fn changed(change: impl FnOnce(&mut Transaction)) -> Envelope {
    use stellar_xdr::ReadXdr as _;
    let bytes = transaction().to_envelope().to_xdr();
    let TransactionEnvelope::Tx(mut envelope) =
        TransactionEnvelope::from_xdr(bytes, LIMITS).unwrap()
    else {
        unreachable!("a transaction of the current version")
    };
    change(&mut envelope.tx);
    let bytes = TransactionEnvelope::Tx(envelope).to_xdr(LIMITS).unwrap();
    Envelope::from_xdr(&bytes).unwrap()
}

fn changed_call(change: impl FnOnce(&mut InvokeContractArgs)) -> Envelope {
    changed(|transaction| {
        let mut operation = transaction.operations[0].clone();
        let OperationBody::InvokeHostFunction(body) = &mut operation.body else {
            unreachable!("an invocation")
        };
        let HostFunction::InvokeContract(call) = &mut body.host_function else {
            unreachable!("a call")
        };
        change(call);
        transaction.operations = [operation].try_into().unwrap();
    })
}

fn changed_argument(index: usize, value: ScVal) -> Envelope {
    changed_call(|call| {
        let mut arguments = call.args.to_vec();
        arguments[index] = value;
        call.args = arguments.try_into().unwrap();
    })
}

fn kind(envelope: &Envelope) -> NotATransferKind {
    TransferEnvelope::recognise(envelope).unwrap_err().kind()
}

#[test]
fn the_number_of_operations_is_counted() {
    let none = changed(|transaction| transaction.operations = [].try_into().unwrap());
    assert_eq!(kind(&none), NotATransferKind::OperationCount { found: 0 });
    let two = changed(|transaction| {
        let operation = transaction.operations[0].clone();
        transaction.operations = [operation.clone(), operation].try_into().unwrap();
    });
    assert_eq!(kind(&two), NotATransferKind::OperationCount { found: 2 });
}

#[test]
fn each_step_has_its_kind() {
    let other = changed(|transaction| {
        let operation = Operation {
            source_account: None,
            body: OperationBody::Inflation,
        };
        transaction.operations = [operation].try_into().unwrap();
    });
    assert_eq!(kind(&other), NotATransferKind::NotAnInvocation);
    let upload = changed(|transaction| {
        let body = OperationBody::InvokeHostFunction(InvokeHostFunctionOp {
            host_function: HostFunction::UploadContractWasm([0; 3].try_into().unwrap()),
            auth: [].try_into().unwrap(),
        });
        let operation = Operation {
            source_account: None,
            body,
        };
        transaction.operations = [operation].try_into().unwrap();
    });
    assert_eq!(kind(&upload), NotATransferKind::NotAContractCall);
    let account = changed_call(|call| {
        call.contract_address = xdr::ScAddress::Account(xdr::AccountId(
            xdr::PublicKey::PublicKeyTypeEd25519(xdr::Uint256([1; 32])),
        ));
    });
    assert_eq!(kind(&account), NotATransferKind::NotAContract);
    for name in ["Transfer", "transfer_from", "transfe", ""] {
        let function =
            changed_call(|call| call.function_name = xdr::ScSymbol(name.try_into().unwrap()));
        assert_eq!(kind(&function), NotATransferKind::WrongFunction);
    }
    for found in [0, 2, 4] {
        let arguments = changed_call(|call| {
            let arguments: Vec<_> = call.args.iter().cycle().take(found).cloned().collect();
            call.args = arguments.try_into().unwrap();
        });
        let found = u32::try_from(found).unwrap();
        assert_eq!(kind(&arguments), NotATransferKind::ArgumentCount { found });
    }
    assert_eq!(
        kind(&changed_argument(0, ScVal::Void)),
        NotATransferKind::FromNotAnAddress
    );
    assert_eq!(
        kind(&changed_argument(1, ScVal::I64(3))),
        NotATransferKind::ToNotAnAddress
    );
    for amount in [
        ScVal::I64(1),
        ScVal::U128(xdr::UInt128Parts { hi: 0, lo: 1 }),
        ScVal::U32(1),
    ] {
        assert_eq!(
            kind(&changed_argument(2, amount)),
            NotATransferKind::AmountNotAnI128
        );
    }
    let pool = ScVal::Address(xdr::ScAddress::LiquidityPool(xdr::PoolId(xdr::Hash(
        [1; 32],
    ))));
    assert_eq!(
        kind(&changed_argument(1, pool)),
        NotATransferKind::ToNotAnAddress
    );
}

#[test]
fn sources_are_reported_as_what_they_are() {
    let muxed = |key: u8| {
        xdr::MuxedAccount::MuxedEd25519(xdr::MuxedAccountMed25519 {
            id: 5,
            ed25519: xdr::Uint256([key; 32]),
        })
    };
    let envelope = changed(|transaction| {
        transaction.source_account = muxed(8);
        let mut operation = transaction.operations[0].clone();
        operation.source_account = Some(muxed(9));
        transaction.operations = [operation].try_into().unwrap();
    });
    let found = TransferEnvelope::recognise(&envelope).unwrap();
    let muxed = |key: u8| Address::Muxed(MuxedAccountId::new(AccountId::from_bytes([key; 32]), 5));
    assert_eq!(found.source, muxed(8));
    assert_eq!(found.operation_source, Some(muxed(9)));
}

#[test]
fn preconditions_are_reported() {
    let none = xdr::PreconditionsV2 {
        time_bounds: None,
        ledger_bounds: None,
        min_seq_num: None,
        min_seq_age: xdr::Duration(0),
        min_seq_ledger_gap: 0,
        extra_signers: [].try_into().unwrap(),
    };
    let report = |conditions: xdr::PreconditionsV2| {
        let envelope = changed(|transaction| transaction.cond = Preconditions::V2(conditions));
        let found = TransferEnvelope::recognise(&envelope).unwrap();
        (
            found.time_bounds.map(|bounds| bounds.max_time),
            found.has_other_preconditions,
        )
    };
    assert_eq!(report(none.clone()), (None, false));
    let timed = xdr::TimeBounds {
        min_time: xdr::TimePoint(1),
        max_time: xdr::TimePoint(2),
    };
    assert_eq!(
        report(xdr::PreconditionsV2 {
            time_bounds: Some(timed),
            ..none.clone()
        }),
        (Some(2), false)
    );
    let bounds = xdr::LedgerBounds {
        min_ledger: 0,
        max_ledger: 1,
    };
    assert_eq!(
        report(xdr::PreconditionsV2 {
            ledger_bounds: Some(bounds),
            ..none.clone()
        }),
        (None, true)
    );
    let sequence = Some(xdr::SequenceNumber(1));
    assert_eq!(
        report(xdr::PreconditionsV2 {
            min_seq_num: sequence,
            ..none.clone()
        }),
        (None, true)
    );
    let age = xdr::Duration(1);
    assert_eq!(
        report(xdr::PreconditionsV2 {
            min_seq_age: age,
            ..none.clone()
        }),
        (None, true)
    );
    assert_eq!(
        report(xdr::PreconditionsV2 {
            min_seq_ledger_gap: 1,
            ..none.clone()
        }),
        (None, true)
    );
    let signers = [xdr::SignerKey::HashX(xdr::Uint256([1; 32]))]
        .try_into()
        .unwrap();
    assert_eq!(
        report(xdr::PreconditionsV2 {
            extra_signers: signers,
            ..none
        }),
        (None, true)
    );
}

#[test]
fn every_memo_survives() {
    let text = "twenty-eight bytes, no more!";
    for memo in [
        Memo::None,
        Memo::Text(text.into()),
        Memo::Id(u64::MAX),
        Memo::Hash([1; 32]),
        Memo::Return([2; 32]),
    ] {
        let envelope = transaction().to_envelope_with_memo(&memo);
        assert_eq!(Envelope::from_xdr(envelope.as_xdr()), Ok(envelope.clone()));
        assert_eq!(TransferEnvelope::recognise(&envelope).unwrap().memo, memo);
    }
    let long = transaction().to_envelope_with_memo(&Memo::Text(format!("{text}!").into()));
    assert_eq!(
        TransferEnvelope::recognise(&long).unwrap().memo,
        Memo::Text(text.into())
    );
}

#[test]
fn the_first_version_is_hashed_as_the_network_does_and_is_no_transfer() {
    let old = TransactionEnvelope::TxV0(xdr::TransactionV0Envelope {
        tx: TransactionV0 {
            source_account_ed25519: xdr::Uint256([4; 32]),
            fee: 100,
            seq_num: xdr::SequenceNumber(1),
            time_bounds: None,
            memo: xdr::Memo::None,
            operations: [].try_into().unwrap(),
            ext: xdr::TransactionV0Ext::V0,
        },
        signatures: [].try_into().unwrap(),
    });
    let envelope = Envelope::from_xdr(&old.to_xdr(LIMITS).unwrap()).unwrap();
    let expected = old.hash(*network().as_bytes()).unwrap();
    assert_eq!(
        envelope.hash(&network()),
        TransactionHash::from_bytes(expected)
    );
    assert_eq!(kind(&envelope), NotATransferKind::OldEnvelope);
    assert_eq!(
        fee_bump(&envelope, AccountId::ALL_ZEROS, 200),
        Err(FeeBumpError::OldEnvelope)
    );
}

#[test]
fn only_a_signed_transaction_is_bumped_and_only_once() {
    let mut envelope = transaction().to_envelope();
    let source = AccountId::from_bytes([5; 32]);
    assert_eq!(
        fee_bump(&envelope, source, 200),
        Err(FeeBumpError::Unsigned)
    );
    envelope
        .sign(&SecretKey::from_seed([6; 32]), &network())
        .unwrap();
    let bumped = fee_bump(&envelope, source, 200).unwrap();
    assert_eq!(
        fee_bump(&bumped, source, 200),
        Err(FeeBumpError::AlreadyBumped)
    );
    assert!(bumped.is_fee_bump() && !envelope.is_fee_bump());
    assert_eq!(envelope.inner(), None);
    assert_eq!(envelope.inner_hash(&network()), envelope.hash(&network()));
}

#[test]
fn an_envelope_knows_who_signed_it() {
    let [source, payer, stranger] = [1, 2, 3].map(|seed| SecretKey::from_seed([seed; 32]));
    let mut envelope = transaction().to_envelope();
    assert!(!envelope.is_signed_by(&source.account_id(), &network()));
    envelope.sign(&stranger, &network()).unwrap();
    envelope.sign(&source, &network()).unwrap();
    assert!(envelope.is_signed_by(&source.account_id(), &network()));
    assert!(!envelope.is_signed_by(&payer.account_id(), &network()));
    let elsewhere = StellarNetwork::Pubnet.network_id();
    assert!(!envelope.is_signed_by(&source.account_id(), &elsewhere));
    assert_eq!(envelope.fee_source(), None);

    let mut bumped = fee_bump(&envelope, payer.account_id(), 200).unwrap();
    assert_eq!(bumped.fee_source(), Some(payer.account_id().into()));
    assert!(!bumped.is_signed_by(&source.account_id(), &network()));
    bumped.sign(&payer, &network()).unwrap();
    assert!(bumped.is_signed_by(&payer.account_id(), &network()));

    let mut damaged = envelope.to_xdr();
    let last = damaged.len() - 1;
    damaged[last] ^= 1;
    let damaged = Envelope::from_xdr(&damaged).unwrap();
    assert!(!damaged.is_signed_by(&source.account_id(), &network()));
    assert!(damaged.is_signed_by(&stranger.account_id(), &network()));
}

#[test]
fn a_fee_bump_pays_no_less_than_the_network_takes() {
    let source = AccountId::from_bytes([5; 32]);
    let least = |fee: u32, resource_fee: Option<i64>| {
        let empty = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        let resources = crate::SorobanResources::from_base64(empty).unwrap();
        let transaction = TransferTransaction {
            fee,
            resources: resource_fee.map(|fee| resources.with_resource_fee(fee)),
            ..transaction()
        };
        let mut envelope = transaction.to_envelope();
        envelope
            .sign(&SecretKey::from_seed([6; 32]), &network())
            .unwrap();
        let Err(FeeBumpError::FeeTooLow { minimum }) = fee_bump(&envelope, source, i64::MIN) else {
            unreachable!("no fee is that low")
        };
        assert!(fee_bump(&envelope, source, minimum - 1).is_err());
        assert!(fee_bump(&envelope, source, minimum).is_ok());
        minimum
    };
    assert_eq!(least(100, None), 200);
    assert_eq!(least(0, None), 200);
    assert_eq!(least(1_000, None), 2_000);
    assert_eq!(least(40_100, Some(40_000)), 40_200);
    assert_eq!(least(50_000, Some(40_000)), 60_000);
    assert_eq!(least(100, Some(40_000)), 40_200);
    assert_eq!(least(100, Some(i64::MIN)), i64::MAX);
}

#[test]
fn there_is_room_for_twenty_signatures() {
    let mut envelope = transaction().to_envelope();
    let hash = envelope.hash(&network());
    for seed in 0..20 {
        envelope
            .sign(&SecretKey::from_seed([seed; 32]), &network())
            .unwrap();
    }
    assert_eq!(envelope.hash(&network()), hash);
    assert_eq!(Envelope::from_xdr(envelope.as_xdr()), Ok(envelope.clone()));
    let before = envelope.clone();
    assert!(matches!(
        envelope.sign(&SecretKey::from_seed([20; 32]), &network()),
        Err(SignEnvelopeError::TooManySignatures)
    ));
    assert_eq!(envelope, before);
}

#[test]
fn nesting_is_bounded() {
    // A list (16) that is present (1) and has one element, again and again; then nothing (1).
    let nested = |depth: usize| {
        let mut bytes = transaction().to_envelope().to_xdr();
        // In place of the last argument, an i128 of 20 bytes, before three counts.
        let end = bytes.split_off(bytes.len() - 12);
        bytes.truncate(bytes.len() - 20);
        for _ in 0..depth {
            bytes.extend([0, 0, 0, 16, 0, 0, 0, 1, 0, 0, 0, 1]);
        }
        bytes.extend([0, 0, 0, 1]);
        bytes.extend(end);
        Envelope::from_xdr(&bytes)
    };
    assert!(nested(10).is_ok());
    assert_eq!(nested(1_000).unwrap_err().kind(), DecodeErrorKind::TooDeep);
    assert_eq!(nested(10_000).unwrap_err().kind(), DecodeErrorKind::TooDeep);
}

/// `stellar-xdr` takes any number for a boolean; two encodings would be two hashes of one thing.
#[test]
fn a_boolean_has_one_encoding() {
    let envelope = changed_argument(2, ScVal::Bool(true));
    let mut bytes = envelope.to_xdr();
    let at = bytes.len() - 12 - 1;
    assert_eq!(bytes[at], 1);
    bytes[at] = 2;
    assert_eq!(
        Envelope::from_xdr(&bytes).unwrap_err().kind(),
        DecodeErrorKind::InvalidValue
    );
}

#[test]
fn a_length_without_its_bytes_allocates_nothing() {
    let mut bytes = transaction().to_envelope().to_xdr();
    let auth_count = bytes.len() - 12;
    bytes[auth_count..auth_count + 4].copy_from_slice(&u32::MAX.to_be_bytes());
    assert_eq!(
        Envelope::from_xdr(&bytes).unwrap_err().kind(),
        DecodeErrorKind::UnexpectedEnd
    );
    bytes.truncate(auth_count + 4);
    assert_eq!(
        Envelope::from_xdr(&bytes).unwrap_err().kind(),
        DecodeErrorKind::UnexpectedEnd
    );
}

#[test]
fn the_soroban_extension_is_kept() {
    let envelope = changed(|transaction| {
        transaction.ext = TransactionExt::V1(xdr::SorobanTransactionData {
            ext: xdr::SorobanTransactionDataExt::V0,
            resources: xdr::SorobanResources {
                footprint: xdr::LedgerFootprint {
                    read_only: [].try_into().unwrap(),
                    read_write: [].try_into().unwrap(),
                },
                instructions: 1,
                disk_read_bytes: 2,
                write_bytes: 3,
            },
            resource_fee: 4,
        });
    });
    let resources = TransferEnvelope::recognise(&envelope)
        .unwrap()
        .resources
        .unwrap();
    assert_eq!(resources.resource_fee(), 4);
    let dearer = resources.clone().with_resource_fee(5);
    assert_eq!(dearer.resource_fee(), 5);
    assert_eq!(
        crate::SorobanResources::from_base64(&dearer.to_base64()),
        Ok(dearer.clone())
    );
    assert_eq!(dearer.with_resource_fee(4), resources);
}

#[test]
fn the_example_is_what_the_type_says() {
    let envelope = TransactionEnvelope::Tx(TransactionV1Envelope {
        tx: Transaction {
            source_account: xdr::MuxedAccount::Ed25519(xdr::Uint256([0; 32])),
            fee: 100,
            seq_num: xdr::SequenceNumber(7),
            cond: Preconditions::None,
            memo: xdr::Memo::None,
            operations: [].try_into().unwrap(),
            ext: TransactionExt::V0,
        },
        signatures: [].try_into().unwrap(),
    });
    let same = changed(|transaction| transaction.operations = [].try_into().unwrap());
    assert_eq!(same.to_xdr(), envelope.to_xdr(LIMITS).unwrap());
}
