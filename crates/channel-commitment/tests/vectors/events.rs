//! What the contract tells.

use coinslot_channel_commitment::{
    ChannelEvent, CommitmentKey, DecodeErrorKind, MAX_EVENT_BYTES, OpenChannel,
};
use stellar_xdr::{
    ContractEvent, ContractEventBody, ContractEventType, Int128Parts, Limits, ReadXdr, ScMap,
    ScMapEntry, ScSymbol, ScVal, WriteXdr,
};

use crate::contract_run::{self, TOKEN, bytes, contract, funder, recipient};

const LIMITS: Limits = Limits {
    depth: 100,
    len: 100_000,
};

#[test]
fn events_are_read_as_the_contract_tells_them() {
    for (told, event) in [
        (
            contract_run::OPEN_EVENT,
            ChannelEvent::Open(OpenChannel {
                token: TOKEN.parse().unwrap(),
                funder: funder(),
                commitment_key: CommitmentKey::from_seed([7; 32]).public_key(),
                recipient: recipient(),
                deposit: 500_u64.into(),
                refund_waiting_period: 100,
            }),
        ),
        (
            contract_run::CLOSE_START_EVENT,
            ChannelEvent::Close {
                effective_at_ledger: 1_100,
            },
        ),
        (
            contract_run::WITHDRAW_EVENT,
            ChannelEvent::Withdraw {
                to: recipient(),
                amount: 300_u64.into(),
            },
        ),
        (
            contract_run::CLOSE_EVENT,
            ChannelEvent::Close {
                effective_at_ledger: 1_000,
            },
        ),
        (
            contract_run::REFUND_EVENT,
            ChannelEvent::Refund {
                from: funder(),
                amount: 200_u64.into(),
            },
        ),
    ] {
        let found = ChannelEvent::from_xdr(&bytes(told));
        assert_eq!(found, Ok(Some((contract(5), event))));
        let (topics, data) = parts(&read(told));
        assert_eq!(ChannelEvent::decode(&topics, &data), Ok(Some(event)));
    }
}

fn read(told: &str) -> ContractEvent {
    ContractEvent::from_xdr(bytes(told), LIMITS).unwrap()
}

/// Topics and data, as an RPC gives them.
fn parts(event: &ContractEvent) -> (Vec<Vec<u8>>, Vec<u8>) {
    let ContractEventBody::V0(body) = &event.body;
    let topics = body
        .topics
        .iter()
        .map(|topic| topic.to_xdr(LIMITS).unwrap());
    (topics.collect(), body.data.to_xdr(LIMITS).unwrap())
}

/// Reads an event after a change, both ways.
fn after(
    mut event: ContractEvent,
    change: impl FnOnce(&mut Vec<ScVal>, &mut ScVal),
) -> Result<Option<ChannelEvent>, DecodeErrorKind> {
    let ContractEventBody::V0(body) = &mut event.body;
    let mut topics = body.topics.to_vec();
    change(&mut topics, &mut body.data);
    body.topics = topics.try_into().unwrap();
    let (topics, data) = parts(&event);
    let in_parts = ChannelEvent::decode(&topics, &data).map_err(|error| error.kind());
    let whole = ChannelEvent::from_xdr(&event.to_xdr(LIMITS).unwrap())
        .map(|found| found.map(|(_, event)| event))
        .map_err(|error| error.kind());
    assert_eq!(whole, in_parts);
    whole
}

fn symbol(name: &str) -> ScVal {
    ScVal::Symbol(ScSymbol(name.try_into().unwrap()))
}

#[test]
fn other_events_are_none_of_a_channel() {
    assert_eq!(
        ChannelEvent::from_xdr(&bytes(contract_run::TRANSFER_EVENT)),
        Ok(None)
    );
    for name in ["closed", "close_start", "Close", "top_up", ""] {
        let other = after(read(contract_run::CLOSE_EVENT), |topics, _| {
            topics[0] = symbol(name);
        });
        assert_eq!(other, Ok(None), "{name}");
    }
    let no_name = after(read(contract_run::CLOSE_EVENT), |topics, _| {
        topics[0] = ScVal::U32(1);
    });
    assert_eq!(no_name, Ok(None));
    let no_topics = after(read(contract_run::CLOSE_EVENT), |topics, _| topics.clear());
    assert_eq!(no_topics, Ok(None));

    let told_by = |change: fn(&mut ContractEvent)| {
        let mut event = read(contract_run::CLOSE_EVENT);
        change(&mut event);
        ChannelEvent::from_xdr(&event.to_xdr(LIMITS).unwrap())
    };
    assert!(told_by(|_| ()).unwrap().is_some());
    assert_eq!(told_by(|event| event.contract_id = None), Ok(None));
    assert_eq!(
        told_by(|event| event.type_ = ContractEventType::System),
        Ok(None)
    );
    assert_eq!(
        told_by(|event| event.type_ = ContractEventType::Diagnostic),
        Ok(None)
    );
}

