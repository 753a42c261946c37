//! `createAccount`.

use stellar_xdr::{
    AccountEntry, AccountEntryExt, AccountId, CreateAccountOp, CreateAccountResult,
    OperationResult, OperationResultTr, SequenceNumber, String32, Thresholds, VecM,
};

use super::{minimum_balance, spendable};
use crate::engine::overlay::Overlay;

/// An account as it is created: its own key is its only signer.
pub(crate) fn new_account(id: &AccountId, balance: i64, ledger: u32) -> AccountEntry {
    AccountEntry {
        account_id: id.clone(),
        balance,
        seq_num: SequenceNumber(i64::from(ledger) << 32),
        num_sub_entries: 0,
        inflation_dest: None,
        flags: 0,
        home_domain: String32::default(),
        thresholds: Thresholds([1, 0, 0, 0]),
        signers: VecM::default(),
        ext: AccountEntryExt::V0,
    }
}

fn result(result: CreateAccountResult) -> OperationResult {
    OperationResult::OpInner(OperationResultTr::CreateAccount(result))
}

pub(crate) fn check(
    op: &CreateAccountOp,
    source: &AccountId,
) -> Result<OperationResult, OperationResult> {
    if op.starting_balance < 0 || op.destination == *source {
        return Err(result(CreateAccountResult::Malformed));
    }
    Ok(result(CreateAccountResult::Success))
}

pub(crate) fn apply(
    op: &CreateAccountOp,
    source: &AccountId,
    overlay: &mut Overlay<'_>,
) -> Result<OperationResult, OperationResult> {
    if overlay.account(&op.destination).is_some() {
        return Err(result(CreateAccountResult::AlreadyExist));
    }
    let created = new_account(&op.destination, op.starting_balance, overlay.ledger());
    if op.starting_balance < minimum_balance(&created) {
        return Err(result(CreateAccountResult::LowReserve));
    }
    let mut payer = overlay
        .account(source)
        .ok_or(OperationResult::OpNoAccount)?;
    if spendable(&payer) < op.starting_balance {
        return Err(result(CreateAccountResult::Underfunded));
    }
    payer.balance = payer.balance.saturating_sub(op.starting_balance);
    overlay.put_account(payer);
    overlay.put_account(created);
    Ok(result(CreateAccountResult::Success))
}
