//! Transactions: decoded, hashed, recognised and built again.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use coinslot_soroban_authorization::{
    Envelope, Memo, Transfer, TransferEnvelope, TransferTransaction,
};
use coinslot_stellar_address::{AccountId, Address, MuxedAccountId};
use sha2::{Digest as _, Sha256};
use stellar_xdr::{
    FeeBumpTransactionInnerTx, Hash, HostFunction, Limits, MuxedAccount, OperationBody,
    Preconditions, Transaction, TransactionEnvelope, TransactionExt, TransactionSignaturePayload,
    TransactionSignaturePayloadTaggedTransaction, Uint256, WriteXdr,
};

use super::{
    NETWORK, agree_by_base64, allowance, compare, lenient, parties::as_transfer, read_canonical,
    strict,
};
use crate::memory;

/// Exact, differential (also the hashes), bounded.
pub(crate) fn envelope(data: &[u8]) {
    let ours = memory::at_most(allowance(data), || Envelope::from_xdr(data));
    agree_by_base64(data, &ours, Envelope::from_base64);
    let Some(reference) = compare::<TransactionEnvelope, _>(data, &ours) else {
        return;
    };
    let envelope = ours.expect("compared");
    assert_eq!(envelope.to_xdr(), data);
    assert_eq!(
        envelope.is_fee_bump(),
        matches!(reference, TransactionEnvelope::TxFeeBump(_))
    );
    let signatures = match &reference {
        TransactionEnvelope::TxV0(v0) => v0.signatures.len(),
        TransactionEnvelope::Tx(v1) => v1.signatures.len(),
        TransactionEnvelope::TxFeeBump(bump) => bump.signatures.len(),
    };
    assert_eq!(usize::try_from(envelope.signature_count()), Ok(signatures));
    assert_eq!(envelope.hash(&NETWORK).as_bytes(), &hash(&reference));
    match &reference {
        TransactionEnvelope::TxFeeBump(bump) => {
            let FeeBumpTransactionInnerTx::Tx(inner) = &bump.tx.inner_tx;
            let inner = TransactionEnvelope::Tx(inner.clone());
            assert_eq!(envelope.inner_hash(&NETWORK).as_bytes(), &hash(&inner));
            let bytes = inner.to_xdr(lenient(data)).expect("it was just read");
            assert_eq!(
                envelope.inner().expect("an inner transaction").to_xdr(),
                bytes
            );
        }
        _ => {
            assert_eq!(envelope.inner_hash(&NETWORK), envelope.hash(&NETWORK));
            assert!(envelope.inner().is_none());
        }
    }
}

/// Differential (every field), exact where it can be built again, bounded.
pub(crate) fn recognise(data: &[u8]) {
    let text = BASE64_STANDARD.encode(data);
    let ours = memory::at_most(allowance(data).saturating_add(text.len()), || {
        TransferEnvelope::from_base64(&text)
    });
    let by_steps = Envelope::from_xdr(data)
        .ok()
        .map(|envelope| TransferEnvelope::recognise(&envelope));
    match (&ours, &by_steps) {
        (Ok(one), Some(Ok(other))) => assert_eq!(format!("{one:?}"), format!("{other:?}")),
        (Err(_), None) => {}
        (Err(one), Some(Err(other))) => assert_eq!(one.kind(), other.kind()),
        (one, other) => panic!("at once {one:?}, in steps {other:?}"),
    }
    let Ok(ours) = ours else {
        if let Some(reference) = read_canonical::<TransactionEnvelope>(data, strict(data)) {
            assert!(
                transfer_in(&reference).is_none(),
                "a transfer is not recognised"
            );
        }
        return;
    };
    let reference = read_canonical::<TransactionEnvelope>(data, lenient(data))
        .expect("what we recognise is XDR");
    let (transaction, transfer) = transfer_in(&reference).expect("what we recognise is a transfer");
    let operation = &transaction.operations[0];
    assert_eq!(ours.transfer, transfer);
    assert_eq!(ours.source, source(&transaction.source_account));
    assert_eq!(
        ours.operation_source,
        operation.source_account.as_ref().map(source)
    );
    assert_eq!(ours.fee, transaction.fee);
    assert_eq!(ours.sequence, transaction.seq_num.0);
    let (bounds, others) = match &transaction.cond {
        Preconditions::None => (None, false),
        Preconditions::Time(bounds) => (Some(bounds), false),
        Preconditions::V2(all) => {
            let without = stellar_xdr::PreconditionsV2 {
                time_bounds: None,
                ledger_bounds: None,
                min_seq_num: None,
                min_seq_age: stellar_xdr::Duration(0),
                min_seq_ledger_gap: 0,
                extra_signers: stellar_xdr::VecM::default(),
            };
            let others = stellar_xdr::PreconditionsV2 {
                time_bounds: None,
                ..all.clone()
            } != without;
            (all.time_bounds.as_ref(), others)
        }
    };
    assert_eq!(
        ours.time_bounds
            .map(|bounds| (bounds.min_time, bounds.max_time)),
        bounds.map(|bounds| (bounds.min_time.0, bounds.max_time.0))
    );
    assert_eq!(ours.has_other_preconditions, others);
    assert_eq!(
        ours.memo == Memo::None,
        transaction.memo == stellar_xdr::Memo::None
    );
    let OperationBody::InvokeHostFunction(call) = &operation.body else {
        panic!("no host function")
    };
    let entries: Vec<_> = call
        .auth
        .iter()
        .map(|entry| entry.to_xdr(lenient(data)).expect("it was just read"))
        .collect();
    assert_eq!(
        ours.auth
            .iter()
            .map(|entry| entry.as_xdr().to_vec())
            .collect::<Vec<_>>(),
        entries
    );
    let resources = match &transaction.ext {
        TransactionExt::V0 => None,
        TransactionExt::V1(resources) => {
            Some(resources.to_xdr(lenient(data)).expect("it was just read"))
        }
    };
    assert_eq!(
        ours.resources
            .as_ref()
            .map(|resources| resources.as_xdr().to_vec()),
        resources
    );
    build_again(&ours, transaction);
}

