//! `getLedgerEntries`: accounts, trustlines, nonces, and entries of any kind.

use std::collections::HashMap;

use coinslot_soroban_authorization::{ClassicAsset, LedgerKey as AnyKey};
use coinslot_stellar_address::{AccountId, Address};
use serde::Deserialize;
use serde_json::json;
use stellar_xdr::{LedgerEntryData, LedgerKey};

use super::answer::malformed;
use super::endpoints::Endpoints;
use super::xdr;
use crate::{
    AccountFacts, LedgerEntries, LedgerEntry, LedgerError, MAX_ENTRY_KEYS, Malformation,
    TrustlineFacts,
};

const METHOD: &str = "getLedgerEntries";

/// `TrustLineFlags::AUTHORIZED_FLAG`.
const AUTHORIZED: u32 = 1;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    /// Some servers answer null for an empty list.
    entries: Option<Vec<Entry>>,
    latest_ledger: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    key: String,
    xdr: String,
    live_until_ledger_seq: Option<u32>,
}

pub(super) async fn account(
    endpoints: &Endpoints,
    account: &AccountId,
) -> Result<Option<AccountFacts>, LedgerError> {
    let Some((data, _)) = entry(endpoints, &xdr::account_key(account)).await? else {
        return Ok(None);
    };
    match data {
        LedgerEntryData::Account(entry) if entry.account_id == xdr::account_id(account) => {
            Ok(Some(AccountFacts {
                sequence: entry.seq_num.0,
                balance_stroops: entry.balance,
            }))
        }
        _ => Err(not_asked()),
    }
}

pub(super) async fn trustline(
    endpoints: &Endpoints,
    account: &AccountId,
    asset: &ClassicAsset,
) -> Result<Option<TrustlineFacts>, LedgerError> {
    let Some(key) = xdr::trustline_key(account, asset) else {
        return Ok(None);
    };
    let Some((data, _)) = entry(endpoints, &key).await? else {
        return Ok(None);
    };
    match (data, key) {
        (LedgerEntryData::Trustline(entry), LedgerKey::Trustline(key))
            if entry.account_id == key.account_id && entry.asset == key.asset =>
        {
            // Of the three flags only this one lets it move the asset.
            let authorized = entry.flags & AUTHORIZED != 0;
            Ok(Some(TrustlineFacts {
                balance: entry.balance,
                limit: entry.limit,
                authorized,
            }))
        }
        _ => Err(not_asked()),
    }
}

pub(super) async fn nonce_used(
    endpoints: &Endpoints,
    payer: &Address,
    nonce: i64,
) -> Result<bool, LedgerError> {
    let key = xdr::nonce_key(payer, nonce);
    match (entry(endpoints, &key).await?, key) {
        (None, _) => Ok(false),
        (Some((LedgerEntryData::ContractData(entry), alive)), LedgerKey::ContractData(key))
            if entry.contract == key.contract
                && entry.key == key.key
                && entry.durability == key.durability =>
        {
            Ok(alive)
        }
        _ => Err(not_asked()),
    }
}

/// What is under all these keys, in one call.
pub(super) async fn entries(
    endpoints: &Endpoints,
    keys: &[AnyKey],
) -> Result<LedgerEntries, LedgerError> {
    if keys.len() > MAX_ENTRY_KEYS {
        return Err(LedgerError::TooMany {
            asked: keys.len(),
            limit: MAX_ENTRY_KEYS,
        });
    }
    let asked: Vec<String> = keys.iter().map(AnyKey::to_base64).collect();
    let check = |answer: Answer| {
        let found = answer.entries.as_ref().map_or(0, Vec::len);
        if found < keys.len() {
            endpoints.check_absence(answer.latest_ledger)?;
        }
        Ok(answer)
    };
    let answer = endpoints
        .call_until(METHOD, json!({ "keys": asked }), check)
        .await
        .result?;
    let mut by_key = HashMap::new();
    for entry in answer.entries.unwrap_or_default() {
        if by_key.insert(entry.key.clone(), entry).is_some() {
            return Err(not_asked());
        }
    }
    let mut found = Vec::with_capacity(keys.len());
    for (key, text) in keys.iter().zip(&asked) {
        found.push(match by_key.get(text) {
            Some(entry) => Some(read(entry, key)?),
            None => None,
        });
    }
    if by_key.keys().any(|key| !asked.contains(key)) {
        return Err(not_asked());
    }
    Ok(LedgerEntries {
        latest_ledger: answer.latest_ledger,
        found,
    })
}

/// The entry, if it is the one of this key.
fn read(entry: &Entry, key: &AnyKey) -> Result<LedgerEntry, LedgerError> {
    let (data, bytes) = xdr::decode_with_bytes::<LedgerEntryData>(METHOD, "xdr", &entry.xdr)?;
    if xdr::encode(&data.to_key()).as_deref() != Some(key.as_xdr()) {
        return Err(not_asked());
    }
    Ok(LedgerEntry {
        data: bytes,
        live_until_ledger: entry.live_until_ledger_seq,
    })
}

/// The entry under a key, and whether it is alive.
async fn entry(
    endpoints: &Endpoints,
    key: &LedgerKey,
) -> Result<Option<(LedgerEntryData, bool)>, LedgerError> {
    // A key that cannot be encoded cannot be on the ledger.
    let Some(asked) = xdr::encode_base64(key) else {
        return Ok(None);
    };
    let check = |answer: Answer| {
        if answer.entries.as_ref().is_none_or(Vec::is_empty) {
            endpoints.check_absence(answer.latest_ledger)?;
        }
        Ok(answer)
    };
    let answer = endpoints
        .call_until(METHOD, json!({ "keys": [asked] }), check)
        .await
        .result?;
    let mut entries = answer.entries.unwrap_or_default().into_iter();
    let Some(entry) = entries.next() else {
        return Ok(None);
    };
    if entry.key != asked || entries.next().is_some() {
        return Err(not_asked());
    }
    let alive = entry
        .live_until_ledger_seq
        .is_none_or(|until| until >= answer.latest_ledger);
    Ok(Some((xdr::decode(METHOD, "xdr", &entry.xdr)?, alive)))
}

fn not_asked() -> LedgerError {
    malformed(METHOD, Malformation::NotAsked("the ledger entry"))
}
