//! Commitment keys as text, and what people give in their place.

use coinslot_channel_commitment::{
    CommitmentKey, CommitmentPublicKey, ParseKeyError, ParseKeyErrorKind,
};
use coinslot_stellar_address::StrkeyKind;

const SEED: &str = "0cfa9ca692d943a55ce910196654e46c15b8d3d823fad64f46ab3949e1669da7";
const PUBLIC: &str = "5534614ccd7df0aa67c27529ccc4b7cda50eb92778de2c2d6bf7ae2ea02f9370";
/// The same public key, written as an account.
const ACCOUNT: &str = "GBKTIYKMZV67BKTHYJ2STTGEW7G2KDVZE54N4LBNNP324LVAF6JXAWN5";
const CONTRACT: &str = "CAG6RI5Q5DXW7DTDQFWEJAQUARGJMCT6X52XAIDGJ2OKT63SYYQBZB3V";
const STELLAR_SECRET: &str = "SD2HE6POY7D6P54CCUJ65SQW3C5SVBHT6PMI3BAQ7UVMBOTK7RI5WORH";

fn refused_both_ways(text: &str) -> [ParseKeyError; 2] {
    [
        text.parse::<CommitmentKey>().unwrap_err(),
        text.parse::<CommitmentPublicKey>().unwrap_err(),
    ]
}

#[test]
fn keys_are_read_in_either_case_and_written_in_lower_case() {
    for seed in [SEED, &SEED.to_uppercase()] {
        let key: CommitmentKey = seed.parse().unwrap();
        assert_eq!(key.public_key().to_string(), PUBLIC);
        assert_eq!(key.expose_secret(), SEED);
    }
    for text in [PUBLIC, &PUBLIC.to_uppercase()] {
        let key: CommitmentPublicKey = text.parse().unwrap();
        assert_eq!(key.to_string(), PUBLIC);
    }
}

#[test]
fn a_stellar_secret_key_is_told_apart_and_never_repeated() {
    for text in [STELLAR_SECRET, &STELLAR_SECRET[..20], "S"] {
        for error in refused_both_ways(text) {
            assert_eq!(error.kind(), ParseKeyErrorKind::StellarSecretKey);
        }
    }
    for error in refused_both_ways(STELLAR_SECRET) {
        assert!(!format!("{error} {error:?}").contains(&STELLAR_SECRET[..6]));
    }
    let [secret, public] = refused_both_ways(STELLAR_SECRET);
    assert_eq!(
        secret.to_string(),
        "this is a Stellar secret key (S…), which moves all the money of an account; a commitment \
         key belongs to one channel, opens no account, and is written as its seed of 64 \
         hexadecimal digits: make a new one for each channel"
    );
    assert_eq!(
        public.to_string(),
        "this is a Stellar secret key (S…), which must never be given as a public key; here \
         belongs the public commitment key of a channel, 64 hexadecimal digits"
    );
}

#[test]
fn addresses_are_named_as_such() {
    for (text, kind) in [
        (ACCOUNT, StrkeyKind::Account),
        (CONTRACT, StrkeyKind::Contract),
    ] {
        for error in refused_both_ways(text) {
            assert_eq!(error.kind(), ParseKeyErrorKind::StellarKey(kind));
        }
    }
    let [secret, public] = refused_both_ways(ACCOUNT);
    assert_eq!(
        secret.to_string(),
        "this is a G… account address; here belongs the secret seed of a channel's commitment \
         key, 64 hexadecimal digits"
    );
    assert_eq!(
        public.to_string(),
        "this is a G… account address; here belongs the public commitment key of a channel, \
         which is not an account's, 64 hexadecimal digits"
    );
}

#[test]
fn nothing_else_is_a_key() {
    for (text, kind) in [
        ("", ParseKeyErrorKind::Length { found: 0 }),
        (&SEED[1..], ParseKeyErrorKind::Length { found: 63 }),
        (&SEED[2..], ParseKeyErrorKind::Length { found: 62 }),
        (
            &[SEED, "00"].concat(),
            ParseKeyErrorKind::Length { found: 66 },
        ),
        (
            &[SEED, "\n"].concat(),
            ParseKeyErrorKind::Character { position: 64 },
        ),
        (
            &["0x", SEED].concat(),
            ParseKeyErrorKind::Character { position: 1 },
        ),
        ("hello", ParseKeyErrorKind::Character { position: 0 }),
    ] {
        for error in refused_both_ways(text) {
            assert_eq!(error.kind(), kind, "{text:?}");
        }
    }
}
