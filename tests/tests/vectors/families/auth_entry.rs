//! `stellar_auth_entry`: authorization entries, unsigned, signed and read.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use coinslot_caip2_network::NetworkId;
use coinslot_soroban_authorization::{
    Argument, AuthEntry, Credential, Invocation, SecretKey, Transfer, UnsignedAuthEntry,
};
use coinslot_stellar_address::{Address, ContractId};
use serde_json::{Value, json};

use super::{Kinds, network};
use crate::{
    case::{Case, number, text},
    decision::Answer,
};

pub(super) const KINDS: Kinds = &[
    ("authorize_entry", authorize_entry),
    ("authorize_invocation", authorize_invocation),
    ("reject", reject),
];

fn authorize_entry(case: &Case) -> Result<Answer, String> {
    let network = network::of(case)?;
    let key = secret_key(case)?;
    if case
        .text("signer_secret")?
        .parse::<SecretKey>()
        .map(|key| key.account_id())
        .ok()
        != Some(key.account_id())
    {
        return Err("the secret key is not that of the seed".to_owned());
    }
    let address: Address = case.text("address")?.parse().map_err(show)?;
    let (nonce, expiration) = (
        number(&case.input, "nonce")?,
        number(&case.input, "expiration_ledger")?,
    );
    let call = invocation(&case.input["invocation"])?;
    let unsigned = UnsignedAuthEntry::for_invocation(address, &call, nonce, expiration);
    if let Some(transfer) = as_transfer(&case.input["invocation"])?
        && UnsignedAuthEntry::for_transfer(&transfer, nonce, expiration) != unsigned
    {
        return Err("for_transfer and for_invocation differ".to_owned());
    }
    let signed = unsigned.sign(&key, &network).map_err(show)?;
    check_reading(case, &signed, &key, &network)?;
    let before = UnsignedAuthEntry::for_invocation(address, &call, nonce, 0).to_unsigned_entry();
    let preimage = unsigned.preimage(&network);
    let root_invocation = preimage.get(48..).ok_or("a preimage that is too short")?;
    Ok(Answer::new(Ok::<Value, String>(json!({
        "unsigned_entry_xdr": before.to_base64(),
        "root_invocation_xdr": BASE64_STANDARD.encode(root_invocation),
        "preimage_xdr": BASE64_STANDARD.encode(&preimage),
        "payload_hash": hex::encode(unsigned.payload_hash(&network)),
        "signature_hex": hex::encode(key.sign(&unsigned.payload_hash(&network))),
        "signed_entry_xdr": signed.to_base64(),
        "signer_public_key": key.account_id().to_string(),
    }))))
}

/// The reference's signed entry, read: same bytes again, same meaning, and its signature holds.
fn check_reading(
    case: &Case,
    signed: &AuthEntry,
    key: &SecretKey,
    network: &NetworkId,
) -> Result<(), String> {
    let read = AuthEntry::from_base64(text(case.expected()?, "signed_entry_xdr")?).map_err(show)?;
    if read != *signed {
        return Err(format!("the reference's entry is read as {read:?}"));
    }
    let address: Address = case.text("address")?.parse().map_err(show)?;
    let wanted = Credential::Address {
        address,
        nonce: number(&case.input, "nonce")?,
        expiration_ledger: number(&case.input, "expiration_ledger")?,
        signed: true,
    };
    if read.credential() != wanted {
        return Err(format!("its credential is read as {:?}", read.credential()));
    }
    if read.transfer() != as_transfer(&case.input["invocation"])? {
        return Err(format!("its transfer is read as {:?}", read.transfer()));
    }
    if read.has_sub_invocations() != case.input["invocation"].get("sub").is_some() {
        return Err("its calls below are misread".to_owned());
    }
    let holds = read.verify_account_signature(network).is_ok();
    if holds != (address == Address::Account(key.account_id())) {
        return Err(format!("its signature is judged as {holds}"));
    }
    let elsewhere = NetworkId::from_passphrase("another network");
    if read.verify_account_signature(&elsewhere).is_ok() {
        return Err("its signature holds on another network".to_owned());
    }
    Ok(())
}

