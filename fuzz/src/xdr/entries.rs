//! Authorization entries, resources and events.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use coinslot_soroban_authorization::{
    AuthEntry, ContractEvent, Credential, LedgerKey, SorobanResources,
};
use coinslot_stellar_address::Address;
use stellar_xdr::{
    ContractEventBody, DiagnosticEvent, ReadXdr as _, ScVal, SorobanAuthorizationEntry,
    SorobanAuthorizedFunction, SorobanCredentials, SorobanTransactionData, WriteXdr,
};

use super::{
    NETWORK, agree_by_base64, allowance, compare, lenient,
    parties::{amount_value, as_transfer, party, party_value},
};
use crate::memory;

/// Exact, differential, bounded.
pub(crate) fn auth_entry(data: &[u8]) {
    let ours = memory::at_most(allowance(data), || AuthEntry::from_xdr(data));
    agree_by_base64(data, &ours, AuthEntry::from_base64);
    let Some(reference) = compare::<SorobanAuthorizationEntry, _>(data, &ours) else {
        return;
    };
    let entry = ours.expect("compared");
    assert_eq!(entry.as_xdr(), data);
    assert_eq!(entry.to_base64(), BASE64_STANDARD.encode(data));
    match (&reference.credentials, entry.credential()) {
        (SorobanCredentials::SourceAccount, Credential::SourceAccount) => {}
        (
            SorobanCredentials::Address(theirs),
            Credential::Address {
                address,
                nonce,
                expiration_ledger,
                signed,
            },
        ) => {
            assert_eq!(party(&theirs.address), Some(address));
            assert_eq!(theirs.nonce, nonce);
            assert_eq!(theirs.signature_expiration_ledger, expiration_ledger);
            assert_eq!(theirs.signature != ScVal::Void, signed);
        }
        (SorobanCredentials::Address(theirs), Credential::Unsupported) => {
            assert_eq!(party(&theirs.address), None);
        }
        (SorobanCredentials::SourceAccount | SorobanCredentials::Address(_), ours) => {
            panic!("the credential is read as {ours:?}");
        }
        (_, ours) => assert_eq!(ours, Credential::Unsupported),
    }
    assert_eq!(
        entry.has_sub_invocations(),
        !reference.root_invocation.sub_invocations.is_empty()
    );
    let transfer = match &reference.root_invocation.function {
        SorobanAuthorizedFunction::ContractFn(call) => as_transfer(call),
        _ => None,
    };
    assert_eq!(entry.transfer(), transfer);
    // Verification says yes or no to anything, and yes only once it is signed.
    let verdict = entry.verify_account_signature(&NETWORK);
    if verdict.is_ok() {
        assert!(matches!(
            entry.credential(),
            Credential::Address { signed: true, .. }
        ));
    }
}

/// Exact, differential, bounded; a fee that is set is the fee that is read.
pub(crate) fn soroban_resources(data: &[u8]) {
    let ours = memory::at_most(allowance(data), || SorobanResources::from_xdr(data));
    agree_by_base64(data, &ours, SorobanResources::from_base64);
    let Some(mut reference) = compare::<SorobanTransactionData, _>(data, &ours) else {
        return;
    };
    let resources = ours.expect("compared");
    assert_eq!(resources.as_xdr(), data);
    assert_eq!(resources.instructions(), reference.resources.instructions);
    assert_eq!(
        resources.disk_read_bytes(),
        reference.resources.disk_read_bytes
    );
    assert_eq!(resources.write_bytes(), reference.resources.write_bytes);
    assert_eq!(resources.resource_fee(), reference.resource_fee);
    let dearer = resources.with_resource_fee(i64::MAX);
    reference.resource_fee = i64::MAX;
    assert_eq!(dearer.resource_fee(), i64::MAX);
    assert_eq!(
        dearer.as_xdr(),
        reference.to_xdr(lenient(data)).expect("it was just read")
    );
}

/// Exact, differential, bounded; in a footprint it is the key that was read.
pub(crate) fn ledger_key(data: &[u8]) {
    let ours = memory::at_most(allowance(data), || LedgerKey::from_xdr(data));
    let Some(reference) = compare::<stellar_xdr::LedgerKey, _>(data, &ours) else {
        return;
    };
    let key = ours.expect("compared");
    assert_eq!(key.as_xdr(), data);
    assert_eq!(key.to_base64(), BASE64_STANDARD.encode(data));
    let written = SorobanResources::read_write(&[key]);
    let limits = lenient(written.as_xdr());
    let read = SorobanTransactionData::from_xdr(written.as_xdr(), limits).expect("a footprint");
    assert_eq!(read.resources.footprint.read_write.as_slice(), [reference]);
}

/// Differential, bounded: as an event, and as a diagnostic event.
pub(crate) fn contract_event(data: &[u8]) {
    let ours = memory::at_most(allowance(data), || ContractEvent::from_xdr(data));
    agree_by_base64(data, &ours, ContractEvent::from_base64);
    if let Some(reference) = compare::<stellar_xdr::ContractEvent, _>(data, &ours) {
        check_event(&ours.expect("compared"), &reference);
    }
    let text = BASE64_STANDARD.encode(data);
    let most = allowance(data).saturating_add(text.len());
    let diagnostic = memory::at_most(most, || ContractEvent::from_diagnostic_base64(&text));
    if let Some(reference) = compare::<DiagnosticEvent, _>(data, &diagnostic) {
        check_event(&diagnostic.expect("compared"), &reference.event);
    }
}

fn check_event(ours: &ContractEvent, reference: &stellar_xdr::ContractEvent) {
    let ContractEventBody::V0(body) = &reference.body;
    assert_eq!(
        ours.is_contract_type(),
        reference.type_ == stellar_xdr::ContractEventType::Contract
    );
    assert_eq!(
        ours.contract().map(|id| *id.as_bytes()),
        reference.contract_id.as_ref().map(|id| id.0.0)
    );
    assert_eq!(ours.topic_count(), body.topics.len());
    let bytes = reference
        .to_xdr(lenient(ours.as_xdr()))
        .expect("it was just read");
    assert_eq!(ours.as_xdr(), bytes);
    let Some(transfer) = ours.as_transfer() else {
        return;
    };
    assert!(ours.is_contract_type() && ours.name() == Some("transfer"));
    assert_eq!(Some(transfer.contract), ours.contract());
    let [_, from, to, ..] = body.topics.as_slice() else {
        panic!("a transfer of fewer than three topics")
    };
    assert_eq!(party_value(from), Some(transfer.from));
    let to = party_value(to).expect("an address");
    assert_eq!(to.account_key(), transfer.to.account_key());
    if !matches!(transfer.to, Address::Muxed(_)) {
        assert_eq!(to, transfer.to);
    }
    let amounts: Vec<i128> = match &body.data {
        ScVal::I128(parts) => vec![i128::from(parts)],
        ScVal::Map(Some(map)) => map
            .iter()
            .filter_map(|entry| amount_value(&entry.val))
            .collect(),
        other => panic!("a transfer of {other:?}"),
    };
    assert!(amounts.contains(&transfer.amount));
}
