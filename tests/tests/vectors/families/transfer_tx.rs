//! `stellar_transfer_tx`: transactions of one transfer, built, hashed, signed, fee-bumped and read.

use coinslot_caip2_network::NetworkId;
use coinslot_soroban_authorization::{
    AuthEntry, Envelope, Memo, SecretKey, SorobanResources, Transfer, TransferEnvelope,
    TransferTransaction, fee_bump,
};
use coinslot_stellar_address::{AccountId, Address};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{Kinds, network};
use crate::{
    case::{Case, number, text},
    decision::Answer,
};

pub(super) const KINDS: Kinds = &[
    ("unsigned", unsigned),
    ("with_soroban_data", unsigned),
    ("signed", signed),
    ("fee_bump", bumped),
    ("mpp_fee_bump", mpp_bumped),
    ("parse", parse),
];

fn unsigned(case: &Case) -> Result<Answer, String> {
    let network = network::of(case)?;
    let expected = case.expected()?;
    let resources = declared_resources(&case.input, text(expected, "envelope_xdr")?)?;
    let built = build(&case.input, resources)?;
    check_reading(text(expected, "envelope_xdr")?, &case.input, &built)?;
    let hash = built.envelope.hash(&network);
    Ok(Answer::new(Ok::<Value, String>(json!({
        "envelope_xdr": built.envelope.to_base64(),
        "hash": hash.to_string(),
        "signature_base_hex": signature_base(expected, hash.as_bytes())?,
        "fee": built.fee.to_string(),
        "sequence": built.sequence.to_string(),
    }))))
}

fn signed(case: &Case) -> Result<Answer, String> {
    let network = network::of(case)?;
    let key = secret_key(&case.input, "source_seed_hex")?;
    let expected = text(case.expected()?, "signed_envelope_xdr")?;
    let mut envelope = build(&case.input, declared_resources(&case.input, expected)?)?.envelope;
    envelope.sign(&key, &network).map_err(show)?;
    let hash = envelope.hash(&network);
    Ok(Answer::new(Ok::<Value, String>(json!({
        "hash": hash.to_string(),
        "signed_envelope_xdr": envelope.to_base64(),
        "signature_hint_hex": hex::encode(key.account_id().as_bytes().last_chunk::<4>().ok_or("a key of no bytes")?),
        "signature_hex": hex::encode(key.sign(hash.as_bytes())),
    }))))
}

fn bumped(case: &Case) -> Result<Answer, String> {
    let inner = signed_inner(case)?;
    let sponsor: AccountId = case.text("fee_source")?.parse().map_err(show)?;
    // The reference takes a fee per operation: one for the inner transaction, one for the outer, and the resource fee.
    let base_fee: u64 = number(&case.input, "base_fee")?;
    let resource_fee = resource_fee(&case.input["inner"])?;
    let fee = base_fee.saturating_mul(2).saturating_add(resource_fee);
    let ours = if base_fee < u64::from(inner.fee).saturating_sub(resource_fee) {
        Err(format!(
            "{base_fee} stroops an operation are below what the inner transaction offers"
        ))
    } else {
        bump(case, &inner, sponsor, fee)
    };
    Ok(Answer::new(ours.map(|(envelope, hash)| {
        let expected = case.reference.clone().unwrap_or_default();
        json!({
            "inner_hash": inner.envelope.hash(&inner.network).to_string(),
            "fee": fee.to_string(),
            "unsigned_envelope_xdr": envelope.unsigned,
            "hash": hex::encode(hash),
            "signature_base_hex": signature_base(&expected, &hash).unwrap_or_default(),
            "signed_envelope_xdr": envelope.signed,
        })
    })))
}

