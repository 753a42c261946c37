//! What the contract and the token keep in the ledger.

use coinslot_channel_commitment::{
    ChannelInstance, CommitmentKey, DecodeErrorKind, MAX_ENTRY_BYTES, TokenBalance,
};
use coinslot_usdc_amount::BaseUnits;
use stellar_xdr::{
    ContractDataDurability, ContractDataEntry, ContractExecutable, Int128Parts, LedgerEntryData,
    Limits, ReadXdr, ScAddress, ScMap, ScMapEntry, ScSymbol, ScVal, ScVec, WriteXdr,
};

use crate::contract_run::{self, TOKEN, bytes, contract, funder, recipient};

const LIMITS: Limits = Limits {
    depth: 100,
    len: 100_000,
};

/// The hash of the empty code under which the contract ran.
const WASM_HASH: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn open_instance() -> ChannelInstance {
    ChannelInstance {
        channel: contract(5),
        wasm_hash: bytes(WASM_HASH).try_into().unwrap(),
        token: TOKEN.parse().unwrap(),
        funder: funder(),
        recipient: recipient(),
        commitment_key: CommitmentKey::from_seed([7; 32]).public_key(),
        refund_waiting_period: 100,
        withdrawn: BaseUnits::ZERO,
        close_effective_at_ledger: None,
    }
}

#[test]
fn a_channel_is_read_as_the_contract_keeps_it() {
    let open = ChannelInstance::from_xdr(&bytes(contract_run::OPEN_INSTANCE));
    assert_eq!(open, Ok(open_instance()));
    let closed = ChannelInstance::from_xdr(&bytes(contract_run::CLOSED_INSTANCE));
    assert_eq!(
        closed,
        Ok(ChannelInstance {
            withdrawn: 300_u64.into(),
            close_effective_at_ledger: Some(1_000),
            ..open_instance()
        })
    );
}

#[test]
fn a_balance_is_read_as_the_token_keeps_it() {
    assert_eq!(
        TokenBalance::from_xdr(&bytes(contract_run::BALANCE)),
        Ok(TokenBalance {
            token: TOKEN.parse().unwrap(),
            holder: contract(5),
            amount: 500_u64.into(),
            authorized: true,
            clawback: false,
        })
    );
}

#[test]
fn keys_are_the_ledger_s_own() {
    assert_eq!(
        ChannelInstance::key(&contract(5)),
        bytes(contract_run::INSTANCE_KEY)
    );
    assert_eq!(
        TokenBalance::key(&TOKEN.parse().unwrap(), &contract(5)),
        bytes(contract_run::BALANCE_KEY)
    );
}

fn entry(hexadecimal: &str) -> ContractDataEntry {
    match LedgerEntryData::from_xdr(bytes(hexadecimal), LIMITS).unwrap() {
        LedgerEntryData::ContractData(entry) => entry,
        other => panic!("{other:?}"),
    }
}

fn xdr(entry: ContractDataEntry) -> Vec<u8> {
    LedgerEntryData::ContractData(entry).to_xdr(LIMITS).unwrap()
}

/// Reads an instance after `change` was made to what is kept.
fn after(change: impl FnOnce(&mut Vec<ScMapEntry>)) -> Result<ChannelInstance, DecodeErrorKind> {
    let mut entry = entry(contract_run::CLOSED_INSTANCE);
    let ScVal::ContractInstance(instance) = &mut entry.val else {
        panic!("no instance");
    };
    let mut storage = instance.storage.take().unwrap().to_vec();
    change(&mut storage);
    instance.storage = Some(ScMap(storage.try_into().unwrap()));
    ChannelInstance::from_xdr(&xdr(entry)).map_err(|error| {
        assert_eq!(error.position(), None);
        error.kind()
    })
}

fn symbol(name: &str) -> ScVal {
    ScVal::Symbol(ScSymbol(name.try_into().unwrap()))
}

fn variant(name: &str) -> ScVal {
    ScVal::Vec(Some(ScVec(vec![symbol(name)].try_into().unwrap())))
}

fn find<'a>(storage: &'a mut [ScMapEntry], name: &str) -> &'a mut ScMapEntry {
    storage
        .iter_mut()
        .find(|entry| entry.key == variant(name))
        .unwrap()
}

