//! The checks that a transaction passes before it may enter a ledger, in the order of the public network, so that the
//! first broken rule gives the same code.

use stellar_xdr::{
    AccountEntry, AccountEntryExt, AccountEntryExtensionV1Ext, AccountEntryExtensionV2Ext, Memo,
    MuxedAccount, OperationBody, OperationResult, Preconditions, PreconditionsV2,
    SorobanCredentials, TimeBounds,
};

use super::classic;
use super::context::LedgerContext;
use super::fees;
use super::frame::Frame;
use super::overlay::Overlay;
use super::results::{Code, Level, Outcome};
use super::signatures::{SignatureChecker, Threshold};
use super::soroban;

/// What distinguishes a check at submission from the check when the ledger is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Nothing was charged yet. Transactions of this account that wait already end at this sequence number.
    Submission { pending_sequence: Option<i64> },
    /// The fee is charged already.
    Application,
}

/// Checks everything.
///
/// # Errors
/// The outcome that the transaction has instead of running.
pub(crate) fn validate(
    frame: &Frame,
    overlay: &Overlay<'_>,
    context: &LedgerContext<'_>,
    stage: Stage,
) -> Result<(), Outcome> {
    if frame.bump.is_some() {
        check_bump(frame, overlay, stage)?;
    }
    check_transaction(frame, overlay, context, stage)
}

fn inner(code: Code) -> Outcome {
    Outcome::Refused(Level::Inner, code)
}

fn outer(code: Code) -> Outcome {
    Outcome::Refused(Level::Outer, code)
}

fn check_bump(frame: &Frame, overlay: &Overlay<'_>, stage: Stage) -> Result<(), Outcome> {
    let Some(bump) = &frame.bump else {
        return Ok(());
    };
    let at_submission = matches!(stage, Stage::Submission { .. });
    if at_submission && !fees::bid_is_sufficient(frame) {
        return Err(outer(Code::InsufficientFee));
    }
    let payer = overlay
        .account(&bump.fee_source)
        .ok_or(outer(Code::NoAccount))?;
    let mut signatures = SignatureChecker::new(bump.hash, &bump.signatures);
    if !signatures.meets(&payer, Threshold::Low) {
        return Err(outer(Code::BadAuth));
    }
    if at_submission && !can_pay(&payer, frame) {
        return Err(outer(Code::InsufficientBalance));
    }
    if !signatures.all_used() {
        return Err(outer(Code::BadAuthExtra));
    }
    Ok(())
}

fn check_transaction(
    frame: &Frame,
    overlay: &Overlay<'_>,
    context: &LedgerContext<'_>,
    stage: Stage,
) -> Result<(), Outcome> {
    let at_submission = matches!(stage, Stage::Submission { .. });
    check_structure(frame, context)?;
    let conditions = conditions(frame);
    check_bounds(&conditions, context)?;
    if at_submission && frame.bump.is_none() && !fees::bid_is_sufficient(frame) {
        return Err(inner(Code::InsufficientFee));
    }
    let source = overlay
        .account(&frame.source())
        .ok_or(inner(Code::NoAccount))?;
    check_sequence(frame, &source, &conditions, context, stage)?;

    let mut signatures = SignatureChecker::new(frame.inner_hash, &frame.signatures);
    if !signatures.meets(&source, Threshold::Low) {
        return Err(inner(Code::BadAuth));
    }
    if !conditions
        .extra_signers
        .iter()
        .all(|key| signatures.has_signer(key))
    {
        return Err(inner(Code::BadAuth));
    }
    if at_submission && frame.bump.is_none() && !can_pay(&source, frame) {
        return Err(inner(Code::InsufficientBalance));
    }
    check_operations(frame, overlay, &mut signatures, context)?;
    if !signatures.all_used() {
        return Err(inner(Code::BadAuthExtra));
    }
    Ok(())
}

fn check_structure(frame: &Frame, context: &LedgerContext<'_>) -> Result<(), Outcome> {
    if frame.tx.operations.is_empty() {
        return Err(inner(Code::MissingOperation));
    }
    if !frame.is_soroban() {
        return match frame.soroban_data() {
            None => Ok(()),
            Some(_) => Err(inner(Code::Malformed)),
        };
    }
    let Some(data) = frame.soroban_data() else {
        return Err(inner(Code::SorobanInvalid));
    };
    if frame.tx.operations.len() > 1 {
        return Err(inner(Code::Malformed));
    }
    if memo_with_foreign_credentials(frame)
        || data.resource_fee < 0
        || data.resource_fee > fees::full_bid(frame)
        || !soroban::within_limits(frame, data)
        || fees::non_refundable(frame, data, context.config) > data.resource_fee
    {
        return Err(inner(Code::SorobanInvalid));
    }
    Ok(())
}

