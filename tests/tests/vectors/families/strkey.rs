//! `strkey`: accounts, contracts and secret keys as text.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use coinslot_soroban_authorization::{
    Argument, Envelope, Invocation, SecretKey, Transfer, TransferEnvelope, TransferTransaction,
    UnsignedAuthEntry,
};
use coinslot_stellar_address::{AccountId, Address, ContractId, MuxedAccountId};
use serde_json::{Value, json};

use super::Kinds;
use crate::{
    case::{Case, number, text},
    decision::{Answer, Rule, Ruling},
};

pub(super) const KINDS: Kinds = &[
    ("validate", validate),
    ("encode", encode),
    ("decode", decode),
    ("address", address),
    ("muxed", muxed),
];

/// The reference's checkers, and which of ours is its counterpart.
fn validate(case: &Case) -> Result<Answer, String> {
    let address = case.text("address")?;
    let ours = json!({
        "isValidEd25519PublicKey": address.parse::<AccountId>().is_ok(),
        "isValidEd25519SecretSeed": address.parse::<SecretKey>().is_ok(),
        "isValidMed25519PublicKey": address.parse::<MuxedAccountId>().is_ok(),
        "isValidContract": address.parse::<ContractId>().is_ok(),
        "isValidSignedPayload": false,
        "isValidClaimableBalance": false,
        "isValidLiquidityPool": false,
        "x402_destination": address.parse::<Address>().is_ok(),
        "x402_asset": address.parse::<ContractId>().is_ok(),
    });
    let ruling = validate_ruling(case.expected()?)?;
    Ok(Answer::new(Ok::<_, String>(ours)).under(ruling))
}

/// The verdicts that follow from the reference's own checkers of checksums.
fn validate_ruling(reference: &Value) -> Result<Option<Ruling>, String> {
    let said = |name: &str| {
        reference[name]
            .as_bool()
            .ok_or_else(|| format!("no verdict {name:?}"))
    };
    let contract = said("isValidContract")?;
    let destination =
        said("isValidEd25519PublicKey")? || said("isValidMed25519PublicKey")? || contract;
    let mut ruled = reference.clone();
    ruled["x402_destination"] = destination.into();
    ruled["x402_asset"] = contract.into();
    let mut rule = (ruled != *reference).then_some(Rule::Checksum);
    for other in [
        "isValidSignedPayload",
        "isValidClaimableBalance",
        "isValidLiquidityPool",
    ] {
        if said(other)? {
            ruled[other] = false.into();
            rule = Some(Rule::NotAParty);
        }
    }
    Ok(rule.map(|rule| Ruling::Give(rule, ruled)))
}

fn encode(case: &Case) -> Result<Answer, String> {
    let payload = hex::decode(case.text("payload_hex")?).map_err(|error| error.to_string())?;
    let kind = case.text("kind")?;
    if !PARTIES.contains(&kind) {
        return not_a_party(case.expected()?.as_str().ok_or("no strkey")?);
    }
    Ok(Answer::new(encoded(kind, &payload).map(Value::String)))
}

fn encoded(kind: &str, payload: &[u8]) -> Result<String, String> {
    let (key, rest) = payload.split_first_chunk::<32>().ok_or("too short")?;
    if kind == "M" {
        let id = <[u8; 8]>::try_from(rest)
            .map(u64::from_be_bytes)
            .map_err(|error| error.to_string())?;
        return Ok(MuxedAccountId::new(AccountId::from_bytes(*key), id).to_string());
    }
    if !rest.is_empty() {
        return Err("too long".to_owned());
    }
    match kind {
        "G" => Ok(AccountId::from_bytes(*key).to_string()),
        "C" => Ok(ContractId::from_bytes(*key).to_string()),
        "S" => Ok(SecretKey::from_seed(*key).expose_secret()),
        _ => Err(format!("no type for {kind}")),
    }
}

fn decode(case: &Case) -> Result<Answer, String> {
    let (kind, address) = (case.text("kind")?, case.text("address")?);
    if !PARTIES.contains(&kind) {
        return not_a_party(address);
    }
    Ok(Answer::new(decoded(kind, address).map(Value::String)))
}

fn decoded(kind: &str, address: &str) -> Result<String, String> {
    match kind {
        "G" => address
            .parse::<AccountId>()
            .map(|account| hex::encode(account.as_bytes()))
            .map_err(|error| error.to_string()),
        "C" => address
            .parse::<ContractId>()
            .map(|contract| hex::encode(contract.as_bytes()))
            .map_err(|error| error.to_string()),
        "M" => address
            .parse::<MuxedAccountId>()
            .map(|muxed| {
                format!(
                    "{}{:016x}",
                    hex::encode(muxed.account().as_bytes()),
                    muxed.id()
                )
            })
            .map_err(|error| error.to_string()),
        // A secret key shows itself only as text: its payload is in the bytes of the strkey.
        "S" => {
            let secret: SecretKey = address.parse().map_err(
                |error: coinslot_soroban_authorization::ParseSecretKeyError| error.to_string(),
            )?;
            let bytes = unpadded_base32(&secret.expose_secret())?;
            bytes
                .get(1..33)
                .map(hex::encode)
                .ok_or_else(|| "too short".to_owned())
        }
        _ => Err(format!("no type for {kind}")),
    }
}