const REQUIRED: [&str; 5] = [
    "Token",
    "From",
    "To",
    "CommitmentKey",
    "RefundWaitingPeriod",
];
const OPTIONAL: [&str; 2] = ["WithdrawnAmount", "CloseEffectiveAtLedger"];

#[test]
fn names_must_be_there_once_and_of_their_type() {
    for name in REQUIRED {
        let missing = after(|storage| storage.retain(|entry| entry.key != variant(name)));
        assert_eq!(missing, Err(DecodeErrorKind::Missing(name)));
    }
    for name in OPTIONAL {
        assert!(after(|storage| storage.retain(|entry| entry.key != variant(name))).is_ok());
    }
    for name in REQUIRED.into_iter().chain(OPTIONAL) {
        let wrong = after(|storage| find(storage, name).val = ScVal::Void);
        assert_eq!(wrong, Err(DecodeErrorKind::WrongType(name)));
        let twice = after(|storage| {
            let again = find(storage, name).clone();
            storage.push(again);
        });
        assert_eq!(twice, Err(DecodeErrorKind::Repeated(name)));
    }
}

#[test]
fn values_out_of_range_are_of_the_wrong_type() {
    let account = ScVal::Address(ScAddress::Account(stellar_xdr::AccountId(
        stellar_xdr::PublicKey::PublicKeyTypeEd25519(stellar_xdr::Uint256([1; 32])),
    )));
    let muxed = ScVal::Address(ScAddress::MuxedAccount(stellar_xdr::MuxedEd25519Account {
        id: 1,
        ed25519: stellar_xdr::Uint256([1; 32]),
    }));
    let negative = ScVal::I128(Int128Parts { hi: -1, lo: 0 });
    let short_key = ScVal::Bytes(stellar_xdr::ScBytes(vec![1; 31].try_into().unwrap()));
    for (name, value) in [
        ("Token", account.clone()),
        ("From", muxed.clone()),
        ("To", muxed),
        ("CommitmentKey", short_key),
        ("WithdrawnAmount", negative),
        ("WithdrawnAmount", ScVal::U64(300)),
        ("RefundWaitingPeriod", ScVal::U64(100)),
        ("CloseEffectiveAtLedger", ScVal::I32(1)),
    ] {
        let wrong = after(|storage| find(storage, name).val = value);
        assert_eq!(wrong, Err(DecodeErrorKind::WrongType(name)));
    }
    assert!(after(|storage| find(storage, "To").val = account).is_ok());
}

/// A later contract may keep more.
#[test]
fn other_names_are_ignored() {
    let expected = after(|_| ());
    assert!(expected.is_ok());
    for key in [
        variant("Extra"),
        symbol("Token"),
        ScVal::U32(1),
        ScVal::Vec(Some(ScVec::default())),
    ] {
        let found = after(|storage| {
            storage.push(ScMapEntry {
                key,
                val: ScVal::Void,
            });
        });
        assert_eq!(found, expected);
    }
}

#[test]
fn other_entries_are_told_apart() {
    let instance = |change: fn(&mut ContractDataEntry)| {
        let mut entry = entry(contract_run::OPEN_INSTANCE);
        change(&mut entry);
        ChannelInstance::from_xdr(&xdr(entry)).unwrap_err().kind()
    };
    let balance = |change: fn(&mut ContractDataEntry)| {
        let mut entry = entry(contract_run::BALANCE);
        change(&mut entry);
        TokenBalance::from_xdr(&xdr(entry)).unwrap_err().kind()
    };
    for change in [
        (|entry| entry.durability = ContractDataDurability::Temporary)
            as fn(&mut ContractDataEntry),
        |entry| entry.key = ScVal::Void,
        |entry| entry.val = ScVal::Void,
        |entry| {
            entry.contract =
                ScAddress::LiquidityPool(stellar_xdr::PoolId(stellar_xdr::Hash([0; 32])));
        },
    ] {
        assert_eq!(instance(change), DecodeErrorKind::OtherEntry);
        assert_eq!(balance(change), DecodeErrorKind::OtherEntry);
    }
    let built_in = bytes(contract_run::TOKEN_INSTANCE);
    assert_eq!(
        ChannelInstance::from_xdr(&built_in).unwrap_err().kind(),
        DecodeErrorKind::NotWasm
    );
    let swapped = ChannelInstance::from_xdr(&bytes(contract_run::BALANCE));
    assert_eq!(swapped.unwrap_err().kind(), DecodeErrorKind::OtherEntry);
    let swapped = TokenBalance::from_xdr(&bytes(contract_run::OPEN_INSTANCE));
    assert_eq!(swapped.unwrap_err().kind(), DecodeErrorKind::OtherEntry);

    // A contract of code that keeps nothing, or nothing of a channel's.
    for storage in [None, Some(ScMap::default())] {
        let mut entry = entry(contract_run::OPEN_INSTANCE);
        entry.val = ScVal::ContractInstance(stellar_xdr::ScContractInstance {
            executable: ContractExecutable::Wasm(stellar_xdr::Hash([1; 32])),
            storage,
        });
        assert_eq!(
            ChannelInstance::from_xdr(&xdr(entry)).unwrap_err().kind(),
            DecodeErrorKind::Missing("Token")
        );
    }
}

