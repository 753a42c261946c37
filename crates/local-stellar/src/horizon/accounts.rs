//! `GET /accounts/{id}`.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use coinslot_stellar_address::AccountId;
use serde_json::{Value, json};
use stellar_xdr::{
    AccountEntry, AccountEntryExt, AccountEntryExtensionV1Ext, AccountEntryExtensionV2Ext,
    AccountFlags, LedgerEntryData, LedgerKey, Liabilities, SignerKey, TrustLineAsset,
    TrustLineEntry, TrustLineEntryExt,
};

use super::links;
use super::problem::{bad_request, not_found, unavailable};
use crate::engine::classic::{is_authorized, sponsorship};
use crate::engine::events::account_text;
use crate::engine::genesis::account_id;
use crate::engine::overlay::account_key;
use crate::rpc::RpcContext;

struct Found {
    account: AccountEntry,
    last_modified: u32,
    close_time: u64,
    lines: Vec<(TrustLineEntry, u32)>,
}

pub(super) async fn show(State(context): State<RpcContext>, Path(id): Path<String>) -> Response {
    let Ok(id) = id.parse::<AccountId>() else {
        return bad_request("the account id is not a G… address");
    };
    let found = context
        .engine
        .call(move |engine| {
            let id = account_id(*id.as_bytes());
            let entries = engine.state().entries();
            let stored = entries.load(&account_key(&id))?;
            let LedgerEntryData::Account(account) = &stored.entry.data else {
                return None;
            };
            let lines = entries
                .iter()
                .filter_map(|(key, stored)| match (key.as_ref(), &stored.entry.data) {
                    (LedgerKey::Trustline(line), LedgerEntryData::Trustline(entry))
                        if line.account_id == id =>
                    {
                        Some((entry.clone(), stored.entry.last_modified_ledger_seq))
                    }
                    _ => None,
                })
                .collect();
            let last_modified = stored.entry.last_modified_ledger_seq;
            Some(Found {
                account: account.clone(),
                last_modified,
                close_time: engine
                    .history()
                    .ledger(last_modified)
                    .map_or(0, |ledger| ledger.close_time()),
                lines,
            })
        })
        .await;
    match found {
        Ok(Some(found)) => Json(describe(&found, &context.base_url)).into_response(),
        Ok(None) => not_found(),
        Err(stopped) => unavailable(&stopped),
    }
}

fn describe(found: &Found, base: &str) -> Value {
    let account = &found.account;
    let id = account_text(&account.account_id);
    let [master, low, medium, high] = account.thresholds.0;
    let mut balances: Vec<Value> = found.lines.iter().filter_map(balance).collect();
    let (liabilities, sequence_use) = extension(account);
    let (sponsored, sponsoring) = sponsorship(account);
    balances.push(json!({
        "balance": amount(account.balance),
        "buying_liabilities": amount(liabilities.buying),
        "selling_liabilities": amount(liabilities.selling),
        "asset_type": "native",
    }));
    let mut signers: Vec<Value> = account
        .signers
        .iter()
        .map(|signer| signer_json(&signer.key, signer.weight))
        .collect();
    signers.push(json!({ "weight": master, "key": id, "type": "ed25519_public_key" }));
    let flag =
        |flag: AccountFlags| account.flags & u32::try_from(i32::from(flag)).unwrap_or(0) != 0;
    let mut json = json!({
        "id": id,
        "account_id": id,
        "sequence": account.seq_num.0.to_string(),
        "subentry_count": account.num_sub_entries,
        "home_domain": account.home_domain.to_utf8_string_lossy(),
        "last_modified_ledger": found.last_modified,
        "last_modified_time": crate::timestamp::rfc3339(found.close_time),
        "thresholds": {
            "low_threshold": low,
            "med_threshold": medium,
            "high_threshold": high,
        },
        "flags": {
            "auth_required": flag(AccountFlags::RequiredFlag),
            "auth_revocable": flag(AccountFlags::RevocableFlag),
            "auth_immutable": flag(AccountFlags::ImmutableFlag),
            "auth_clawback_enabled": flag(AccountFlags::ClawbackEnabledFlag),
        },
        "balances": balances,
        "signers": signers,
        "data": {},
        "num_sponsoring": sponsoring,
        "num_sponsored": sponsored,
        "paging_token": id,
        "_links": links::of_account(base, &id),
    });
    if let Some((ledger, time)) = sequence_use {
        json["sequence_ledger"] = json!(ledger);
        json["sequence_time"] = json!(time.to_string());
    }
    json
}

fn extension(account: &AccountEntry) -> (Liabilities, Option<(u32, u64)>) {
    let none = Liabilities {
        buying: 0,
        selling: 0,
    };
    let AccountEntryExt::V1(v1) = &account.ext else {
        return (none, None);
    };
    let sequence_use = match &v1.ext {
        AccountEntryExtensionV1Ext::V2(v2) => match &v2.ext {
            AccountEntryExtensionV2Ext::V3(v3) => Some((v3.seq_ledger, v3.seq_time.0)),
            AccountEntryExtensionV2Ext::V0 => None,
        },
        AccountEntryExtensionV1Ext::V0 => None,
    };
    (v1.liabilities.clone(), sequence_use)
}

fn balance((line, last_modified): &(TrustLineEntry, u32)) -> Option<Value> {
    let (kind, code, issuer): (_, &[u8], _) = match &line.asset {
        TrustLineAsset::CreditAlphanum4(credit) => {
            ("credit_alphanum4", &credit.asset_code.0, &credit.issuer)
        }
        TrustLineAsset::CreditAlphanum12(credit) => {
            ("credit_alphanum12", &credit.asset_code.0, &credit.issuer)
        }
        TrustLineAsset::Native | TrustLineAsset::PoolShare(_) => return None,
    };
    let code: String = code
        .iter()
        .take_while(|byte| **byte != 0)
        .map(|byte| char::from(*byte))
        .collect();
    let (buying, selling) = match &line.ext {
        TrustLineEntryExt::V0 => (0, 0),
        TrustLineEntryExt::V1(v1) => (v1.liabilities.buying, v1.liabilities.selling),
    };
    Some(json!({
        "balance": amount(line.balance),
        "limit": amount(line.limit),
        "buying_liabilities": amount(buying),
        "selling_liabilities": amount(selling),
        "last_modified_ledger": last_modified,
        "is_authorized": is_authorized(line),
        "is_authorized_to_maintain_liabilities": is_authorized(line),
        "asset_type": kind,
        "asset_code": code,
        "asset_issuer": account_text(issuer),
    }))
}

fn signer_json(key: &SignerKey, weight: u32) -> Value {
    let (kind, text) = match key {
        SignerKey::Ed25519(key) => (
            "ed25519_public_key",
            stellar_strkey::ed25519::PublicKey(key.0)
                .to_string()
                .to_string(),
        ),
        SignerKey::PreAuthTx(hash) => (
            "preauth_tx",
            stellar_strkey::PreAuthTx(hash.0).to_string().to_string(),
        ),
        SignerKey::HashX(hash) => (
            "sha256_hash",
            stellar_strkey::HashX(hash.0).to_string().to_string(),
        ),
        SignerKey::Ed25519SignedPayload(signed) => {
            ("ed25519_signed_payload", hex::encode(signed.ed25519.0))
        }
    };
    json!({ "weight": weight, "key": text, "type": kind })
}

/// Seven decimals, as Horizon writes amounts.
fn amount(units: i64) -> String {
    let units = units.max(0).unsigned_abs();
    format!("{}.{:07}", units / 10_000_000, units % 10_000_000)
}
