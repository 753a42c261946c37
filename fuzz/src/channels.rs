//! Commitments, vouchers, and what a channel's contract keeps and tells, beside the crates of the network's authors.

use std::collections::BTreeMap;

use coinslot_caip2_network::NetworkId;
use coinslot_channel_commitment::{
    ChannelEvent, ChannelInstance, ChannelProof, Commitment, CommitmentKey, CommitmentPublicKey,
    CommitmentTemplate, CommitmentVerifier, DecodeError, DecodeErrorKind, OpenChannel,
    ParseKeyErrorKind, TokenBalance, Voucher,
};
use coinslot_stellar_address::{AccountId, Address, ContractId};
use coinslot_usdc_amount::BaseUnits;
use ed25519_dalek::{Signature, SigningKey, VerifyingKey};
use stellar_xdr::{
    ContractDataDurability, ContractEvent, ContractEventBody, ContractEventType,
    ContractExecutable, LedgerEntryData, Limits, PublicKey, ReadXdr, ScAddress, ScMap, ScVal,
    WriteXdr,
};

use crate::{memory, text};

/// Exact, differential, bounded: nothing is allocated at all.
pub(crate) fn commitment(data: &[u8]) {
    let ours = memory::at_most(0, || Commitment::decode(data));
    let reference = read_canonical::<ScVal>(data).and_then(|value| as_commitment(&value));
    assert_eq!(ours.ok(), reference);
    match ours {
        Ok(commitment) => {
            assert_eq!(memory::at_most(0, || commitment.encode()), data);
            let template = CommitmentTemplate::new(&commitment.network, &commitment.channel);
            assert_eq!(template.with_amount(commitment.amount), data);
            assert_eq!(template.commitment(commitment.amount), commitment);
        }
        Err(error) => assert!(error.position() <= data.len()),
    }
}

/// The contract's struct: these four fields in the order of their names, and no other.
fn as_commitment(value: &ScVal) -> Option<Commitment> {
    let ScVal::Map(Some(map)) = value else {
        return None;
    };
    let names: Vec<_> = map
        .iter()
        .map(|entry| symbol(&entry.key))
        .collect::<Option<_>>()?;
    let values: Vec<_> = map.iter().map(|entry| &entry.val).collect();
    if names != ["amount", "channel", "domain", "network"] || symbol(values[2])? != "chancmmt" {
        return None;
    }
    Some(Commitment {
        network: NetworkId::from_bytes(bytes32(values[3])?),
        channel: contract(values[1])?,
        amount: units(values[0])?,
    })
}

/// Differential, bounded: the host's verdict on any key and signature; what is accepted allocates nothing.
///
/// The input is key, network, channel, amount and signature, one behind the other.
pub(crate) fn voucher(data: &[u8]) {
    let Some((key, rest)) = data.split_first_chunk::<32>() else {
        return;
    };
    let Some((network, rest)) = rest.split_first_chunk::<32>() else {
        return;
    };
    let Some((channel, rest)) = rest.split_first_chunk::<32>() else {
        return;
    };
    let Some((amount, rest)) = rest.split_first_chunk::<16>() else {
        return;
    };
    let (Ok(amount), Ok(signature)) = (
        BaseUnits::try_from(i128::from_be_bytes(*amount)),
        <[u8; 64]>::try_from(rest),
    ) else {
        return;
    };
    let commitment = Commitment {
        network: NetworkId::from_bytes(*network),
        channel: ContractId::from_bytes(*channel),
        amount,
    };
    let host = VerifyingKey::from_bytes(key).is_ok_and(|key| {
        key.verify_strict(&commitment.encode(), &Signature::from_bytes(&signature))
            .is_ok()
    });
    let voucher = Voucher::new(amount, signature);
    let verifier = CommitmentVerifier::new(
        &commitment.network,
        &commitment.channel,
        &CommitmentPublicKey::from_bytes(*key),
    );
    let Ok(verifier) = verifier else {
        assert!(!host, "we refuse a key whose signature the host takes");
        return;
    };
    // What is accepted allocates nothing; the library boxes the reason of a refusal.
    let verified = memory::at_most(if host { 0 } else { 64 }, || verifier.verify(voucher));
    assert_eq!(verified.is_ok(), host);
    if let Ok(verified) = verified {
        assert_eq!(verified.into_parts(), (commitment, voucher));
        let proof = ChannelProof::new(0, signature);
        assert!(verifier.verify_proof(proof).is_err());
    }
}

