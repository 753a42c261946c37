//! Addresses, secret keys, assets and hashes as text, beside the strkey crate of the network's authors.

use std::{fmt::Display, str::FromStr};

use coinslot_soroban_authorization::{AssetCode, ClassicAsset, SecretKey, TransactionHash};
use coinslot_stellar_address::{AccountId, Address, ContractId, MuxedAccountId};
use stellar_strkey::{Strkey, ed25519::PrivateKey};

use crate::{memory, text};

/// Differential, exact, bounded.
pub(crate) fn account_id(data: &[u8]) {
    check::<AccountId>(data, |strkey| matches!(strkey, Strkey::PublicKeyEd25519(_)));
}

/// Differential, exact, bounded.
pub(crate) fn contract_id(data: &[u8]) {
    check::<ContractId>(data, |strkey| matches!(strkey, Strkey::Contract(_)));
}

/// Differential, exact, bounded.
pub(crate) fn muxed_account_id(data: &[u8]) {
    check::<MuxedAccountId>(data, |strkey| {
        matches!(strkey, Strkey::MuxedAccountEd25519(_))
    });
}

/// Differential, exact, bounded; the parts say the same as the whole.
pub(crate) fn address(data: &[u8]) {
    let party = |strkey: &Strkey| {
        matches!(
            strkey,
            Strkey::PublicKeyEd25519(_) | Strkey::Contract(_) | Strkey::MuxedAccountEd25519(_)
        )
    };
    check::<Address>(data, party);
    let Some(text) = text(data) else { return };
    let by_kind = [
        text.parse::<AccountId>().ok().map(Address::Account),
        text.parse::<ContractId>().ok().map(Address::Contract),
        text.parse::<MuxedAccountId>().ok().map(Address::Muxed),
    ];
    assert_eq!(
        text.parse::<Address>().ok(),
        by_kind.into_iter().flatten().next(),
        "{text:?}"
    );
}

/// Differential; a refusal and a `Debug` never show the text.
pub(crate) fn secret_key(data: &[u8]) {
    let Some(text) = text(data) else { return };
    let parsed = memory::at_most(2_048, || text.parse::<SecretKey>());
    assert_eq!(parsed.is_ok(), PrivateKey::from_string(text).is_ok());
    match parsed {
        Ok(key) => {
            assert_eq!(key.expose_secret(), text);
            assert!(!format!("{key:?}").contains(text));
        }
        Err(error) if text.len() > 8 => assert!(!format!("{error} {error:?}").contains(text)),
        Err(_) => {}
    }
}

/// Model, exact.
pub(crate) fn classic_asset(data: &[u8]) {
    let Some(text) = text(data) else { return };
    let parsed = text.parse::<ClassicAsset>();
    let is_code = |code: &str| {
        (1..=12).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    assert_eq!(text.parse::<AssetCode>().is_ok(), is_code(text), "{text:?}");
    let is_asset = text == "native"
        || text
            .split_once(':')
            .is_some_and(|(code, issuer)| is_code(code) && issuer.parse::<AccountId>().is_ok());
    assert_eq!(parsed.is_ok(), is_asset, "{text:?}");
    if let Ok(asset) = parsed {
        assert_eq!(asset.to_string(), text);
    }
}

/// Model, exact.
pub(crate) fn transaction_hash(data: &[u8]) {
    let Some(text) = text(data) else { return };
    let parsed = text.parse::<TransactionHash>();
    let lower_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let canonical = text.len() == 64 && text.bytes().all(lower_hex);
    if canonical {
        assert_eq!(parsed.expect("64 hexadecimal digits").to_string(), text);
    } else if let Ok(hash) = parsed {
        assert!(text.eq_ignore_ascii_case(&hash.to_string()), "{text:?}");
    }
}

fn check<T: FromStr + Display>(data: &[u8], right_kind: impl Fn(&Strkey) -> bool)
where
    T::Err: std::fmt::Debug,
{
    let Some(text) = text(data) else { return };
    let parsed = memory::at_most(text.len() + 1_024, || text.parse::<T>());
    let reference = Strkey::from_string(text).ok().filter(right_kind);
    match (parsed, reference) {
        (Ok(ours), Some(reference)) => {
            assert_eq!(ours.to_string(), text);
            assert_eq!(ours.to_string(), reference.to_string().as_str());
        }
        (Err(_), None) => {}
        (Ok(ours), None) => panic!("{text:?} is accepted as {ours}"),
        (Err(error), Some(_)) => panic!("{text:?} is refused: {error:?}"),
    }
}