fn authorize_invocation(case: &Case) -> Result<Answer, String> {
    let network = network::of(case)?;
    let key = secret_key(case)?;
    // The reference takes the nonce from random bytes: here it is an argument.
    let random = hex::decode(case.text("nonce_source_public_key_hex")?)
        .map_err(|error| error.to_string())?;
    let nonce = random
        .first_chunk::<8>()
        .map(|bytes| i64::from_be_bytes(*bytes))
        .ok_or("too few random bytes")?;
    let call = invocation(&case.input["invocation"])?;
    let expiration = number(&case.input, "valid_until_ledger")?;
    let entry = UnsignedAuthEntry::for_invocation(
        Address::Account(key.account_id()),
        &call,
        nonce,
        expiration,
    )
    .sign(&key, &network)
    .map_err(show)?;
    Ok(Answer::new(Ok::<Value, String>(
        json!({"nonce": nonce.to_string(), "signed_entry_xdr": entry.to_base64()}),
    )))
}

/// Calls that the reference refuses, told apart by what they are given.
fn reject(case: &Case) -> Result<Answer, String> {
    if let Some(xdr) = case.input["xdr"].as_str() {
        return Ok(Answer::new(
            AuthEntry::from_base64(xdr).map(|entry| Value::String(entry.to_base64())),
        ));
    }
    if let Some(reference) = &case.reference {
        // Nothing to sign: the entry stays as it is.
        let entry = AuthEntry::from_base64(text(reference, "entry_xdr")?).map_err(show)?;
        if UnsignedAuthEntry::from_entry(&entry, 1).is_ok() {
            return Err("an entry without an address is taken for one to sign".to_owned());
        }
        let again = entry.to_base64();
        return Ok(Answer::new(Ok::<Value, String>(
            json!({"entry_xdr": again, "result_xdr": again}),
        )));
    }
    // A signature that does not match what is signed.
    let key = SecretKey::from_seed([7; 32]);
    let call = Invocation::new(ContractId::from_bytes([1; 32]), "transfer").map_err(show)?;
    let unsigned =
        UnsignedAuthEntry::for_invocation(Address::Account(key.account_id()), &call, 1, 1);
    let network = NetworkId::from_passphrase("any");
    let signed = unsigned.with_signature(&key.account_id(), &[0; 64], &network);
    Ok(Answer::new(
        signed.map(|entry| Value::String(entry.to_base64())),
    ))
}

fn secret_key(case: &Case) -> Result<SecretKey, String> {
    let mut seed = [0; 32];
    hex::decode_to_slice(case.text("signer_seed_hex")?, &mut seed)
        .map_err(|error| error.to_string())?;
    Ok(SecretKey::from_seed(seed))
}

fn invocation(value: &Value) -> Result<Invocation, String> {
    let contract: ContractId = text(value, "contract")?.parse().map_err(show)?;
    let mut call = Invocation::new(contract, text(value, "function")?).map_err(show)?;
    for argument in value["args"].as_array().ok_or("`args` is no list")? {
        call = call.argument(match text(argument, "type")? {
            "address" => Argument::Address(text(argument, "value")?.parse().map_err(show)?),
            "i128" => Argument::I128(number(argument, "value")?),
            "u32" => Argument::U32(number(argument, "value")?),
            "u64" => Argument::U64(number(argument, "value")?),
            "bytes" => Argument::Bytes(
                hex::decode(text(argument, "value")?).map_err(|error| error.to_string())?,
            ),
            other => return Err(format!("unknown argument type {other:?}")),
        });
    }
    for below in value["sub"].as_array().into_iter().flatten() {
        call = call.below(invocation(below)?);
    }
    Ok(call)
}

/// The transfer that an invocation is, if it is exactly one.
fn as_transfer(value: &Value) -> Result<Option<Transfer>, String> {
    let arguments = value["args"].as_array().ok_or("`args` is no list")?;
    let types: Vec<&str> = arguments
        .iter()
        .filter_map(|argument| argument["type"].as_str())
        .collect();
    if value["function"] != "transfer" || types != ["address", "address", "i128"] {
        return Ok(None);
    }
    let [from, to, amount] = arguments.as_slice() else {
        return Ok(None);
    };
    Ok(Some(Transfer {
        token: text(value, "contract")?.parse().map_err(show)?,
        from: text(from, "value")?.parse().map_err(show)?,
        to: text(to, "value")?.parse().map_err(show)?,
        amount: number(amount, "value")?,
    }))
}

fn show(error: impl std::fmt::Display) -> String {
    error.to_string()
}
