//! Properties, most of them by comparison with `stellar-xdr`.

#![allow(clippy::unwrap_used)]

use coinslot_caip2_network::NetworkId;
use coinslot_soroban_authorization::{
    Argument, AuthEntry, ContractEvent, Credential, Envelope, Invocation, Memo, SecretKey,
    SorobanResources, TransactionHash, Transfer, TransferEnvelope, TransferTransaction,
    UnsignedAuthEntry, fee_bump, verify_signature,
};
use coinslot_stellar_address::{AccountId, Address, ContractId, MuxedAccountId};
use proptest::{collection::vec, option, prelude::*, sample::Index};
use stellar_xdr::{self as xdr, Limits, ReadXdr, ScVal, TransactionEnvelope, WriteXdr};

const LIMITS: Limits = Limits {
    depth: 500,
    len: 1 << 20,
};

fn account() -> impl Strategy<Value = AccountId> {
    any::<[u8; 32]>().prop_map(AccountId::from_bytes)
}

fn contract() -> impl Strategy<Value = ContractId> {
    any::<[u8; 32]>().prop_map(ContractId::from_bytes)
}

fn address() -> impl Strategy<Value = Address> {
    prop_oneof![
        account().prop_map(Address::Account),
        contract().prop_map(Address::Contract),
        (account(), any::<u64>())
            .prop_map(|(account, id)| Address::Muxed(MuxedAccountId::new(account, id))),
    ]
}

fn network() -> impl Strategy<Value = NetworkId> {
    any::<[u8; 32]>().prop_map(NetworkId::from_bytes)
}

prop_compose! {
    fn transfer()(token in contract(), from in address(), to in address(), amount in any::<i128>())
        -> Transfer {
        Transfer { token, from, to, amount }
    }
}

prop_compose! {
    fn entry()(transfer in transfer(), nonce: i64, expiration: u32, seed: [u8; 32],
        network in network(), signed: bool, below: bool) -> AuthEntry {
        let key = SecretKey::from_seed(seed);
        let transfer = Transfer { from: key.account_id().into(), ..transfer };
        let mut unsigned = UnsignedAuthEntry::for_transfer(&transfer, nonce, expiration);
        if below {
            let inner = Invocation::new(transfer.token, "below").unwrap();
            let call = Invocation::new(transfer.token, "above").unwrap()
                .argument(Argument::Address(transfer.to))
                .argument(Argument::Bytes(seed[..5].to_vec()))
                .argument(Argument::U32(expiration))
                .argument(Argument::U64(7))
                .below(inner);
            unsigned =
                UnsignedAuthEntry::for_invocation(transfer.from, &call, nonce, expiration);
        }
        if signed { unsigned.sign(&key, &network).unwrap() } else { unsigned.to_unsigned_entry() }
    }
}

fn ledger_key() -> impl Strategy<Value = xdr::LedgerKey> {
    let id =
        |key: [u8; 32]| xdr::AccountId(xdr::PublicKey::PublicKeyTypeEd25519(xdr::Uint256(key)));
    let contract = |key: [u8; 32]| xdr::ScAddress::Contract(xdr::ContractId(xdr::Hash(key)));
    let durability = xdr::ContractDataDurability::Temporary;
    (any::<[u8; 32]>(), 0..9).prop_map(move |(key, which)| match which {
        0 => xdr::LedgerKey::Account(xdr::LedgerKeyAccount {
            account_id: id(key),
        }),
        1..=4 => xdr::LedgerKey::Trustline(xdr::LedgerKeyTrustLine {
            account_id: id(key),
            asset: match which {
                1 => xdr::TrustLineAsset::Native,
                2 => xdr::TrustLineAsset::CreditAlphanum4(xdr::AlphaNum4 {
                    asset_code: xdr::AssetCode4(*b"USDC"),
                    issuer: id(key),
                }),
                3 => xdr::TrustLineAsset::CreditAlphanum12(xdr::AlphaNum12 {
                    asset_code: xdr::AssetCode12(*b"LONGASSET123"),
                    issuer: id(key),
                }),
                _ => xdr::TrustLineAsset::PoolShare(xdr::PoolId(xdr::Hash(key))),
            },
        }),
        5..=7 => xdr::LedgerKey::ContractData(xdr::LedgerKeyContractData {
            contract: contract(key),
            key: match which {
                5 => ScVal::LedgerKeyContractInstance,
                6 => ScVal::LedgerKeyNonce(xdr::ScNonceKey { nonce: -3 }),
                _ => ScVal::Vec(Some(xdr::ScVec(
                    vec![
                        ScVal::Symbol(xdr::ScSymbol("Balance".try_into().unwrap())),
                        ScVal::Address(contract(key)),
                    ]
                    .try_into()
                    .unwrap(),
                ))),
            },
            durability,
        }),
        _ => xdr::LedgerKey::ContractCode(xdr::LedgerKeyContractCode {
            hash: xdr::Hash(key),
        }),
    })
}

