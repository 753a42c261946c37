//! `changeTrust`, for issued assets. Pool shares are not supported.

use stellar_xdr::{
    AccountFlags, AccountId, Asset, ChangeTrustAsset, ChangeTrustOp, ChangeTrustResult,
    OperationResult, OperationResultTr, TrustLineEntry, TrustLineEntryExt, TrustLineFlags,
};

use super::{Reserve, add_subentry, flag, is_valid_code, liabilities, trustline_asset};
use crate::engine::overlay::{Overlay, issuer_of, trustline_key};

fn result(result: ChangeTrustResult) -> OperationResult {
    OperationResult::OpInner(OperationResultTr::ChangeTrust(result))
}

fn asset_of(op: &ChangeTrustOp) -> Result<Asset, OperationResult> {
    match &op.line {
        ChangeTrustAsset::Native => Err(result(ChangeTrustResult::Malformed)),
        ChangeTrustAsset::CreditAlphanum4(credit) => Ok(Asset::CreditAlphanum4(credit.clone())),
        ChangeTrustAsset::CreditAlphanum12(credit) => Ok(Asset::CreditAlphanum12(credit.clone())),
        ChangeTrustAsset::PoolShare(_) => Err(OperationResult::OpNotSupported),
    }
}

pub(crate) fn check(
    op: &ChangeTrustOp,
    source: &AccountId,
) -> Result<OperationResult, OperationResult> {
    let asset = asset_of(op)?;
    if op.limit < 0 || !is_valid_code(&asset) || issuer_of(&asset) == Some(source) {
        return Err(result(ChangeTrustResult::Malformed));
    }
    Ok(result(ChangeTrustResult::Success))
}

pub(crate) fn apply(
    op: &ChangeTrustOp,
    source: &AccountId,
    overlay: &mut Overlay<'_>,
) -> Result<OperationResult, OperationResult> {
    let asset = asset_of(op)?;
    let line_asset = trustline_asset(&asset);
    match overlay.trustline(source, &line_asset) {
        Some(mut line) if op.limit > 0 => {
            if op.limit < line.balance.saturating_add(liabilities(&line).0) {
                return Err(result(ChangeTrustResult::InvalidLimit));
            }
            if issuer_of(&asset)
                .and_then(|id| overlay.account(id))
                .is_none()
            {
                return Err(result(ChangeTrustResult::NoIssuer));
            }
            line.limit = op.limit;
            overlay.put_trustline(line);
        }
        Some(line) => delete(&line, source, overlay)?,
        None => create(op.limit, &asset, source, overlay)?,
    }
    Ok(result(ChangeTrustResult::Success))
}

fn delete(
    line: &TrustLineEntry,
    source: &AccountId,
    overlay: &mut Overlay<'_>,
) -> Result<(), OperationResult> {
    let (buying, selling) = liabilities(line);
    if line.balance != 0 || buying != 0 || selling != 0 {
        return Err(result(ChangeTrustResult::InvalidLimit));
    }
    let mut account = overlay
        .account(source)
        .ok_or(OperationResult::OpNoAccount)?;
    account.num_sub_entries = account.num_sub_entries.saturating_sub(1);
    overlay.put_account(account);
    overlay.remove(std::rc::Rc::new(trustline_key(source, &line.asset)));
    Ok(())
}

fn create(
    limit: i64,
    asset: &Asset,
    source: &AccountId,
    overlay: &mut Overlay<'_>,
) -> Result<(), OperationResult> {
    if limit == 0 {
        return Err(result(ChangeTrustResult::InvalidLimit));
    }
    let issuer = issuer_of(asset)
        .and_then(|id| overlay.account(id))
        .ok_or(result(ChangeTrustResult::NoIssuer))?;
    let mut account = overlay
        .account(source)
        .ok_or(OperationResult::OpNoAccount)?;
    add_subentry(&mut account).map_err(|reserve| match reserve {
        Reserve::TooLow => result(ChangeTrustResult::LowReserve),
        Reserve::TooManySubentries => OperationResult::OpTooManySubentries,
    })?;
    overlay.put_account(account);
    overlay.put_trustline(TrustLineEntry {
        account_id: source.clone(),
        asset: trustline_asset(asset),
        balance: 0,
        limit,
        flags: flags_of(issuer.flags),
        ext: TrustLineEntryExt::V0,
    });
    Ok(())
}

/// An issuer that asks for authorisation gives it later; one that may claw back marks the line.
fn flags_of(issuer_flags: u32) -> u32 {
    let has = |flag: AccountFlags| {
        let bit = u32::try_from(i32::from(flag)).unwrap_or(0);
        issuer_flags & bit != 0
    };
    let mut flags = 0;
    if !has(AccountFlags::RequiredFlag) {
        flags |= flag(TrustLineFlags::AuthorizedFlag);
    }
    if has(AccountFlags::ClawbackEnabledFlag) {
        flags |= flag(TrustLineFlags::TrustlineClawbackEnabledFlag);
    }
    flags
}