/// Model; a refusal and a `Debug` never show the text.
pub(crate) fn channel_texts(data: &[u8]) {
    let Some(text) = text(data) else { return };
    let hexadecimal = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let key = memory::at_most(2_048, || text.parse::<CommitmentKey>());
    assert_eq!(key.is_ok(), hexadecimal && text.len() == 64, "{text:?}");
    match &key {
        Ok(key) => {
            assert_eq!(key.expose_secret(), text.to_ascii_lowercase());
            assert!(!format!("{key:?}").contains(&key.expose_secret()));
            let mut seed = [0; 32];
            hex::decode_to_slice(text, &mut seed).expect("it was read");
            assert_eq!(
                key.public_key().as_bytes(),
                SigningKey::from_bytes(&seed).verifying_key().as_bytes()
            );
        }
        Err(error) => {
            assert_eq!(
                error.kind() == ParseKeyErrorKind::StellarSecretKey,
                text.starts_with('S')
            );
            if text.len() > 8 {
                assert!(!format!("{error} {error:?}").contains(text));
            }
        }
    }
    let public = text.parse::<CommitmentPublicKey>();
    assert_eq!(public.is_ok(), key.is_ok());
    match (public, key) {
        (Ok(public), _) => assert_eq!(public.to_string(), text.to_ascii_lowercase()),
        (Err(one), Err(other)) => assert_eq!(one.kind(), other.kind()),
        (Err(_), Ok(_)) => unreachable!("both or none"),
    }
    let voucher = memory::at_most(0, || Voucher::from_hex(BaseUnits::ZERO, text));
    assert_eq!(
        voucher.is_ok(),
        hexadecimal && text.len() == 128,
        "{text:?}"
    );
    let proof = ChannelProof::from_hex(1, text);
    match (voucher, proof) {
        (Ok(voucher), Ok(proof)) => {
            assert_eq!(voucher.signature_hex(), text.to_ascii_lowercase());
            assert_eq!(proof.signature_hex(), text.to_ascii_lowercase());
            assert!(!format!("{voucher:?} {proof:?}").contains(text));
        }
        (Err(one), Err(other)) => assert_eq!(one, other),
        (voucher, proof) => panic!("{voucher:?} but {proof:?}"),
    }
}

/// Differential, bounded; the key with which it is asked for is the ledger's own.
pub(crate) fn channel_entry(data: &[u8]) {
    let instance = memory::at_most(allowance(data), || ChannelInstance::from_xdr(data));
    let balance = memory::at_most(allowance(data), || TokenBalance::from_xdr(data));
    let reference = read_canonical::<LedgerEntryData>(data);
    agree(&instance, reference.as_ref().and_then(as_instance));
    agree(&balance, reference.as_ref().and_then(as_balance));
    let key = |entry: &LedgerEntryData| {
        entry
            .to_key()
            .to_xdr(lenient(data))
            .expect("it was just read")
    };
    if let (Ok(instance), Some(entry)) = (instance, &reference) {
        assert_eq!(ChannelInstance::key(&instance.channel), key(entry));
    }
    if let (Ok(balance), Some(entry)) = (balance, &reference) {
        assert_eq!(
            TokenBalance::key(&balance.token, &balance.holder),
            key(entry)
        );
    }
}