/// A fee bump whose fee another program chose.
fn mpp_bumped(case: &Case) -> Result<Answer, String> {
    let inner = signed_inner(case)?;
    let sponsor = secret_key(&case.input, "fee_source_seed_hex")?.account_id();
    let fee: u64 = number(case.expected()?, "fee")?;
    Ok(Answer::new(bump(case, &inner, sponsor, fee).map(|(envelope, hash)| {
        json!({"fee": fee.to_string(), "hash": hex::encode(hash), "signed_envelope_xdr": envelope.signed})
    })))
}

struct Bumped {
    unsigned: String,
    signed: String,
}

fn bump(
    case: &Case,
    inner: &Inner,
    sponsor: AccountId,
    fee: u64,
) -> Result<(Bumped, [u8; 32]), String> {
    let key = secret_key(&case.input, "fee_source_seed_hex")?;
    let fee = i64::try_from(fee).map_err(show)?;
    let mut envelope = fee_bump(&inner.envelope, sponsor, fee).map_err(show)?;
    let unsigned = envelope.to_base64();
    envelope.sign(&key, &inner.network).map_err(show)?;
    if envelope.inner_hash(&inner.network) != inner.envelope.hash(&inner.network) {
        return Err("the inner hash is not that of the inner transaction".to_owned());
    }
    let hash = *envelope.hash(&inner.network).as_bytes();
    let signed = envelope.to_base64();
    if Envelope::from_base64(&signed)
        .map_err(show)?
        .hash(&inner.network)
        .as_bytes()
        != &hash
    {
        return Err("read again it has another hash".to_owned());
    }
    Ok((Bumped { unsigned, signed }, hash))
}

fn parse(case: &Case) -> Result<Answer, String> {
    let network = network::of(case)?;
    let ours = Envelope::from_base64(case.text("envelope_xdr")?)
        .map_err(show)
        .and_then(|envelope| {
            let recognised = TransferEnvelope::recognise(&envelope).map_err(show)?;
            Ok(json!({
                "type": if envelope.is_fee_bump() { "FeeBumpTransaction" } else { "Transaction" },
                "hash": envelope.hash(&network).to_string(),
                "source": recognised.source.to_string(),
                "fee": recognised.fee.to_string(),
                "operations": ["invokeHostFunction"],
            }))
        });
    Ok(Answer::new(ours))
}

struct Inner {
    envelope: Envelope,
    network: NetworkId,
    fee: u32,
}

/// The inner transaction of a fee bump, built and signed.
fn signed_inner(case: &Case) -> Result<Inner, String> {
    let input = &case.input["inner"];
    let network = NetworkId::from_passphrase(text(input, "network_passphrase")?);
    let resources = match &case.reference {
        Some(expected) => {
            let bumped =
                Envelope::from_base64(text(expected, "signed_envelope_xdr")?).map_err(show)?;
            let inner = bumped
                .inner()
                .ok_or("the reference's envelope is no fee bump")?;
            declared_resources(input, &inner.to_base64())?
        }
        None => None,
    };
    let mut built = build(input, resources)?;
    built
        .envelope
        .sign(&secret_key(&case.input, "inner_seed_hex")?, &network)
        .map_err(show)?;
    Ok(Inner {
        envelope: built.envelope,
        network,
        fee: built.fee,
    })
}

struct Built {
    envelope: Envelope,
    transfer: Transfer,
    fee: u32,
    sequence: i64,
}

