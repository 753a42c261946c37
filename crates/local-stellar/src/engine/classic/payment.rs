//! `payment`, of the native asset and of issued ones.

use stellar_xdr::{AccountId, Asset, OperationResult, OperationResultTr, PaymentOp, PaymentResult};

use super::{is_authorized, is_valid_code, line_room, line_spendable, spendable, trustline_asset};
use crate::engine::overlay::{Overlay, issuer_of};

fn result(result: PaymentResult) -> OperationResult {
    OperationResult::OpInner(OperationResultTr::Payment(result))
}

pub(crate) fn check(op: &PaymentOp) -> Result<OperationResult, OperationResult> {
    if op.amount <= 0 || !is_valid_code(&op.asset) {
        return Err(result(PaymentResult::Malformed));
    }
    Ok(result(PaymentResult::Success))
}

pub(crate) fn apply(
    op: &PaymentOp,
    source: &AccountId,
    overlay: &mut Overlay<'_>,
) -> Result<OperationResult, OperationResult> {
    let destination = op.destination.clone().account_id();
    pay(&op.asset, source, &destination, op.amount, overlay)
        .map(|()| result(PaymentResult::Success))
        .map_err(result)
}

fn pay(
    asset: &Asset,
    source: &AccountId,
    destination: &AccountId,
    amount: i64,
    overlay: &mut Overlay<'_>,
) -> Result<(), PaymentResult> {
    match issuer_of(asset) {
        None => pay_native(source, destination, amount, overlay),
        Some(issuer) => {
            let (from_issuer, to_issuer) = (source == issuer, destination == issuer);
            if overlay.account(destination).is_none() && !to_issuer {
                return Err(PaymentResult::NoDestination);
            }
            if !to_issuer {
                credit(asset, destination, amount, overlay)?;
            }
            if !from_issuer {
                debit(asset, source, amount, overlay)?;
            }
            Ok(())
        }
    }
}

fn pay_native(
    source: &AccountId,
    destination: &AccountId,
    amount: i64,
    overlay: &mut Overlay<'_>,
) -> Result<(), PaymentResult> {
    let mut to = overlay
        .account(destination)
        .ok_or(PaymentResult::NoDestination)?;
    if source == destination {
        return Ok(());
    }
    let mut from = overlay.account(source).ok_or(PaymentResult::Underfunded)?;
    if spendable(&from) < amount {
        return Err(PaymentResult::Underfunded);
    }
    to.balance = to
        .balance
        .checked_add(amount)
        .ok_or(PaymentResult::LineFull)?;
    from.balance = from.balance.saturating_sub(amount);
    overlay.put_account(from);
    overlay.put_account(to);
    Ok(())
}

fn credit(
    asset: &Asset,
    destination: &AccountId,
    amount: i64,
    overlay: &mut Overlay<'_>,
) -> Result<(), PaymentResult> {
    let mut line = overlay
        .trustline(destination, &trustline_asset(asset))
        .ok_or(PaymentResult::NoTrust)?;
    if !is_authorized(&line) {
        return Err(PaymentResult::NotAuthorized);
    }
    if line_room(&line) < amount {
        return Err(PaymentResult::LineFull);
    }
    line.balance = line.balance.saturating_add(amount);
    overlay.put_trustline(line);
    Ok(())
}

fn debit(
    asset: &Asset,
    source: &AccountId,
    amount: i64,
    overlay: &mut Overlay<'_>,
) -> Result<(), PaymentResult> {
    let mut line = overlay
        .trustline(source, &trustline_asset(asset))
        .ok_or(PaymentResult::SrcNoTrust)?;
    if !is_authorized(&line) {
        return Err(PaymentResult::SrcNotAuthorized);
    }
    if line_spendable(&line) < amount {
        return Err(PaymentResult::Underfunded);
    }
    line.balance = line.balance.saturating_sub(amount);
    overlay.put_trustline(line);
    Ok(())
}