/// A transaction of the form that we build is built again to the same bytes.
fn build_again(recognised: &TransferEnvelope, transaction: &Transaction) {
    let plain = recognised.operation_source.is_none()
        && !recognised.has_other_preconditions
        && !matches!(transaction.cond, Preconditions::V2(_))
        && recognised
            .time_bounds
            .is_none_or(|bounds| bounds.min_time == 0);
    let Address::Account(source) = recognised.source else {
        return;
    };
    if !plain {
        return;
    }
    let built = TransferTransaction {
        source,
        sequence: recognised.sequence,
        fee: recognised.fee,
        max_time: recognised.time_bounds.map(|bounds| bounds.max_time),
        transfer: recognised.transfer,
        auth: recognised.auth.clone(),
        resources: recognised.resources.clone(),
    };
    let built = built.to_envelope_with_memo(&recognised.memo);
    let signed = stellar_xdr::TransactionV1Envelope {
        tx: transaction.clone(),
        signatures: stellar_xdr::VecM::default(),
    };
    let bytes = TransactionEnvelope::Tx(signed)
        .to_xdr(Limits {
            depth: 1_000,
            len: 1_000_000,
        })
        .expect("it was just read");
    assert_eq!(built.to_xdr(), bytes);
}

fn transfer_in(envelope: &TransactionEnvelope) -> Option<(&Transaction, Transfer)> {
    let TransactionEnvelope::Tx(envelope) = envelope else {
        return None;
    };
    let [operation] = envelope.tx.operations.as_slice() else {
        return None;
    };
    let OperationBody::InvokeHostFunction(invocation) = &operation.body else {
        return None;
    };
    let HostFunction::InvokeContract(call) = &invocation.host_function else {
        return None;
    };
    Some((&envelope.tx, as_transfer(call)?))
}

fn source(account: &MuxedAccount) -> Address {
    match account {
        MuxedAccount::Ed25519(Uint256(key)) => Address::Account(AccountId::from_bytes(*key)),
        MuxedAccount::MuxedEd25519(muxed) => Address::Muxed(MuxedAccountId::new(
            AccountId::from_bytes(muxed.ed25519.0),
            muxed.id,
        )),
    }
}

/// The hash by the network's own definition.
fn hash(envelope: &TransactionEnvelope) -> [u8; 32] {
    let tagged = match envelope {
        // A transaction of the old form is hashed as one of the new.
        TransactionEnvelope::TxV0(old) => {
            TransactionSignaturePayloadTaggedTransaction::Tx(Transaction {
                source_account: MuxedAccount::Ed25519(old.tx.source_account_ed25519.clone()),
                fee: old.tx.fee,
                seq_num: old.tx.seq_num.clone(),
                cond: old
                    .tx
                    .time_bounds
                    .clone()
                    .map_or(Preconditions::None, Preconditions::Time),
                memo: old.tx.memo.clone(),
                operations: old.tx.operations.clone(),
                ext: TransactionExt::V0,
            })
        }
        TransactionEnvelope::Tx(new) => {
            TransactionSignaturePayloadTaggedTransaction::Tx(new.tx.clone())
        }
        TransactionEnvelope::TxFeeBump(bump) => {
            TransactionSignaturePayloadTaggedTransaction::TxFeeBump(bump.tx.clone())
        }
    };
    let payload = TransactionSignaturePayload {
        network_id: Hash(*NETWORK.as_bytes()),
        tagged_transaction: tagged,
    };
    let bytes = payload
        .to_xdr(Limits {
            depth: 1_000,
            len: 1_000_000,
        })
        .expect("it was just read");
    Sha256::digest(bytes).into()
}
