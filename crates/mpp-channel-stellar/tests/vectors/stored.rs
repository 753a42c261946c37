//! The stored form.

use coinslot_channel_commitment::{CommitmentKey, CommitmentVerifier};
use coinslot_mpp_channel_stellar::{ChannelState, ReadStateError};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::channel::*;

fn read(bytes: &[u8]) -> Result<ChannelState, ReadStateError> {
    ChannelState::from_bytes(bytes, &verifier())
}

fn states() -> Vec<ChannelState> {
    let accepted = pay(10, 10, 1).accepted(&first());
    let answered = accepted.answered(units(10), US).unwrap();
    let Ok(coinslot_mpp_channel_stellar::CloseJudgement::Close(closing)) =
        pay(15, 10, 2).close(&pay(20, 10, 3).accepted(&first()), &facts())
    else {
        unreachable!("it is between")
    };
    let Ok(coinslot_mpp_channel_stellar::CloseJudgement::ServeAndClose(served)) =
        pay(25, 10, 2).close(&accepted.observe(&facts()), &facts())
    else {
        unreachable!("it is above")
    };
    vec![
        *served,
        first(),
        answered.observe(&withdrawn(10)),
        answered.observe(&closing_at(LEDGER + 9)),
        answered.observe(&coinslot_mpp_channel_stellar::ChannelFacts {
            balance: units(0),
            ..closing_at(LEDGER)
        }),
        answered,
        stream(70, 10, 2).accepted(&accepted),
        accepted,
        *closing,
    ]
}

/// The text with the checksum that belongs to it: what somebody writes who wants to be believed.
fn sealed(mut state: Value) -> Vec<u8> {
    state.as_object_mut().unwrap().remove("checksum");
    sealed_text(&state.to_string())
}

fn sealed_text(text: &str) -> Vec<u8> {
    let checksum = hex::encode(Sha256::digest(text));
    let open = text.strip_suffix('}').unwrap();
    format!(r#"{open},"checksum":"{checksum}"}}"#).into_bytes()
}

/// The stored text with one part replaced, sealed again.
fn with(state: &ChannelState, from: &str, to: &str) -> Result<ChannelState, ReadStateError> {
    let text = String::from_utf8(state.to_bytes()).unwrap();
    let at = text.find(r#","checksum""#).unwrap();
    let changed = format!("{}}}", &text[..at]).replacen(from, to, 1);
    assert!(text.contains(from), "{text}");
    read(&sealed_text(&changed))
}

#[test]
fn every_state_is_read_as_it_was_written() {
    for state in states() {
        let bytes = state.to_bytes();
        assert_eq!(read(&bytes), Ok(state));
        assert!(bytes.len() < 2_000, "{}", bytes.len());
    }
}

#[test]
fn the_signature_is_there_and_is_checked() {
    let state = pay(10, 10, 1).accepted(&first());
    let signature = hex::encode(voucher(10).signature());
    let text = String::from_utf8(state.to_bytes()).unwrap();
    assert!(text.contains(&signature));
    // Of another amount, sealed as it should be.
    let other = hex::encode(voucher(11).signature());
    assert!(matches!(
        with(&state, &signature, &other),
        Err(ReadStateError::Signature(_))
    ));
    assert!(matches!(
        with(
            &state,
            r#""voucher":{"amount":"10""#,
            r#""voucher":{"amount":"11""#
        ),
        Err(ReadStateError::Signature(_))
    ));
}

#[test]
fn no_changed_byte_is_believed() {
    for state in states() {
        let bytes = state.to_bytes();
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut changed = bytes.clone();
                changed[at] ^= 1 << bit;
                assert!(read(&changed).is_err(), "byte {at}, bit {bit}");
            }
        }
        for length in 0..bytes.len() {
            assert!(read(&bytes[..length]).is_err(), "{length}");
        }
    }
}

