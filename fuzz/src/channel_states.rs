//! Records of channels, as a store gives them back.

use std::sync::LazyLock;

use coinslot_caip2_network::{NetworkId, StellarNetwork};
use coinslot_channel_commitment::{CommitmentKey, CommitmentVerifier};
use coinslot_mpp_channel_stellar::client::BuyerState;
use coinslot_mpp_channel_stellar::{ChannelState, ReadStateError};
use coinslot_stellar_address::ContractId;
use sha2::{Digest as _, Sha256};

use crate::memory;

/// Exact, bounded; what is read is consistent.
///
/// The input is a record. It is read as it is, and with the checksum that belongs to it in place of its own, so that what
/// lies behind the checksum is reached.
pub(crate) fn channel_state(data: &[u8]) {
    for bytes in [data.to_vec(), sealed(data)] {
        let allowance = bytes.len().saturating_mul(8).saturating_add(8 * 1_024);
        match memory::at_most(allowance, || ChannelState::from_bytes(&bytes, &VERIFIER)) {
            Ok(state) => seller_holds(&bytes, &state),
            Err(error) => is_a_sentence(&error),
        }
        let read = || BuyerState::from_bytes(&bytes, &network(), &channel());
        match memory::at_most(allowance, read) {
            Ok(state) => buyer_holds(&bytes, &state),
            Err(error) => is_a_sentence(&error),
        }
    }
}

fn seller_holds(bytes: &[u8], state: &ChannelState) {
    assert_eq!(state.to_bytes(), bytes);
    assert_eq!((state.channel(), state.network()), (channel(), network()));
    let committed = state.spent().checked_add(state.reserved());
    assert!(committed.expect("no overflow") <= state.cumulative());
    assert!(state.exposure() <= state.cumulative());
    let last = state.last().map(|last| last.voucher());
    for voucher in last.into_iter().chain(state.voucher_to_take()) {
        let (_, unchecked) = voucher.into_parts();
        assert_eq!(VERIFIER.verify(unchecked).as_ref(), Ok(voucher));
    }
}

fn buyer_holds(bytes: &[u8], state: &BuyerState) {
    assert_eq!(state.to_bytes(), bytes);
    assert_eq!((state.channel(), state.network()), (channel(), network()));
    assert!(state.close_amount() <= state.acknowledged());
    assert!(state.acknowledged() <= state.signed());
}

fn is_a_sentence(error: &ReadStateError) {
    let sentence = error.to_string();
    assert!(!sentence.is_empty() && sentence.len() <= 400, "{sentence}");
    assert!(!sentence.contains(['\r', '\n', '\0']), "{sentence:?}");
}

/// The record with the checksum that belongs to it.
fn sealed(data: &[u8]) -> Vec<u8> {
    let mark = br#","checksum":""#;
    let end = data.windows(mark.len()).rposition(|part| part == mark);
    let mut body = data[..end.unwrap_or(data.len())].to_vec();
    if end.is_some() {
        body.push(b'}');
    }
    let checksum = hex::encode(Sha256::digest(&body));
    body.pop();
    [
        body.as_slice(),
        mark,
        checksum.as_bytes(),
        br#""}"#.as_slice(),
    ]
    .concat()
}

fn network() -> NetworkId {
    StellarNetwork::Testnet.network_id()
}

fn channel() -> ContractId {
    "CAG6RI5Q5DXW7DTDQFWEJAQUARGJMCT6X52XAIDGJ2OKT63SYYQBZB3V"
        .parse()
        .expect("a contract")
}

static VERIFIER: LazyLock<CommitmentVerifier> = LazyLock::new(|| {
    let key = CommitmentKey::from_seed([7; 32]).public_key();
    CommitmentVerifier::new(&network(), &channel(), &key).expect("a usable key")
});