fn as_instance(entry: &LedgerEntryData) -> Option<ChannelInstance> {
    let LedgerEntryData::ContractData(entry) = entry else {
        return None;
    };
    let ScVal::ContractInstance(instance) = &entry.val else {
        return None;
    };
    let ContractExecutable::Wasm(hash) = &instance.executable else {
        return None;
    };
    if entry.key != ScVal::LedgerKeyContractInstance
        || entry.durability != ContractDataDurability::Persistent
    {
        return None;
    }
    let empty = ScMap::default();
    let names = by_name(instance.storage.as_ref().unwrap_or(&empty), |key| {
        let ScVal::Vec(Some(list)) = key else {
            return None;
        };
        (list.len() == 1).then(|| symbol(&list[0])).flatten()
    });
    Some(ChannelInstance {
        channel: contract(&ScVal::Address(entry.contract.clone()))?,
        wasm_hash: hash.0,
        token: contract(once(&names, "Token")??)?,
        funder: address(once(&names, "From")??)?,
        recipient: address(once(&names, "To")??)?,
        commitment_key: CommitmentPublicKey::from_bytes(bytes32(once(&names, "CommitmentKey")??)?),
        refund_waiting_period: number(once(&names, "RefundWaitingPeriod")??)?,
        withdrawn: match once(&names, "WithdrawnAmount")? {
            Some(value) => units(value)?,
            None => BaseUnits::ZERO,
        },
        close_effective_at_ledger: match once(&names, "CloseEffectiveAtLedger")? {
            Some(value) => Some(number(value)?),
            None => None,
        },
    })
}

fn as_balance(entry: &LedgerEntryData) -> Option<TokenBalance> {
    let LedgerEntryData::ContractData(entry) = entry else {
        return None;
    };
    let (ScVal::Vec(Some(key)), ScVal::Map(Some(value))) = (&entry.key, &entry.val) else {
        return None;
    };
    if key.len() != 2
        || symbol(&key[0])? != "Balance"
        || entry.durability != ContractDataDurability::Persistent
    {
        return None;
    }
    let fields = by_name(value, symbol);
    let boolean = |name| match once(&fields, name)?? {
        ScVal::Bool(is) => Some(*is),
        _ => None,
    };
    Some(TokenBalance {
        token: contract(&ScVal::Address(entry.contract.clone()))?,
        holder: contract(&key[1])?,
        amount: units(once(&fields, "amount")??)?,
        authorized: boolean("authorized")?,
        clawback: boolean("clawback")?,
    })
}

/// Differential, bounded: as a whole, and in the parts that an RPC gives.
pub(crate) fn channel_event(data: &[u8]) {
    let ours = memory::at_most(allowance(data), || ChannelEvent::from_xdr(data));
    let reference = read_canonical::<ContractEvent>(data);
    let told = reference.as_ref().map(|event| {
        let ContractEventBody::V0(body) = &event.body;
        (
            as_event(body.topics.as_slice(), &body.data),
            event
                .contract_id
                .clone()
                .filter(|_| event.type_ == ContractEventType::Contract),
        )
    });
    match told {
        Some((event, Some(contract))) => {
            let contract = ContractId::from_bytes(contract.0.0);
            let whole = event.map(|event| event.map(|event| (contract, event)));
            agree(&ours, whole);
            let Some(reference) = reference else { return };
            let ContractEventBody::V0(body) = &reference.body;
            let xdr = |value: &ScVal| value.to_xdr(lenient(data)).expect("it was just read");
            let topics: Vec<Vec<u8>> = body.topics.iter().map(xdr).collect();
            let parts = ChannelEvent::decode(&topics, &xdr(&body.data));
            agree(&parts, event);
        }
        Some((_, None)) => agree(&ours, Some(None)),
        None => assert!(ours.is_err()),
    }
}

/// `None` when an event with a channel's name has another shape, `Some(None)` when it is none of a channel's.
fn as_event(topics: &[ScVal], data: &ScVal) -> Option<Option<ChannelEvent>> {
    let name = topics.first().and_then(symbol);
    let Some(name) =
        name.filter(|name| ["open", "close", "withdraw", "refund"].contains(&name.as_str()))
    else {
        return Some(None);
    };
    let ScVal::Map(Some(map)) = data else {
        return None;
    };
    let fields = by_name(map, symbol);
    let field = |name| once(&fields, name)?;
    if topics.len() != 1 {
        return None;
    }
    Some(Some(match name.as_str() {
        "open" => ChannelEvent::Open(OpenChannel {
            token: contract(field("token")?)?,
            funder: address(field("from")?)?,
            commitment_key: CommitmentPublicKey::from_bytes(bytes32(field("commitment_key")?)?),
            recipient: address(field("to")?)?,
            deposit: units(field("amount")?)?,
            refund_waiting_period: number(field("refund_waiting_period")?)?,
        }),
        "close" => ChannelEvent::Close {
            effective_at_ledger: number(field("effective_at_ledger")?)?,
        },
        "withdraw" => ChannelEvent::Withdraw {
            to: address(field("to")?)?,
            amount: units(field("amount")?)?,
        },
        _ => ChannelEvent::Refund {
            from: address(field("from")?)?,
            amount: units(field("amount")?)?,
        },
    }))
}

