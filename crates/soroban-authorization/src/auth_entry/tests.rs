use coinslot_caip2_network::StellarNetwork;
use coinslot_stellar_address::{AccountId, ContractId};

use super::*;
use crate::SecretKey;

fn network() -> NetworkId {
    StellarNetwork::Testnet.network_id()
}

fn transfer(from: Address) -> Transfer {
    Transfer {
        token: ContractId::from_bytes([9; 32]),
        from,
        to: ContractId::from_bytes([8; 32]).into(),
        amount: 5,
    }
}

/// An entry by `account` with these signatures, in this order.
fn signed_by(account: AccountId, signatures: &[(AccountId, [u8; 64])]) -> AuthEntry {
    let unsigned = UnsignedAuthEntry::for_transfer(&transfer(account.into()), 1, 100);
    let mut one = Writer::default();
    account_signature::write(&mut one, &account, &[0; 64]);
    let one = one.finish();
    let map_bytes = one.len() - 12;
    let mut writer = Writer::default();
    writer.raw(&one[..8]).length(signatures.len());
    for (key, signature) in signatures {
        let mut single = Writer::default();
        account_signature::write(&mut single, key, signature);
        writer.raw(&single.finish()[12..][..map_bytes]);
    }
    let value = writer.finish();
    let bytes = unsigned.to_unsigned_entry().bytes;
    let void_at = 4 + 40 + 8 + 4;
    let all = [&bytes[..void_at], &value, &bytes[void_at + 4..]].concat();
    AuthEntry::from_xdr(&all).unwrap()
}

fn payload(account: AccountId) -> [u8; 32] {
    UnsignedAuthEntry::for_transfer(&transfer(account.into()), 1, 100).payload_hash(&network())
}

fn keys() -> [SecretKey; 2] {
    let mut keys = [SecretKey::from_seed([1; 32]), SecretKey::from_seed([2; 32])];
    keys.sort_by_key(SecretKey::account_id);
    keys
}

#[test]
fn the_accounts_own_signature_is_accepted() {
    let [key, _] = keys();
    let account = key.account_id();
    let entry = signed_by(account, &[(account, key.sign(&payload(account)))]);
    assert_eq!(entry.verify_account_signature(&network()), Ok(()));
    let elsewhere = StellarNetwork::Pubnet.network_id();
    assert_eq!(
        entry.verify_account_signature(&elsewhere),
        Err(SignatureError::Invalid { key: account })
    );
}

#[test]
fn several_signatures_must_be_in_order_and_all_valid() {
    let [first, second] = keys();
    let account = second.account_id();
    let by = |key: &SecretKey| (key.account_id(), key.sign(&payload(account)));
    let entry = signed_by(account, &[by(&first), by(&second)]);
    assert_eq!(entry.verify_account_signature(&network()), Ok(()));
    let entry = signed_by(account, &[by(&second), by(&first)]);
    assert_eq!(
        entry.verify_account_signature(&network()),
        Err(SignatureError::KeysNotAscending)
    );
    let entry = signed_by(account, &[by(&second), by(&second)]);
    assert_eq!(
        entry.verify_account_signature(&network()),
        Err(SignatureError::KeysNotAscending)
    );
    let forged = (first.account_id(), [3; 64]);
    let entry = signed_by(account, &[forged, by(&second)]);
    assert_eq!(
        entry.verify_account_signature(&network()),
        Err(SignatureError::Invalid {
            key: first.account_id()
        })
    );
}

#[test]
fn signatures_by_other_keys_leave_the_question_open() {
    let [first, second] = keys();
    let account = first.account_id();
    let entry = signed_by(
        account,
        &[(second.account_id(), second.sign(&payload(account)))],
    );
    assert_eq!(
        entry.verify_account_signature(&network()),
        Err(SignatureError::OtherSigners)
    );
}

#[test]
fn a_list_without_or_with_too_many_signatures_is_malformed() {
    let [key, _] = keys();
    let account = key.account_id();
    assert_eq!(
        signed_by(account, &[]).verify_account_signature(&network()),
        Err(SignatureError::Malformed)
    );
    let many: Vec<_> = (0..21)
        .map(|n| (AccountId::from_bytes([n; 32]), [0; 64]))
        .collect();
    assert_eq!(
        signed_by(account, &many).verify_account_signature(&network()),
        Err(SignatureError::Malformed)
    );
}

#[test]
fn unsigned_and_contract_entries_are_told_apart() {
    let [key, _] = keys();
    let by_account = UnsignedAuthEntry::for_transfer(&transfer(key.account_id().into()), 1, 2);
    assert_eq!(
        by_account
            .to_unsigned_entry()
            .verify_account_signature(&network()),
        Err(SignatureError::Unsigned)
    );
    let contract = ContractId::from_bytes([7; 32]);
    let by_contract = UnsignedAuthEntry::for_transfer(&transfer(contract.into()), 1, 2);
    let entry = by_contract.sign(&key, &network()).unwrap();
    assert_eq!(
        entry.verify_account_signature(&network()),
        Err(SignatureError::NotAnAccount)
    );
}

#[test]
fn only_the_payer_signs_and_only_for_real() {
    let [key, other] = keys();
    let unsigned = UnsignedAuthEntry::for_transfer(&transfer(key.account_id().into()), 1, 2);
    assert!(matches!(
        unsigned.sign(&other, &network()),
        Err(SignEntryError::WrongSigner { found, .. }) if found == other.account_id()
    ));
    assert!(matches!(
        unsigned.with_signature(&key.account_id(), &[0; 64], &network()),
        Err(SignEntryError::InvalidSignature)
    ));
    let muxed = coinslot_stellar_address::MuxedAccountId::new(key.account_id(), 1);
    let unsigned = UnsignedAuthEntry::for_transfer(&transfer(muxed.into()), 1, 2);
    assert!(matches!(
        unsigned.sign(&key, &network()),
        Err(SignEntryError::Muxed)
    ));
}

#[test]
fn a_signed_entry_is_not_signed_again() {
    let [key, _] = keys();
    let unsigned = UnsignedAuthEntry::for_transfer(&transfer(key.account_id().into()), 1, 2);
    let again = UnsignedAuthEntry::from_entry(&unsigned.to_unsigned_entry(), 2);
    assert_eq!(again.as_ref(), Ok(&unsigned));
    let signed = unsigned.sign(&key, &network()).unwrap();
    assert_eq!(
        UnsignedAuthEntry::from_entry(&signed, 2),
        Err(UnsignedEntryError::AlreadySigned)
    );
}

#[test]
fn what_the_source_account_allows_is_read_as_it_was_made() {
    let transfer = transfer(AccountId::from_bytes([7; 32]).into());
    let entry = AuthEntry::by_source_account(&transfer);
    assert_eq!(AuthEntry::from_xdr(entry.as_xdr()), Ok(entry.clone()));
    assert_eq!(entry.credential(), Credential::SourceAccount);
    assert_eq!(entry.transfer(), Some(transfer));
    assert!(!entry.has_sub_invocations());
    assert_eq!(
        entry.verify_account_signature(&network()),
        Err(SignatureError::NotAnAccount)
    );
}