/// A memo or a muxed source in a call that others authorise would not be covered by their signatures.
fn memo_with_foreign_credentials(frame: &Frame) -> bool {
    let [operation] = frame.tx.operations.as_slice() else {
        return false;
    };
    let OperationBody::InvokeHostFunction(invoke) = &operation.body else {
        return false;
    };
    let is_muxed = |account: &MuxedAccount| matches!(account, MuxedAccount::MuxedEd25519(_));
    let carries_more = frame.tx.memo != Memo::None
        || is_muxed(&frame.tx.source_account)
        || operation.source_account.as_ref().is_some_and(is_muxed);
    carries_more
        && invoke
            .auth
            .iter()
            .any(|entry| entry.credentials != SorobanCredentials::SourceAccount)
}

fn conditions(frame: &Frame) -> PreconditionsV2 {
    match &frame.tx.cond {
        Preconditions::None => PreconditionsV2::default(),
        Preconditions::Time(bounds) => PreconditionsV2 {
            time_bounds: Some(bounds.clone()),
            ..PreconditionsV2::default()
        },
        Preconditions::V2(conditions) => conditions.clone(),
    }
}

fn check_bounds(conditions: &PreconditionsV2, context: &LedgerContext<'_>) -> Result<(), Outcome> {
    if let Some(TimeBounds { min_time, max_time }) = &conditions.time_bounds {
        if context.close_time < min_time.0 {
            return Err(inner(Code::TooEarly));
        }
        if max_time.0 != 0 && context.close_time > max_time.0 {
            return Err(inner(Code::TooLate));
        }
    }
    if let Some(bounds) = &conditions.ledger_bounds {
        if context.sequence < bounds.min_ledger {
            return Err(inner(Code::TooEarly));
        }
        if bounds.max_ledger != 0 && context.sequence >= bounds.max_ledger {
            return Err(inner(Code::TooLate));
        }
    }
    Ok(())
}

fn check_sequence(
    frame: &Frame,
    source: &AccountEntry,
    conditions: &PreconditionsV2,
    context: &LedgerContext<'_>,
    stage: Stage,
) -> Result<(), Outcome> {
    let current = match stage {
        Stage::Submission {
            pending_sequence: Some(pending),
        } => pending,
        _ => source.seq_num.0,
    };
    let wanted = frame.tx.seq_num.0;
    let first_of_ledger = i64::from(context.sequence) << 32;
    let reached = match &conditions.min_seq_num {
        Some(minimum) => minimum.0 <= current && current < wanted,
        None => current.checked_add(1) == Some(wanted),
    };
    if !reached || wanted == first_of_ledger {
        return Err(inner(Code::BadSeq));
    }
    let (last_ledger, last_time) = last_sequence_use(source);
    let old_enough = last_time
        .checked_add(conditions.min_seq_age.0)
        .is_some_and(|due| due <= context.close_time);
    let far_enough = last_ledger
        .checked_add(conditions.min_seq_ledger_gap)
        .is_some_and(|due| due <= context.sequence);
    if old_enough && far_enough {
        Ok(())
    } else {
        Err(inner(Code::BadMinSeqAgeOrGap))
    }
}

/// Ledger and time at which the account's sequence number last moved.
fn last_sequence_use(account: &AccountEntry) -> (u32, u64) {
    if let AccountEntryExt::V1(v1) = &account.ext
        && let AccountEntryExtensionV1Ext::V2(v2) = &v1.ext
        && let AccountEntryExtensionV2Ext::V3(v3) = &v2.ext
    {
        return (v3.seq_ledger, v3.seq_time.0);
    }
    (0, 0)
}

fn can_pay(account: &AccountEntry, frame: &Frame) -> bool {
    fees::full_bid(frame) <= classic::spendable(account)
}

fn check_operations(
    frame: &Frame,
    overlay: &Overlay<'_>,
    signatures: &mut SignatureChecker<'_>,
    context: &LedgerContext<'_>,
) -> Result<(), Outcome> {
    let mut refused = false;
    let mut results = Vec::with_capacity(frame.tx.operations.len());
    for operation in frame.tx.operations.iter() {
        let source = frame.operation_source(operation);
        let result = match overlay.account(&source) {
            None => Err(OperationResult::OpNoAccount),
            Some(account) if !signatures.meets(&account, classic::threshold(&operation.body)) => {
                Err(OperationResult::OpBadAuth)
            }
            Some(_) => classic::check(&operation.body, &source, context),
        };
        refused |= result.is_err();
        results.push(result.unwrap_or_else(|refusal| refusal));
    }
    if refused {
        Err(Outcome::Failed(results))
    } else {
        Ok(())
    }
}
