//! `channel_commitment`: what a channel's commitment key signs, and whether it did.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use coinslot_caip2_network::StellarNetwork;
use coinslot_channel_commitment::{
    Commitment, CommitmentKey, CommitmentPublicKey, CommitmentVerifier, Voucher,
};
use coinslot_soroban_authorization::verify_signature;
use coinslot_stellar_address::AccountId;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use stellar_xdr::{Limits, ReadXdr, ScVal};

use super::{Kinds, network};
use crate::{
    case::Case,
    decision::{Answer, Rule, Ruling},
};

pub(super) const KINDS: Kinds = &[("commit", commit), ("assert", assert), ("verify", verify)];

fn commit(case: &Case) -> Result<Answer, String> {
    Ok(Answer::new(signed(case)))
}

fn signed(case: &Case) -> Result<Value, String> {
    let commitment = wanted(case)?;
    if commitment.network != network::of(case)? {
        return Err("the network has another passphrase".to_owned());
    }
    let key: CommitmentKey = case.text("commitment_seed_hex")?.parse().map_err(show)?;
    let bytes = commitment.encode();
    let account = AccountId::from_bytes(*key.public_key().as_bytes());
    Ok(json!({
        "commitment_xdr_hex": hex::encode(bytes),
        "commitment_xdr_b64": BASE64_STANDARD.encode(bytes),
        "commitment_sha256": hex::encode(Sha256::digest(bytes)),
        "public_key": account.to_string(),
        "public_key_hex": key.public_key().to_string(),
        "signature_hex": key.sign(&commitment).signature_hex(),
        "assert": if Commitment::decode(&bytes) == Ok(commitment) { "ok" } else { "refused" },
    }))
}

/// Whether bytes are the commitment that a client wants to sign.
fn assert(case: &Case) -> Result<Answer, String> {
    let bytes = bytes(case)?;
    let ours = Commitment::decode(&bytes)
        .map_err(show)
        .and_then(|commitment| {
            if commitment == wanted(case)? {
                Ok(Value::from("ok"))
            } else {
                Err("another commitment".to_owned())
            }
        });
    let ruling =
        (!is_the_contracts_struct(&bytes)).then_some(Ruling::Refuse(Rule::CommitmentExact));
    Ok(Answer::new(ours).under(ruling))
}

fn verify(case: &Case) -> Result<Answer, String> {
    let bytes = bytes(case)?;
    let key: CommitmentPublicKey = case.text("public_key_hex")?.parse().map_err(show)?;
    let mut signature = [0; 64];
    hex::decode_to_slice(case.text("signature_hex")?, &mut signature).map_err(show)?;
    let ours = Commitment::decode(&bytes).is_ok_and(|commitment| {
        CommitmentVerifier::new(&commitment.network, &commitment.channel, &key).is_ok_and(
            |verifier| {
                verifier
                    .verify(Voucher::new(commitment.amount, signature))
                    .is_ok()
            },
        )
    });
    let account = AccountId::from_bytes(*key.as_bytes());
    let ruling = if !is_the_contracts_struct(&bytes) {
        Some(Ruling::Give(Rule::CommitmentExact, Value::Bool(false)))
    } else if !verify_signature(&account, &bytes, &signature) {
        Some(Ruling::Give(Rule::SignatureStrict, Value::Bool(false)))
    } else {
        None
    };
    Ok(Answer::new(Ok::<Value, String>(Value::Bool(ours))).under(ruling))
}

/// The commitment that the input names.
fn wanted(case: &Case) -> Result<Commitment, String> {
    let network: StellarNetwork = case.text("network")?.parse().map_err(show)?;
    Ok(Commitment {
        network: network.network_id(),
        channel: case.text("channel")?.parse().map_err(show)?,
        amount: case.text("amount")?.parse().map_err(show)?,
    })
}

fn bytes(case: &Case) -> Result<Vec<u8>, String> {
    hex::decode(case.text("commitment_xdr_hex")?).map_err(show)
}

/// Four fields with the contract's names and types, in its order, and nothing behind them.
fn is_the_contracts_struct(bytes: &[u8]) -> bool {
    let limits = Limits {
        depth: 10,
        len: bytes.len(),
    };
    let Ok(ScVal::Map(Some(map))) = ScVal::from_xdr(bytes, limits) else {
        return false;
    };
    let fields: Vec<(String, &str)> = map
        .iter()
        .map(|entry| {
            let name = match &entry.key {
                ScVal::Symbol(name) => name.to_string(),
                _ => String::new(),
            };
            (name, entry.val.name())
        })
        .collect();
    fields.iter().map(|(name, of)| (name.as_str(), *of)).eq([
        ("amount", "I128"),
        ("channel", "Address"),
        ("domain", "Symbol"),
        ("network", "Bytes"),
    ])
}

fn show(error: impl std::fmt::Display) -> String {
    error.to_string()
}
