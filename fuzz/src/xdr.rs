//! Authorization entries, transactions, resources and events, beside the XDR crate of the network's authors.

mod entries;
mod parties;
mod transactions;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use coinslot_caip2_network::NetworkId;
use coinslot_soroban_authorization::{DecodeError, DecodeErrorKind};
use stellar_xdr::{Limits, ReadXdr, WriteXdr};

pub(crate) use entries::{auth_entry, contract_event, ledger_key, soroban_resources};
pub(crate) use transactions::{envelope, recognise};

/// Both readers say the same; the value of the other one when both accept.
fn compare<T: ReadXdr + WriteXdr, O>(data: &[u8], ours: &Result<O, DecodeError>) -> Option<T> {
    let reference = read_canonical::<T>(data, lenient(data));
    match (ours, &reference) {
        (Ok(_), None) => panic!("only we accept"),
        (Ok(_), Some(_)) => {}
        (Err(error), Some(_)) => {
            // Ours may be stricter in length and depth, and in nothing else.
            let bounded = matches!(
                error.kind(),
                DecodeErrorKind::TooLong { .. } | DecodeErrorKind::TooDeep
            );
            assert!(bounded, "only we refuse: {error}");
        }
        (Err(error), None) => assert!(error.position() <= data.len()),
    }
    reference.filter(|_| ours.is_ok())
}

/// XDR has one form for each value. stellar-xdr reads any number but 1 as `false`; the network does not.
fn read_canonical<T: ReadXdr + WriteXdr>(data: &[u8], limits: Limits) -> Option<T> {
    let value = T::from_xdr(data, limits).ok()?;
    let canonical = value.to_xdr(lenient(data)).expect("it was just read");
    assert_eq!(canonical.len(), data.len(), "another form than a boolean's");
    (canonical == data).then_some(value)
}

fn agree_by_base64<T: std::fmt::Debug>(
    data: &[u8],
    ours: &Result<T, DecodeError>,
    read: impl Fn(&str) -> Result<T, DecodeError>,
) {
    let text = BASE64_STANDARD.encode(data);
    match (ours, read(&text)) {
        (Ok(one), Ok(other)) => assert_eq!(format!("{one:?}"), format!("{other:?}")),
        (Err(one), Err(other)) => assert_eq!(one.kind(), other.kind()),
        (one, other) => panic!("from bytes {one:?}, from text {other:?}"),
    }
    // Text that is not the strict form of any bytes.
    for loose in [
        format!(" {text}"),
        format!("{text}\n"),
        text.trim_end_matches('=').to_owned() + "!",
        text + "=",
    ] {
        assert!(read(&loose).is_err(), "loose base64 is read");
    }
}

/// Limits within which we accept whatever is XDR.
fn strict(data: &[u8]) -> Limits {
    Limits {
        depth: 100,
        len: data.len(),
    }
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

const NETWORK: NetworkId = NetworkId::from_bytes([7; 32]);
