//! The application of one transaction: fee, sequence number, operations, refund.

use stellar_xdr::{
    AccountEntry, AccountEntryExt, AccountEntryExtensionV1, AccountEntryExtensionV1Ext,
    AccountEntryExtensionV2, AccountEntryExtensionV2Ext, AccountEntryExtensionV3, AccountId,
    ExtensionPoint, Liabilities, Operation, OperationBody, OperationResult, TimePoint,
    TransactionEventStage, TransactionMeta, TransactionResult, VecM,
};

use super::classic::{change_trust, create_account, payment, set_options};
use super::context::LedgerContext;
use super::frame::Frame;
use super::meta::MetaBuilder;
use super::overlay::Overlay;
use super::results::{Code, Outcome};
use super::soroban::modules::Modules;
use super::soroban::{self, Effects, Failure};
use super::state::State;
use super::validate::{Stage, validate};
use super::{EngineError, events, fees};

/// What an applied transaction leaves for the ledger's history.
#[derive(Debug)]
pub(crate) struct Applied {
    pub(crate) result: TransactionResult,
    pub(crate) meta: TransactionMeta,
    pub(crate) succeeded: bool,
    pub(crate) outcome: Outcome,
}

/// Charges and runs a transaction that was found valid when it was submitted.
pub(crate) fn apply(
    frame: &Frame,
    state: &mut State,
    context: &LedgerContext<'_>,
    modules: &Modules,
) -> Result<Applied, EngineError> {
    let mut meta = MetaBuilder::default();
    let payer = frame.fee_source();
    let charged = charge_fee(frame, &payer, state, context)?;
    meta.fee_events.push(events::of_fee(
        &payer,
        charged,
        TransactionEventStage::BeforeAllTxs,
        context,
    )?);

    let overlay = Overlay::new(state.entries(), context.sequence);
    let verdict = validate(frame, &overlay, context, Stage::Application);
    if takes_sequence(&verdict) {
        meta.changes_before = bump_sequence(frame, state, context)?;
    }
    let mut refund = fees::resource_fee(frame);
    let outcome = match verdict {
        Err(outcome) => outcome,
        Ok(()) => {
            let run = run_operations(frame, state, context, modules, &mut meta)?;
            refund = run.refund;
            run.outcome
        }
    };
    refund = refund.min(charged);
    if refund > 0 {
        give_back(&payer, refund, state, context);
        meta.fee_events.push(events::of_fee(
            &payer,
            refund.saturating_neg(),
            TransactionEventStage::AfterAllTxs,
            context,
        )?);
    }
    let succeeded = outcome.is_success();
    let result = outcome.to_result(frame, charged.saturating_sub(refund))?;
    Ok(Applied {
        result,
        meta: meta.build()?,
        succeeded,
        outcome,
    })
}

/// A transaction that fails by its signatures or operations has used its sequence number; one with a wrong sequence
/// number, or out of its bounds, has not.
fn takes_sequence(verdict: &Result<(), Outcome>) -> bool {
    match verdict {
        Ok(()) | Err(Outcome::Failed(_) | Outcome::Succeeded(_)) => true,
        Err(Outcome::Refused(_, code)) => matches!(code, Code::BadAuth | Code::BadAuthExtra),
    }
}

fn charge_fee(
    frame: &Frame,
    payer: &AccountId,
    state: &mut State,
    context: &LedgerContext<'_>,
) -> Result<i64, EngineError> {
    let mut overlay = Overlay::new(state.entries(), context.sequence);
    let mut account = overlay.account(payer).ok_or(EngineError::FeeSourceGone)?;
    let charged = fees::charged_upfront(frame).clamp(0, account.balance);
    account.balance = account.balance.saturating_sub(charged);
    overlay.put_account(account);
    let writes = overlay.into_writes();
    state.commit(writes);
    Ok(charged)
}

fn give_back(payer: &AccountId, refund: i64, state: &mut State, context: &LedgerContext<'_>) {
    let mut overlay = Overlay::new(state.entries(), context.sequence);
    if let Some(mut account) = overlay.account(payer) {
        account.balance = account.balance.saturating_add(refund);
        overlay.put_account(account);
    }
    let writes = overlay.into_writes();
    state.commit(writes);
}

fn bump_sequence(
    frame: &Frame,
    state: &mut State,
    context: &LedgerContext<'_>,
) -> Result<stellar_xdr::LedgerEntryChanges, EngineError> {
    let mut overlay = Overlay::new(state.entries(), context.sequence);
    if let Some(mut account) = overlay.account(&frame.source()) {
        account.seq_num = frame.tx.seq_num.clone();
        note_sequence_use(&mut account, context);
        overlay.put_account(account);
    }
    let mut sources: Vec<AccountId> = frame
        .tx
        .operations
        .iter()
        .map(|operation| frame.operation_source(operation))
        .collect();
    sources.push(frame.source());
    sources.sort();
    sources.dedup();
    for source in sources {
        if let Some(mut account) = overlay.account(&source)
            && set_options::remove_one_time_signer(&mut account, frame.inner_hash)
        {
            overlay.put_account(account);
        }
    }
    let changes = overlay.take_changes()?;
    let writes = overlay.into_writes();
    state.commit(writes);
    Ok(changes)
}

