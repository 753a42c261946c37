use stellar_xdr::{
    self as xdr, ContractEventV0, ExtensionPoint, Hash, Int128Parts, Limits, ScMap, ScMapEntry,
    ScString, ScSymbol,
};

use super::*;

const LIMITS: Limits = Limits {
    depth: 500,
    len: 1_000_000,
};

fn symbol(text: &str) -> ScVal {
    ScVal::Symbol(ScSymbol(text.try_into().unwrap()))
}

fn account(key: u8) -> ScVal {
    ScVal::Address(ScAddress::Account(xdr::AccountId(
        xdr::PublicKey::PublicKeyTypeEd25519(xdr::Uint256([key; 32])),
    )))
}

fn asset() -> ScVal {
    ScVal::String(ScString("USDC:GABC".try_into().unwrap()))
}

fn units(amount: u64) -> ScVal {
    ScVal::I128(Int128Parts { hi: 0, lo: amount })
}

fn event(topics: Vec<ScVal>, data: ScVal) -> XdrEvent {
    XdrEvent {
        ext: ExtensionPoint::V0,
        contract_id: Some(xdr::ContractId(Hash([1; 32]))),
        type_: ContractEventType::Contract,
        body: ContractEventBody::V0(ContractEventV0 {
            topics: topics.try_into().unwrap(),
            data,
        }),
    }
}

fn read(event: &XdrEvent) -> ContractEvent {
    ContractEvent::from_xdr(&event.to_xdr(LIMITS).unwrap()).unwrap()
}

fn transfer() -> TransferEvent {
    TransferEvent {
        contract: ContractId::from_bytes([1; 32]),
        from: AccountId::from_bytes([2; 32]).into(),
        to: AccountId::from_bytes([3; 32]).into(),
        amount: 4,
    }
}

#[test]
fn a_transfer_is_read_with_and_without_the_name_of_the_asset() {
    let topics = vec![symbol("transfer"), account(2), account(3)];
    let found = read(&event(topics.clone(), units(4)));
    assert_eq!(found.as_transfer(), Some(transfer()));
    assert_eq!((found.name(), found.topic_count()), (Some("transfer"), 3));
    let named = [topics, vec![asset()]].concat();
    assert_eq!(
        read(&event(named, units(4))).as_transfer(),
        Some(transfer())
    );
}

#[test]
fn the_id_of_a_muxed_payee_is_read() {
    let map = |id: ScVal| {
        let entries = vec![
            ScMapEntry {
                key: symbol("amount"),
                val: units(4),
            },
            ScMapEntry {
                key: symbol("to_muxed_id"),
                val: id,
            },
        ];
        ScVal::Map(Some(ScMap(entries.try_into().unwrap())))
    };
    let topics = vec![symbol("transfer"), account(2), account(3), asset()];
    let muxed = MuxedAccountId::new(AccountId::from_bytes([3; 32]), 99);
    assert_eq!(
        read(&event(topics.clone(), map(ScVal::U64(99)))).as_transfer(),
        Some(TransferEvent {
            to: muxed.into(),
            ..transfer()
        })
    );
    assert_eq!(
        read(&event(topics, map(asset()))).as_transfer(),
        Some(transfer())
    );
}

#[test]
fn nothing_else_is_a_transfer() {
    let topics = || vec![symbol("transfer"), account(2), account(3)];
    let good = event(topics(), units(4));
    for other in [
        event(vec![symbol("mint"), account(2), account(3)], units(4)),
        event(vec![asset(), account(2), account(3)], units(4)),
        event(vec![symbol("transfer"), account(2)], units(4)),
        event(
            vec![symbol("transfer"), account(2), account(3), account(4)],
            units(4),
        ),
        event(
            vec![symbol("transfer"), account(2), account(3), asset(), asset()],
            units(4),
        ),
        event(vec![symbol("transfer"), ScVal::Void, account(3)], units(4)),
        event(vec![symbol("transfer"), account(2), ScVal::Void], units(4)),
        event(topics(), ScVal::U64(4)),
        event(topics(), ScVal::Void),
        XdrEvent {
            contract_id: None,
            ..good.clone()
        },
        XdrEvent {
            type_: ContractEventType::Diagnostic,
            ..good.clone()
        },
        XdrEvent {
            type_: ContractEventType::System,
            ..good
        },
    ] {
        assert_eq!(read(&other).as_transfer(), None, "{other:?}");
    }
}

#[test]
fn both_wrappings_are_read() {
    let inner = event(vec![symbol("transfer"), account(2), account(3)], units(4));
    let diagnostic = DiagnosticEvent {
        in_successful_contract_call: true,
        event: inner.clone(),
    };
    let text = codec::to_base64(&diagnostic.to_xdr(LIMITS).unwrap());
    let found = ContractEvent::from_diagnostic_base64(&text).unwrap();
    assert_eq!(found, read(&inner));
    let bare = codec::to_base64(&inner.to_xdr(LIMITS).unwrap());
    assert_eq!(ContractEvent::from_base64(&bare), Ok(found));
    assert!(ContractEvent::from_base64(&text).is_err());
    assert!(ContractEvent::from_base64(&format!("{bare}AAAA")).is_err());
}

#[test]
fn the_bytes_are_those_of_the_event() {
    use base64::{Engine as _, prelude::BASE64_STANDARD};
    let event = event(vec![symbol("transfer")], ScVal::Void);
    let bytes = event.to_xdr(LIMITS).unwrap();
    let diagnostic = DiagnosticEvent {
        in_successful_contract_call: true,
        event,
    };
    let around = BASE64_STANDARD.encode(diagnostic.to_xdr(LIMITS).unwrap());
    for read in [
        ContractEvent::from_xdr(&bytes),
        ContractEvent::from_base64(&BASE64_STANDARD.encode(&bytes)),
        ContractEvent::from_diagnostic_base64(&around),
    ] {
        assert_eq!(read.unwrap().as_xdr(), bytes);
    }
}