#[test]
fn a_state_belongs_to_one_channel_and_one_key() {
    let bytes = pay(10, 10, 1).accepted(&first()).to_bytes();
    let key = key().public_key();
    let elsewhere = CommitmentVerifier::new(&network(), &other_channel(), &key).unwrap();
    assert_eq!(
        ChannelState::from_bytes(&bytes, &elsewhere),
        Err(ReadStateError::AnotherChannel)
    );
    let pubnet = coinslot_caip2_network::StellarNetwork::Pubnet.network_id();
    let on_pubnet = CommitmentVerifier::new(&pubnet, &channel(), &key).unwrap();
    assert_eq!(
        ChannelState::from_bytes(&bytes, &on_pubnet),
        Err(ReadStateError::AnotherChannel)
    );
    let other = CommitmentKey::from_seed([8; 32]).public_key();
    let by_another = CommitmentVerifier::new(&network(), &channel(), &other).unwrap();
    assert!(matches!(
        ChannelState::from_bytes(&bytes, &by_another),
        Err(ReadStateError::Signature(_))
    ));
}

#[test]
fn another_version_is_not_guessed_at() {
    assert_eq!(
        with(&first(), r#""version":1"#, r#""version":2"#),
        Err(ReadStateError::Version { found: 2 })
    );
    assert_eq!(
        read(br#"{"version":2,"whatever":[]}"#),
        Err(ReadStateError::Version { found: 2 })
    );
}

#[test]
fn amounts_that_contradict_one_another_are_refused() {
    let accepted = pay(10, 10, 1).accepted(&first());
    for (from, to) in [
        (r#""spent":"10""#, r#""spent":"11""#),
        (r#""reserved":"0""#, r#""reserved":"1""#),
        (
            r#""spent":"10","reserved":"0""#,
            r#""spent":"5","reserved":"5""#,
        ),
        (r#""paid":"10""#, r#""paid":"11""#),
        (r#""paid":"10""#, r#""paid":"0""#),
        (
            r#""spent":"10""#,
            r#""spent":"170141183460469231731687303715884105727""#,
        ),
        (r#""closes":false"#, r#""closes":true"#),
    ] {
        assert_eq!(
            with(&accepted, from, to),
            Err(ReadStateError::Contradiction),
            "{to}"
        );
    }
    assert_eq!(
        with(&first(), r#""spent":"0""#, r#""spent":"1""#),
        Err(ReadStateError::Contradiction)
    );
    let Ok(coinslot_mpp_channel_stellar::CloseJudgement::Close(closing)) =
        pay(10, 10, 2).close(&accepted, &facts())
    else {
        unreachable!("it is the highest")
    };
    let closing = String::from_utf8(closing.to_bytes()).unwrap();
    let mut opened: Value = serde_json::from_str(&closing).unwrap();
    opened["phase"] = json!("open");
    assert_eq!(read(&sealed(opened)), Err(ReadStateError::Contradiction));
}

#[test]
fn another_writing_of_the_same_is_not_what_was_written() {
    let state = pay(10, 10, 1).accepted(&first());
    for (from, to) in [
        (r#""version":1"#, r#""version": 1"#),
        (r#""version":1"#, r#""version":1,"more":0"#),
        (r#""request":"01"#, r#""request":"0\u0031"#),
    ] {
        assert!(with(&state, from, to).is_err(), "{to}");
    }
    assert_eq!(
        with(&state, r#""version":1"#, r#""version": 1"#),
        Err(ReadStateError::Altered)
    );
    let text = String::from_utf8(state.to_bytes()).unwrap();
    assert_eq!(
        read(text.to_string().replacen('{', "{ ", 1).as_bytes()),
        Err(ReadStateError::Altered)
    );
}

#[test]
fn whatever_is_no_state_is_refused() {
    for bytes in [
        b"".as_slice(),
        b"null",
        b"[]",
        b"{}",
        b"\xff",
        br#"{"version":1}"#,
        &[b' '; 5_000],
    ] {
        assert!(matches!(read(bytes), Err(ReadStateError::Json(_))));
    }
}

#[test]
fn errors_are_sentences_without_what_was_stored() {
    let state = pay(10, 10, 1).accepted(&first());
    let signature = hex::encode(voucher(10).signature());
    let other = hex::encode(voucher(11).signature());
    let error = with(&state, &signature, &other).unwrap_err().to_string();
    assert!(
        error.starts_with("a stored voucher does not hold: "),
        "{error}"
    );
    assert!(!error.contains(&other));
    assert_eq!(
        read(br#"{"version":2}"#).unwrap_err().to_string(),
        "the stored state has version 2, this program reads version 1"
    );
}