#[test]
fn a_balance_has_its_three_fields() {
    let after = |change: fn(&mut ScMapEntry)| {
        let mut entry = entry(contract_run::BALANCE);
        let ScVal::Map(Some(map)) = &mut entry.val else {
            panic!("no map");
        };
        let mut fields = map.to_vec();
        fields.iter_mut().for_each(change);
        *map = ScMap(fields.try_into().unwrap());
        TokenBalance::from_xdr(&xdr(entry)).map_err(|error| error.kind())
    };
    assert!(after(|_| ()).is_ok());
    assert_eq!(
        after(|field| if field.key == symbol("amount") {
            field.val = ScVal::I128(Int128Parts { hi: -1, lo: 0 });
        }),
        Err(DecodeErrorKind::WrongType("amount"))
    );
    assert_eq!(
        after(|field| if field.key == symbol("authorized") {
            field.key = symbol("allowed");
        }),
        Err(DecodeErrorKind::Missing("authorized"))
    );
    assert_eq!(
        after(|field| if field.key == symbol("clawback") {
            field.val = ScVal::U32(1);
        }),
        Err(DecodeErrorKind::WrongType("clawback"))
    );
}

#[test]
fn bytes_are_exactly_one_entry_within_the_limits() {
    let good = bytes(contract_run::OPEN_INSTANCE);
    let refused = |bytes: &[u8]| {
        let error = ChannelInstance::from_xdr(bytes).unwrap_err();
        (error.kind(), error.position(), error.to_string())
    };
    let (kind, position, sentence) = refused(&good[..100]);
    assert_eq!(
        (kind, position),
        (DecodeErrorKind::UnexpectedEnd, Some(100))
    );
    assert_eq!(sentence, "XDR ends within a value at byte 100");
    let behind = [good.as_slice(), &[0; 4]].concat();
    assert_eq!(
        (refused(&behind).0, refused(&behind).1),
        (DecodeErrorKind::TrailingBytes, Some(good.len()))
    );
    let long = vec![0; MAX_ENTRY_BYTES + 1];
    let limit = MAX_ENTRY_BYTES;
    assert_eq!(refused(&long).0, DecodeErrorKind::TooLong { limit });

    // A boolean has two forms and no third.
    let mut balance = bytes(contract_run::BALANCE);
    let name = balance
        .windows(10)
        .position(|window| window == b"authorized")
        .unwrap();
    let boolean = name + 10 + 2 + 4 + 3;
    assert_eq!(balance[boolean], 1);
    balance[boolean] = 2;
    let error = TokenBalance::from_xdr(&balance).unwrap_err();
    assert_eq!(error.kind(), DecodeErrorKind::InvalidValue);

    // Maps in maps, deeper than any contract keeps.
    let mut entry = entry(contract_run::BALANCE);
    entry.val = (0..300).fold(ScVal::Void, |inner, _| {
        ScVal::Vec(Some(ScVec(vec![inner].try_into().unwrap())))
    });
    let limits = Limits {
        depth: 2_000,
        len: 100_000,
    };
    let deep = LedgerEntryData::ContractData(entry).to_xdr(limits).unwrap();
    let error = TokenBalance::from_xdr(&deep).unwrap_err();
    assert_eq!(error.kind(), DecodeErrorKind::TooDeep);
}