/// Notes when the sequence number moved, for minimum ages and gaps.
fn note_sequence_use(account: &mut AccountEntry, context: &LedgerContext<'_>) {
    let v3 = AccountEntryExtensionV2Ext::V3(AccountEntryExtensionV3 {
        ext: ExtensionPoint::V0,
        seq_ledger: context.sequence,
        seq_time: TimePoint(context.close_time),
    });
    let mut v1 = match &account.ext {
        AccountEntryExt::V1(v1) => v1.clone(),
        AccountEntryExt::V0 => AccountEntryExtensionV1 {
            liabilities: Liabilities {
                buying: 0,
                selling: 0,
            },
            ext: AccountEntryExtensionV1Ext::V0,
        },
    };
    let mut v2 = match v1.ext {
        AccountEntryExtensionV1Ext::V2(v2) => v2,
        AccountEntryExtensionV1Ext::V0 => AccountEntryExtensionV2 {
            num_sponsored: 0,
            num_sponsoring: 0,
            signer_sponsoring_i_ds: VecM::default(),
            ext: AccountEntryExtensionV2Ext::V0,
        },
    };
    v2.ext = v3;
    v1.ext = AccountEntryExtensionV1Ext::V2(v2);
    account.ext = AccountEntryExt::V1(v1);
}

struct Run {
    outcome: Outcome,
    /// What of the resource fee goes back, in stroops.
    refund: i64,
}

fn run_operations(
    frame: &Frame,
    state: &mut State,
    context: &LedgerContext<'_>,
    modules: &Modules,
    meta: &mut MetaBuilder,
) -> Result<Run, EngineError> {
    let mut overlay = Overlay::new(state.entries(), context.sequence);
    let mut results = Vec::with_capacity(frame.tx.operations.len());
    let mut effects = Effects::default();
    let mut failed = false;
    for operation in frame.tx.operations.iter() {
        match run_operation(operation, frame, &mut overlay, context, modules)? {
            Ok((result, mut done)) => {
                let emitted = std::mem::take(&mut done.events);
                meta.push_operation(overlay.take_changes()?, emitted)?;
                results.push(result);
                effects = done;
            }
            Err(failure) => {
                failed = true;
                results.push(failure.result);
                meta.diagnostics.extend(failure.diagnostics);
            }
        }
    }
    let writes = overlay.into_writes();
    if failed {
        meta.operations.clear();
        effects = Effects::default();
    } else {
        modules.add_written(&writes)?;
        state.commit(writes);
    }
    let mut refund = 0;
    if let Some(data) = frame.soroban_data() {
        let non_refundable = fees::non_refundable(frame, data, context.config);
        meta.set_soroban(non_refundable, &effects);
        refund = data
            .resource_fee
            .saturating_sub(non_refundable)
            .saturating_sub(effects.refundable_used);
    }
    let outcome = if failed {
        Outcome::Failed(results)
    } else {
        Outcome::Succeeded(results)
    };
    Ok(Run { outcome, refund })
}

fn run_operation(
    operation: &Operation,
    frame: &Frame,
    overlay: &mut Overlay<'_>,
    context: &LedgerContext<'_>,
    modules: &Modules,
) -> Result<Result<(OperationResult, Effects), Failure>, EngineError> {
    let source = frame.operation_source(operation);
    let classic = match &operation.body {
        OperationBody::CreateAccount(op) => create_account::apply(op, &source, overlay),
        OperationBody::Payment(op) => payment::apply(op, &source, overlay),
        OperationBody::ChangeTrust(op) => change_trust::apply(op, &source, overlay),
        OperationBody::SetOptions(op) => set_options::apply(op, &source, overlay),
        contract => {
            let Some(data) = frame.soroban_data() else {
                return Ok(Err(Failure::bare(OperationResult::OpNotSupported)));
            };
            return match contract {
                OperationBody::InvokeHostFunction(op) => {
                    soroban::invoke::apply(op, &source, frame, data, overlay, context, modules)
                }
                OperationBody::ExtendFootprintTtl(op) => {
                    soroban::extend::apply(op, frame, data, overlay, context)
                }
                OperationBody::RestoreFootprint(_) => {
                    soroban::restore::apply(frame, data, overlay, context)
                }
                _ => Ok(Err(Failure::bare(OperationResult::OpNotSupported))),
            };
        }
    };
    match classic {
        Err(result) => Ok(Err(Failure::bare(result))),
        Ok(result) => {
            let events = events::of_operation(operation, frame, context)?;
            let effects = Effects {
                events,
                ..Effects::default()
            };
            Ok(Ok((result, effects)))
        }
    }
}