/// Builds what an input describes.
fn build(input: &Value, resources: Option<SorobanResources>) -> Result<Built, String> {
    let account_sequence: i64 = number(input, "sequence")?;
    let sequence = account_sequence
        .checked_add(1)
        .ok_or("`sequence` is out of range")?;
    // The reference adds the resource fee to the fee that it is given.
    let fee = number::<u32>(input, "fee")?
        .checked_add(u32::try_from(resource_fee(input)?).map_err(show)?)
        .ok_or("too dear")?;
    if number::<u64>(input, "min_time")? != 0 {
        return Err("a transaction of ours is valid from now on".to_owned());
    }
    let entries = input["auth_entries"].as_array().into_iter().flatten();
    let auth: Vec<AuthEntry> = entries
        .map(|entry| {
            AuthEntry::from_base64(entry.as_str().ok_or("an entry that is no text")?).map_err(show)
        })
        .collect::<Result<_, String>>()?;
    let transfer = Transfer {
        token: text(input, "contract")?.parse().map_err(show)?,
        from: text(input, "from")?.parse().map_err(show)?,
        to: text(input, "to")?.parse().map_err(show)?,
        amount: number(input, "amount")?,
    };
    let transaction = TransferTransaction {
        source: text(input, "source")?.parse().map_err(show)?,
        sequence,
        fee,
        max_time: Some(number(input, "max_time")?),
        transfer,
        auth,
        resources,
    };
    let memo = input["memo_text"]
        .as_str()
        .map_or(Memo::None, |text| Memo::Text(text.as_bytes().to_vec()));
    Ok(Built {
        envelope: transaction.to_envelope_with_memo(&memo),
        transfer,
        fee,
        sequence,
    })
}

/// The resources of the reference's envelope, whose figures must be those of the input.
fn declared_resources(input: &Value, envelope: &str) -> Result<Option<SorobanResources>, String> {
    let Some(declared) = input.get("soroban") else {
        return Ok(None);
    };
    let resources = TransferEnvelope::from_base64(envelope)
        .map_err(show)?
        .resources
        .ok_or("no resources are declared")?;
    let read = (
        resources.instructions(),
        resources.disk_read_bytes(),
        resources.write_bytes(),
        resources.resource_fee(),
    );
    let wanted = (
        number(declared, "instructions")?,
        number(declared, "diskReadBytes")?,
        number(declared, "writeBytes")?,
        number(declared, "resourceFee")?,
    );
    if read != wanted {
        return Err(format!(
            "resources are read as {read:?}, declared were {wanted:?}"
        ));
    }
    Ok(Some(resources))
}

fn resource_fee(input: &Value) -> Result<u64, String> {
    input
        .get("soroban")
        .map_or(Ok(0), |declared| number(declared, "resourceFee"))
}

/// The reference's envelope, read: every field has the value that it was built from.
fn check_reading(envelope: &str, input: &Value, built: &Built) -> Result<(), String> {
    let read = TransferEnvelope::from_base64(envelope).map_err(show)?;
    let source: Address = text(input, "source")?.parse().map_err(show)?;
    let max_time: u64 = number(input, "max_time")?;
    let right = read.source == source
        && read.operation_source.is_none()
        && read.fee == built.fee
        && read.sequence == built.sequence
        && read
            .time_bounds
            .is_some_and(|bounds| (bounds.min_time, bounds.max_time) == (0, max_time))
        && !read.has_other_preconditions
        && read.transfer == built.transfer
        && (read.memo != Memo::None) == input.get("memo_text").is_some()
        && read.auth.len() == input["auth_entries"].as_array().map_or(0, Vec::len);
    if right {
        Ok(())
    } else {
        Err(format!("the envelope is read as {read:?}"))
    }
}

/// The bytes that the reference hashes, if they have our hash.
fn signature_base(expected: &Value, hash: &[u8; 32]) -> Result<String, String> {
    let hexadecimal = text(expected, "signature_base_hex")?;
    let base = hex::decode(hexadecimal).map_err(show)?;
    if <[u8; 32]>::from(Sha256::digest(base)) == *hash {
        Ok(hexadecimal.to_owned())
    } else {
        Err("the reference's signature base has another hash".to_owned())
    }
}

fn secret_key(input: &Value, field: &str) -> Result<SecretKey, String> {
    let mut seed = [0; 32];
    hex::decode_to_slice(text(input, field)?, &mut seed).map_err(show)?;
    Ok(SecretKey::from_seed(seed))
}

fn show(error: impl std::fmt::Display) -> String {
    error.to_string()
}