prop_compose! {
    fn resources()(read_only in vec(ledger_key(), 0..3), read_write in vec(ledger_key(), 0..3),
        instructions: u32, disk_read_bytes: u32, write_bytes: u32, resource_fee: i64,
        archived in option::of(vec(any::<u32>(), 0..3))) -> xdr::SorobanTransactionData {
        xdr::SorobanTransactionData {
            ext: archived.map_or(xdr::SorobanTransactionDataExt::V0, |indexes| {
                xdr::SorobanTransactionDataExt::V1(xdr::SorobanResourcesExtV0 {
                    archived_soroban_entries: indexes.try_into().unwrap(),
                })
            }),
            resources: xdr::SorobanResources {
                footprint: xdr::LedgerFootprint {
                    read_only: read_only.try_into().unwrap(),
                    read_write: read_write.try_into().unwrap(),
                },
                instructions,
                disk_read_bytes,
                write_bytes,
            },
            resource_fee,
        }
    }
}

fn memo() -> impl Strategy<Value = Memo> {
    prop_oneof![
        Just(Memo::None),
        vec(any::<u8>(), 0..=28).prop_map(Memo::Text),
        any::<u64>().prop_map(Memo::Id),
        any::<[u8; 32]>().prop_map(Memo::Hash),
        any::<[u8; 32]>().prop_map(Memo::Return),
    ]
}

prop_compose! {
    fn transaction()(transfer in transfer(), source in account(), sequence: i64, fee: u32,
        max_time in option::of(any::<u64>()), auth in vec(entry(), 0..3),
        resources in option::of(resources())) -> TransferTransaction {
        let resources = resources.map(|resources| {
            SorobanResources::from_xdr(&resources.to_xdr(LIMITS).unwrap()).unwrap()
        });
        TransferTransaction { source, sequence, fee, max_time, transfer, auth, resources }
    }
}

prop_compose! {
    /// A transfer, perhaps signed, perhaps in a fee bump.
    fn envelope()(transaction in transaction(), memo in memo(), seed: [u8; 32], signatures in 0..3,
        bumped: bool, network in network()) -> Envelope {
        let key = SecretKey::from_seed(seed);
        let mut envelope = transaction.to_envelope_with_memo(&memo);
        for _ in 0..signatures {
            envelope.sign(&key, &network).unwrap();
        }
        if bumped && signatures > 0 {
            envelope = fee_bump(&envelope, key.account_id(), i64::MAX).unwrap();
        }
        envelope
    }
}

/// What a mutation does to the bytes of a valid value.
#[derive(Clone, Debug)]
enum Damage {
    Word(Index, u32),
    Bit(Index, u8),
    Truncate(Index),
    Insert(Index, u32),
    Remove(Index),
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        4 => (any::<Index>(), 0..30u32).prop_map(|(at, word)| Damage::Word(at, word)),
        1 => (any::<Index>(), any::<u32>()).prop_map(|(at, word)| Damage::Word(at, word)),
        2 => (any::<Index>(), 0..8u8).prop_map(|(at, bit)| Damage::Bit(at, bit)),
        1 => any::<Index>().prop_map(Damage::Truncate),
        1 => (any::<Index>(), 0..3u32).prop_map(|(at, word)| Damage::Insert(at, word)),
        1 => any::<Index>().prop_map(Damage::Remove),
    ]
}