/// We accept what the reference accepts, unless it is beyond our bounds, and as the same value.
fn agree<T: PartialEq + std::fmt::Debug>(ours: &Result<T, DecodeError>, reference: Option<T>) {
    match (ours, reference) {
        (Ok(ours), Some(reference)) => assert_eq!(*ours, reference),
        (Ok(ours), None) => panic!("only we accept {ours:?}"),
        (Err(error), Some(_)) => assert!(
            matches!(
                error.kind(),
                DecodeErrorKind::TooLong { .. } | DecodeErrorKind::TooDeep
            ),
            "only we refuse: {error}"
        ),
        (Err(_), None) => {}
    }
}

type Names<'a> = BTreeMap<String, Vec<&'a ScVal>>;

fn by_name(map: &ScMap, name: impl Fn(&ScVal) -> Option<String>) -> Names<'_> {
    let mut names = Names::new();
    for entry in map.iter() {
        if let Some(name) = name(&entry.key) {
            names.entry(name).or_default().push(&entry.val);
        }
    }
    names
}

/// `None` when a name is there twice, `Some(None)` when it is not there.
fn once<'a>(names: &Names<'a>, name: &str) -> Option<Option<&'a ScVal>> {
    match names.get(name).map_or(&[][..], Vec::as_slice) {
        [] => Some(None),
        [value] => Some(Some(*value)),
        _ => None,
    }
}

fn symbol(value: &ScVal) -> Option<String> {
    match value {
        ScVal::Symbol(symbol) => String::from_utf8(symbol.to_vec()).ok(),
        _ => None,
    }
}

fn bytes32(value: &ScVal) -> Option<[u8; 32]> {
    match value {
        ScVal::Bytes(bytes) => bytes.as_slice().try_into().ok(),
        _ => None,
    }
}

fn number(value: &ScVal) -> Option<u32> {
    match value {
        ScVal::U32(number) => Some(*number),
        _ => None,
    }
}

fn units(value: &ScVal) -> Option<BaseUnits> {
    match value {
        ScVal::I128(parts) => BaseUnits::try_from(i128::from(parts)).ok(),
        _ => None,
    }
}

fn address(value: &ScVal) -> Option<Address> {
    match value {
        ScVal::Address(ScAddress::Account(account)) => {
            let PublicKey::PublicKeyTypeEd25519(key) = &account.0;
            Some(Address::Account(AccountId::from_bytes(key.0)))
        }
        ScVal::Address(ScAddress::Contract(id)) => {
            Some(Address::Contract(ContractId::from_bytes(id.0.0)))
        }
        _ => None,
    }
}

fn contract(value: &ScVal) -> Option<ContractId> {
    match address(value)? {
        Address::Contract(id) => Some(id),
        _ => None,
    }
}

/// XDR has one form for each value. stellar-xdr reads any number but 1 as `false`; the network does not.
fn read_canonical<T: ReadXdr + WriteXdr>(data: &[u8]) -> Option<T> {
    let value = T::from_xdr(data, lenient(data)).ok()?;
    let canonical = value.to_xdr(lenient(data)).expect("it was just read");
    (canonical == data).then_some(value)
}

/// Limits beyond ours.
fn lenient(data: &[u8]) -> Limits {
    Limits {
        depth: 400,
        len: data.len(),
    }
}

/// A list element of 4 bytes of XDR becomes at most a value of some 100 bytes, in a list that grows by doubling.
fn allowance(data: &[u8]) -> usize {
    data.len().saturating_mul(80).saturating_add(16 * 1_024)
}
