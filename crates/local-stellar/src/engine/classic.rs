//! The classic operations: which are known, whom they ask for a signature, and the arithmetic that they share.

#![allow(
    clippy::result_large_err,
    reason = "success and failure are the same XDR type: boxing one of them saves nothing"
)]

pub(crate) mod change_trust;
pub(crate) mod create_account;
pub(crate) mod payment;
pub(crate) mod set_options;

use stellar_xdr::{
    AccountEntry, AccountEntryExt, AccountEntryExtensionV1Ext, AccountId, Asset, AssetCode4,
    AssetCode12, OperationBody, OperationResult, TrustLineAsset, TrustLineEntry, TrustLineEntryExt,
    TrustLineFlags,
};

use super::context::LedgerContext;
use super::signatures::Threshold;
use super::soroban;
use crate::settings::BASE_RESERVE;

/// Most entries that one account may own.
const MAX_SUBENTRIES: u32 = 1_000;

/// The signature that an operation asks of its source account.
pub(crate) fn threshold(body: &OperationBody) -> Threshold {
    match body {
        OperationBody::SetOptions(options) if set_options::changes_signing(options) => {
            Threshold::High
        }
        OperationBody::ExtendFootprintTtl(_) | OperationBody::RestoreFootprint(_) => Threshold::Low,
        _ => Threshold::Medium,
    }
}

/// The checks of an operation that need no ledger entry.
///
/// # Errors
/// The operation's result when it can never succeed.
pub(crate) fn check(
    body: &OperationBody,
    source: &AccountId,
    context: &LedgerContext<'_>,
) -> Result<OperationResult, OperationResult> {
    match body {
        OperationBody::CreateAccount(op) => create_account::check(op, source),
        OperationBody::Payment(op) => payment::check(op),
        OperationBody::ChangeTrust(op) => change_trust::check(op, source),
        OperationBody::SetOptions(op) => set_options::check(op, source),
        OperationBody::InvokeHostFunction(_)
        | OperationBody::ExtendFootprintTtl(_)
        | OperationBody::RestoreFootprint(_) => soroban::check(body, context),
        _ => Err(OperationResult::OpNotSupported),
    }
}

/// The balance below which an account may not fall, in stroops.
pub(crate) fn minimum_balance(account: &AccountEntry) -> i64 {
    let (sponsored, sponsoring) = sponsorship(account);
    let entries = 2_i64
        .saturating_add(i64::from(account.num_sub_entries))
        .saturating_add(i64::from(sponsoring))
        .saturating_sub(i64::from(sponsored));
    entries.saturating_mul(i64::from(BASE_RESERVE))
}

/// What an account can give away: above its reserve and what its offers have promised.
pub(crate) fn spendable(account: &AccountEntry) -> i64 {
    let selling = match &account.ext {
        AccountEntryExt::V0 => 0,
        AccountEntryExt::V1(v1) => v1.liabilities.selling,
    };
    account
        .balance
        .saturating_sub(minimum_balance(account))
        .saturating_sub(selling)
}

/// How many of an account's reserves others pay, and how many it pays for others.
pub(crate) fn sponsorship(account: &AccountEntry) -> (u32, u32) {
    if let AccountEntryExt::V1(v1) = &account.ext
        && let AccountEntryExtensionV1Ext::V2(v2) = &v1.ext
    {
        return (v2.num_sponsored, v2.num_sponsoring);
    }
    (0, 0)
}

/// Takes one more entry onto an account's reserve.
///
/// # Errors
/// [`Reserve`] says which limit was met.
pub(crate) fn add_subentry(account: &mut AccountEntry) -> Result<(), Reserve> {
    if account.num_sub_entries >= MAX_SUBENTRIES {
        return Err(Reserve::TooManySubentries);
    }
    if spendable(account) < i64::from(BASE_RESERVE) {
        return Err(Reserve::TooLow);
    }
    account.num_sub_entries = account.num_sub_entries.saturating_add(1);
    Ok(())
}

/// Why an account cannot hold one more entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reserve {
    TooManySubentries,
    TooLow,
}

pub(crate) fn trustline_asset(asset: &Asset) -> TrustLineAsset {
    match asset {
        Asset::Native => TrustLineAsset::Native,
        Asset::CreditAlphanum4(credit) => TrustLineAsset::CreditAlphanum4(credit.clone()),
        Asset::CreditAlphanum12(credit) => TrustLineAsset::CreditAlphanum12(credit.clone()),
    }
}

pub(crate) fn is_authorized(line: &TrustLineEntry) -> bool {
    line.flags & flag(TrustLineFlags::AuthorizedFlag) != 0
}

/// What a trustline can give away.
pub(crate) fn line_spendable(line: &TrustLineEntry) -> i64 {
    line.balance.saturating_sub(liabilities(line).1)
}

/// What a trustline can still take in.
pub(crate) fn line_room(line: &TrustLineEntry) -> i64 {
    line.limit
        .saturating_sub(line.balance)
        .saturating_sub(liabilities(line).0)
}

/// Buying and selling liabilities.
pub(crate) fn liabilities(line: &TrustLineEntry) -> (i64, i64) {
    match &line.ext {
        TrustLineEntryExt::V0 => (0, 0),
        TrustLineEntryExt::V1(v1) => (v1.liabilities.buying, v1.liabilities.selling),
    }
}

/// The bit of a trustline flag.
pub(crate) fn flag(flag: TrustLineFlags) -> u32 {
    u32::try_from(i32::from(flag)).unwrap_or(0)
}

/// Whether an asset's code is letters and digits, and then only zeros.
pub(crate) fn is_valid_code(asset: &Asset) -> bool {
    let code: &[u8] = match asset {
        Asset::Native => return true,
        Asset::CreditAlphanum4(credit) => {
            let AssetCode4(code) = &credit.asset_code;
            code
        }
        Asset::CreditAlphanum12(credit) => {
            let AssetCode12(code) = &credit.asset_code;
            code
        }
    };
    let length = code.iter().take_while(|byte| **byte != 0).count();
    let (letters, padding) = code.split_at(length);
    let shortest = if code.len() > 4 { 5 } else { 1 };
    length >= shortest
        && letters.iter().all(u8::is_ascii_alphanumeric)
        && padding.iter().all(|byte| *byte == 0)
}