/// RFC 4648 base32, for reading a strkey apart from our own reader.
fn unpadded_base32(text: &str) -> Result<Vec<u8>, String> {
    let (mut bytes, mut buffer, mut bits) = (Vec::new(), 0_u32, 0_u32);
    for character in text.bytes() {
        let value = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
            .iter()
            .position(|letter| *letter == character)
            .ok_or("no base32")?;
        buffer = (buffer << 5) | u32::try_from(value).map_err(|error| error.to_string())?;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from((buffer >> bits) & 0xff).map_err(|error| error.to_string())?);
        }
    }
    Ok(bytes)
}

/// A strkey that names nobody who pays or is paid: each of our readers refuses it.
fn not_a_party(strkey: &str) -> Result<Answer, String> {
    let accepted = strkey.parse::<Address>().is_ok()
        || strkey.parse::<AccountId>().is_ok()
        || strkey.parse::<ContractId>().is_ok()
        || strkey.parse::<MuxedAccountId>().is_ok()
        || strkey.parse::<SecretKey>().is_ok();
    let ours = if accepted {
        Ok(Value::String(strkey.to_owned()))
    } else {
        Err("not a party to a payment")
    };
    Ok(Answer::new(ours).under(Some(Ruling::Refuse(Rule::NotAParty))))
}

fn address(case: &Case) -> Result<Answer, String> {
    let ours = case
        .text("address")?
        .parse::<Address>()
        .map_err(|error| error.to_string())
        .and_then(|address| describe(&address));
    let holds_no_token = case
        .reference
        .as_ref()
        .and_then(|reference| reference["type"].as_str())
        .is_some_and(|kind| {
            matches!(
                kind,
                "scAddressTypeClaimableBalance" | "scAddressTypeLiquidityPool"
            )
        });
    Ok(Answer::new(ours).under(holds_no_token.then_some(Ruling::Refuse(Rule::NotAParty))))
}

/// The address as text and as XDR, which is read out of a call that has it as its only argument.
fn describe(address: &Address) -> Result<Value, String> {
    let contract = ContractId::from_bytes([0; 32]);
    let call = Invocation::new(contract, "f")
        .map_err(|error| error.to_string())?
        .argument(Argument::Address(*address));
    let caller = Address::Contract(contract);
    let entry = UnsignedAuthEntry::for_invocation(caller, &call, 0, 0).to_unsigned_entry();
    let without = Invocation::new(contract, "f").map_err(|error| error.to_string())?;
    let start = UnsignedAuthEntry::for_invocation(caller, &without, 0, 0)
        .to_unsigned_entry()
        .as_xdr()
        .len();
    let bytes = entry.as_xdr();
    // The entry ends with the arguments and the number of calls below.
    let value = bytes
        .get(start.saturating_sub(4)..bytes.len().saturating_sub(4))
        .ok_or("an entry that is too short")?;
    let kind = match address {
        Address::Account(_) => "scAddressTypeAccount",
        Address::Contract(_) => "scAddressTypeContract",
        Address::Muxed(_) => "scAddressTypeMuxedAccount",
    };
    Ok(json!({
        "string": address.to_string(),
        "scaddress_xdr": BASE64_STANDARD.encode(value.get(4..).unwrap_or_default()),
        "scval_xdr": BASE64_STANDARD.encode(value),
        "type": kind,
    }))
}

fn muxed(case: &Case) -> Result<Answer, String> {
    let base: AccountId = case
        .text("base")?
        .parse()
        .map_err(|error: coinslot_stellar_address::ParseAddressError| error.to_string())?;
    let ours = number::<u64>(&case.input, "id").and_then(|id| {
        let muxed = MuxedAccountId::new(base, id);
        let xdr = text(case.expected()?, "xdr")?;
        if source_read_from(xdr)? != Address::Muxed(muxed) {
            return Err(format!("{xdr} is another account"));
        }
        Ok(json!({"address": muxed.to_string(), "xdr": xdr}))
    });
    Ok(Answer::new(ours))
}

/// Reads a `MuxedAccount` by putting it in the place of a transaction's source.
fn source_read_from(xdr: &str) -> Result<Address, String> {
    let account = BASE64_STANDARD
        .decode(xdr)
        .map_err(|error| error.to_string())?;
    let nobody = Address::Account(AccountId::ALL_ZEROS);
    let transaction = TransferTransaction {
        source: AccountId::ALL_ZEROS,
        sequence: 1,
        fee: 100,
        max_time: None,
        transfer: Transfer {
            token: ContractId::from_bytes([0; 32]),
            from: nobody,
            to: nobody,
            amount: 1,
        },
        auth: Vec::new(),
        resources: None,
    };
    let bytes = transaction.to_envelope().to_xdr();
    let (kind, rest) = bytes
        .split_at_checked(4)
        .ok_or("an envelope that is too short")?;
    let after = rest.get(36..).ok_or("an envelope that is too short")?;
    let envelope =
        Envelope::from_xdr(&[kind, &account, after].concat()).map_err(|error| error.to_string())?;
    let recognised = TransferEnvelope::recognise(&envelope).map_err(|error| error.to_string())?;
    Ok(recognised.source)
}

/// Kinds of strkey that pay, are paid or sign; the others are signers and things on the ledger.
const PARTIES: [&str; 4] = ["G", "C", "M", "S"];