fn damaged(mut bytes: Vec<u8>, all: &[Damage]) -> Vec<u8> {
    for damage in all {
        let words = bytes.len() / 4;
        if words == 0 {
            break;
        }
        match damage {
            Damage::Word(at, word) => {
                let at = at.index(words) * 4;
                bytes[at..at + 4].copy_from_slice(&word.to_be_bytes());
            }
            Damage::Bit(at, bit) => {
                let at = at.index(bytes.len());
                bytes[at] ^= 1 << bit;
            }
            Damage::Truncate(at) => bytes.truncate(at.index(bytes.len())),
            Damage::Insert(at, word) => {
                let at = at.index(words) * 4;
                bytes.splice(at..at, word.to_be_bytes());
            }
            Damage::Remove(at) => {
                let at = at.index(words) * 4;
                bytes.drain(at..at + 4);
            }
        }
    }
    bytes
}

/// The transfer in an envelope, found in the terms of `stellar-xdr`.
fn find(envelope: &TransactionEnvelope) -> Option<(Transfer, &xdr::Transaction)> {
    let TransactionEnvelope::Tx(envelope) = envelope else {
        return None;
    };
    let [operation] = envelope.tx.operations.as_slice() else {
        return None;
    };
    let xdr::OperationBody::InvokeHostFunction(body) = &operation.body else {
        return None;
    };
    let xdr::HostFunction::InvokeContract(call) = &body.host_function else {
        return None;
    };
    Some((find_transfer(call)?, &envelope.tx))
}

fn find_transfer(call: &xdr::InvokeContractArgs) -> Option<Transfer> {
    let Address::Contract(token) = find_address(&call.contract_address)? else {
        return None;
    };
    let [
        ScVal::Address(from),
        ScVal::Address(to),
        ScVal::I128(amount),
    ] = call.args.as_slice()
    else {
        return None;
    };
    if call.function_name.as_slice() != b"transfer" {
        return None;
    }
    Some(Transfer {
        token,
        from: find_address(from)?,
        to: find_address(to)?,
        amount: i128::from(amount),
    })
}

fn find_address(address: &xdr::ScAddress) -> Option<Address> {
    Some(match address {
        xdr::ScAddress::Account(xdr::AccountId(xdr::PublicKey::PublicKeyTypeEd25519(key))) => {
            AccountId::from_bytes(key.0).into()
        }
        xdr::ScAddress::Contract(id) => ContractId::from_bytes(id.0.0).into(),
        xdr::ScAddress::MuxedAccount(muxed) => {
            MuxedAccountId::new(AccountId::from_bytes(muxed.ed25519.0), muxed.id).into()
        }
        _ => return None,
    })
}

fn find_source(source: &xdr::MuxedAccount) -> Address {
    match source {
        xdr::MuxedAccount::Ed25519(key) => AccountId::from_bytes(key.0).into(),
        xdr::MuxedAccount::MuxedEd25519(muxed) => {
            MuxedAccountId::new(AccountId::from_bytes(muxed.ed25519.0), muxed.id).into()
        }
    }
}

/// Reads with `stellar-xdr`, which takes any number for a boolean: only canonical bytes count.
fn reference<T: ReadXdr + WriteXdr>(bytes: &[u8]) -> Option<T> {
    T::from_xdr(bytes, LIMITS).ok().filter(|value| {
        value
            .to_xdr(LIMITS)
            .is_ok_and(|canonical| canonical == bytes)
    })
}