/// An event that a watcher must act on is never skipped because it is not understood.
#[test]
fn events_of_another_shape_are_errors() {
    let more = after(read(contract_run::CLOSE_EVENT), |topics, _| {
        topics.push(ScVal::U32(1))
    });
    assert_eq!(more, Err(DecodeErrorKind::MoreTopics));
    for (told, fields) in [
        (
            contract_run::OPEN_EVENT,
            &[
                "amount",
                "commitment_key",
                "from",
                "refund_waiting_period",
                "to",
                "token",
            ][..],
        ),
        (contract_run::CLOSE_EVENT, &["effective_at_ledger"]),
        (contract_run::WITHDRAW_EVENT, &["amount", "to"]),
        (contract_run::REFUND_EVENT, &["amount", "from"]),
    ] {
        let bare = after(read(told), |_, data| *data = ScVal::U32(1));
        assert_eq!(bare, Err(DecodeErrorKind::WrongType("data")));
        for name in fields {
            let changed = |change: fn(&mut Vec<ScMapEntry>, usize)| {
                after(read(told), |_, data| {
                    let ScVal::Map(Some(map)) = data else {
                        panic!("no map");
                    };
                    let mut entries = map.to_vec();
                    let at = entries
                        .iter()
                        .position(|entry| entry.key == symbol(name))
                        .unwrap();
                    change(&mut entries, at);
                    *map = ScMap(entries.try_into().unwrap());
                })
            };
            assert_eq!(
                changed(|entries, at| drop(entries.remove(at))),
                Err(DecodeErrorKind::Missing(name))
            );
            assert_eq!(
                changed(|entries, at| entries[at].val = ScVal::Void),
                Err(DecodeErrorKind::WrongType(name))
            );
            assert_eq!(
                changed(|entries, at| entries.push(entries[at].clone())),
                Err(DecodeErrorKind::Repeated(name))
            );
            let more = changed(|entries, _| {
                entries.push(ScMapEntry {
                    key: symbol("later"),
                    val: ScVal::Void,
                });
            });
            assert_eq!(more, changed(|_, _| ()));
            assert!(matches!(more, Ok(Some(_))));
        }
    }
    let negative = after(read(contract_run::WITHDRAW_EVENT), |_, data| {
        let ScVal::Map(Some(map)) = data else {
            panic!("no map");
        };
        let mut entries = map.to_vec();
        entries[0].val = ScVal::I128(Int128Parts { hi: -1, lo: 0 });
        *map = ScMap(entries.try_into().unwrap());
    });
    assert_eq!(negative, Err(DecodeErrorKind::WrongType("amount")));
}

#[test]
fn bytes_are_exactly_one_event_within_the_limits() {
    let good = bytes(contract_run::CLOSE_EVENT);
    let kind = |bytes: &[u8]| ChannelEvent::from_xdr(bytes).unwrap_err().kind();
    assert_eq!(
        kind(&good[..good.len() - 4]),
        DecodeErrorKind::UnexpectedEnd
    );
    assert_eq!(
        kind(&[good.as_slice(), &[0; 4]].concat()),
        DecodeErrorKind::TrailingBytes
    );
    let limit = MAX_EVENT_BYTES;
    let long = vec![0; limit + 1];
    assert_eq!(kind(&long), DecodeErrorKind::TooLong { limit });
    let (topics, data) = parts(&read(contract_run::CLOSE_EVENT));
    let too_long = Err(DecodeErrorKind::TooLong { limit });
    let decode = |topics: &[Vec<u8>], data: &[u8]| {
        ChannelEvent::decode(topics, data).map_err(|error| error.kind())
    };
    assert_eq!(decode(&topics, &long), too_long);
    assert_eq!(decode(&[long], &data), too_long);
    assert!(decode(&topics, &data[..4]).is_err());
}