/// Both readers take the same bytes for the same envelope.
fn agree(bytes: &[u8]) -> Result<(), TestCaseError> {
    let reference = reference::<TransactionEnvelope>(bytes);
    let ours = Envelope::from_xdr(bytes);
    prop_assert_eq!(
        ours.is_ok(),
        reference.is_some(),
        "{:?} {:?}",
        ours,
        reference
    );
    let (Ok(ours), Some(reference)) = (ours, reference) else {
        return Ok(());
    };

    prop_assert_eq!(ours.to_xdr(), reference.to_xdr(LIMITS).unwrap());
    let network = NetworkId::from_bytes([1; 32]);
    let hash = reference.hash(*network.as_bytes()).unwrap();
    prop_assert_eq!(ours.hash(&network), TransactionHash::from_bytes(hash));
    if let TransactionEnvelope::TxFeeBump(bump) = &reference {
        let xdr::FeeBumpTransactionInnerTx::Tx(inner) = &bump.tx.inner_tx;
        let hash = inner.hash(*network.as_bytes()).unwrap();
        prop_assert_eq!(ours.inner_hash(&network), TransactionHash::from_bytes(hash));
        let bytes = TransactionEnvelope::Tx(inner.clone())
            .to_xdr(LIMITS)
            .unwrap();
        prop_assert_eq!(ours.inner(), Envelope::from_xdr(&bytes).ok());
    }

    let recognised = TransferEnvelope::recognise(&ours);
    let in_one_go = TransferEnvelope::from_base64(&ours.to_base64());
    prop_assert_eq!(format!("{recognised:?}"), format!("{in_one_go:?}"));
    let Some((transfer, transaction)) = find(&reference) else {
        prop_assert!(recognised.is_err());
        return Ok(());
    };
    let recognised = recognised.unwrap();
    prop_assert_eq!(recognised.transfer, transfer);
    prop_assert_eq!(recognised.source, find_source(&transaction.source_account));
    prop_assert_eq!(recognised.fee, transaction.fee);
    prop_assert_eq!(recognised.sequence, transaction.seq_num.0);
    let operation = &transaction.operations[0];
    prop_assert_eq!(
        recognised.operation_source,
        operation.source_account.as_ref().map(find_source)
    );
    let xdr::OperationBody::InvokeHostFunction(body) = &operation.body else {
        unreachable!("found before")
    };
    let entries: Vec<_> = body
        .auth
        .iter()
        .map(|entry| entry.to_xdr(LIMITS).unwrap())
        .collect();
    let ours: Vec<_> = recognised
        .auth
        .iter()
        .map(|entry| entry.as_xdr().to_vec())
        .collect();
    prop_assert_eq!(ours, entries);
    let resources = match &transaction.ext {
        xdr::TransactionExt::V0 => None,
        xdr::TransactionExt::V1(data) => Some(data.to_xdr(LIMITS).unwrap()),
    };
    let ours = recognised
        .resources
        .map(|resources| resources.as_xdr().to_vec());
    prop_assert_eq!(ours, resources);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn transfers_survive_their_transaction(transaction in transaction(), memo in memo()) {
        let envelope = transaction.to_envelope_with_memo(&memo);
        agree(envelope.as_xdr())?;
        let found = TransferEnvelope::recognise(&envelope).unwrap();
        prop_assert_eq!(found.transfer, transaction.transfer);
        prop_assert_eq!(found.auth, transaction.auth);
        prop_assert_eq!(found.resources, transaction.resources);
        prop_assert_eq!(found.source, Address::Account(transaction.source));
        prop_assert_eq!((found.fee, found.sequence), (transaction.fee, transaction.sequence));
        prop_assert_eq!(found.time_bounds.map(|bounds| bounds.max_time), transaction.max_time);
        prop_assert_eq!(found.memo, memo);
    }

    #[test]
    fn what_is_built_is_what_is_read(envelope in envelope()) {
        prop_assert_eq!(Envelope::from_base64(&envelope.to_base64()), Ok(envelope));
    }

    #[test]
    fn entries_are_read_as_stellar_xdr_reads_them(entry in entry(), damage in vec(damage(), 0..3)) {
        let bytes = damaged(entry.as_xdr().to_vec(), &damage);
        let reference = reference::<xdr::SorobanAuthorizationEntry>(&bytes);
        let ours = AuthEntry::from_xdr(&bytes);
        prop_assert_eq!(ours.is_ok(), reference.is_some());
        let (Ok(ours), Some(reference)) = (ours, reference) else { return Ok(()) };
        prop_assert_eq!(ours.as_xdr(), reference.to_xdr(LIMITS).unwrap());
        let root = &reference.root_invocation;
        prop_assert_eq!(ours.has_sub_invocations(), !root.sub_invocations.is_empty());
        let transfer = match &root.function {
            xdr::SorobanAuthorizedFunction::ContractFn(call) => find_transfer(call),
            _ => None,
        };
        prop_assert_eq!(ours.transfer(), transfer);
        let credential = match &reference.credentials {
            xdr::SorobanCredentials::SourceAccount => Credential::SourceAccount,
            xdr::SorobanCredentials::Address(found) => match find_address(&found.address) {
                Some(address) => Credential::Address {
                    address,
                    nonce: found.nonce,
                    expiration_ledger: found.signature_expiration_ledger,
                    signed: found.signature != ScVal::Void,
                },
                None => Credential::Unsupported,
            },
            _ => Credential::Unsupported,
        };
        prop_assert_eq!(ours.credential(), credential);
    }

    #[test]
    fn what_is_signed_is_what_the_network_hashes(transfer in transfer(), nonce: i64,
        expiration: u32, network in network()) {
        let unsigned = UnsignedAuthEntry::for_transfer(&transfer, nonce, expiration);
        let entry = unsigned.to_unsigned_entry();
        let entry = xdr::SorobanAuthorizationEntry::from_xdr(entry.as_xdr(), LIMITS).unwrap();
        let preimage = xdr::HashIdPreimage::SorobanAuthorization(
            xdr::HashIdPreimageSorobanAuthorization {
                network_id: xdr::Hash(*network.as_bytes()),
                nonce,
                signature_expiration_ledger: expiration,
                invocation: entry.root_invocation,
            },
        );
        prop_assert_eq!(unsigned.preimage(&network), preimage.to_xdr(LIMITS).unwrap());
    }

    #[test]
    fn no_changed_bit_of_a_signed_entry_goes_unnoticed(transfer in transfer(), nonce: i64,
        expiration: u32, seed: [u8; 32], network in network(), at: Index, bit in 0..8u8) {
        let key = SecretKey::from_seed(seed);
        let transfer = Transfer { from: key.account_id().into(), ..transfer };
        let unsigned = UnsignedAuthEntry::for_transfer(&transfer, nonce, expiration);
        let entry = unsigned.sign(&key, &network).unwrap();
        prop_assert_eq!(entry.verify_account_signature(&network), Ok(()));
        let mut bytes = entry.as_xdr().to_vec();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        if let Ok(changed) = AuthEntry::from_xdr(&bytes) {
            prop_assert!(changed.verify_account_signature(&network).is_err());
        }
    }

    #[test]
    fn signatures_are_by_one_key_over_one_message(seed: [u8; 32], other: [u8; 32],
        message in vec(any::<u8>(), 0..64)) {
        let key = SecretKey::from_seed(seed);
        let signature = key.sign(&message);
        prop_assert!(verify_signature(&key.account_id(), &message, &signature));
        let longer = [message.as_slice(), &[0]].concat();
        prop_assert!(!verify_signature(&key.account_id(), &longer, &signature));
        prop_assume!(seed != other);
        let other = SecretKey::from_seed(other).account_id();
        prop_assert!(!verify_signature(&other, &message, &signature));
    }

    #[test]
    fn resources_are_read_as_stellar_xdr_reads_them(resources in resources(),
        damage in vec(damage(), 0..3), fee: i64) {
        let bytes = damaged(resources.to_xdr(LIMITS).unwrap(), &damage);
        let reference = reference::<xdr::SorobanTransactionData>(&bytes);
        let ours = SorobanResources::from_xdr(&bytes);
        prop_assert_eq!(ours.is_ok(), reference.is_some());
        let (Ok(ours), Some(mut reference)) = (ours, reference) else { return Ok(()) };
        prop_assert_eq!(ours.instructions(), reference.resources.instructions);
        prop_assert_eq!(ours.disk_read_bytes(), reference.resources.disk_read_bytes);
        prop_assert_eq!(ours.write_bytes(), reference.resources.write_bytes);
        prop_assert_eq!(ours.resource_fee(), reference.resource_fee);
        reference.resource_fee = fee;
        let dearer = ours.with_resource_fee(fee);
        prop_assert_eq!(dearer.as_xdr(), reference.to_xdr(LIMITS).unwrap());
    }

    #[test]
    fn any_bytes_are_read_in_bounds(bytes in vec(any::<u8>(), 0..512)) {
        agree(&bytes)?;
        if let Ok(entry) = AuthEntry::from_xdr(&bytes) {
            prop_assert_eq!(entry.as_xdr(), &bytes);
        }
        let reference = reference::<xdr::ContractEvent>(&bytes);
        prop_assert_eq!(ContractEvent::from_xdr(&bytes).is_ok(), reference.is_some());
    }

    #[test]
    fn any_text_is_read_in_bounds(text in "\\PC*|[A-Za-z0-9+/]{0,64}={0,2}") {
        if let Ok(envelope) = Envelope::from_base64(&text) {
            prop_assert_eq!(envelope.to_base64(), text);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_096, ..ProptestConfig::default() })]

    #[test]
    fn envelopes_are_read_as_stellar_xdr_reads_them(envelope in envelope(),
        damage in vec(damage(), 0..4)) {
        agree(&damaged(envelope.to_xdr(), &damage))?;
    }
}
