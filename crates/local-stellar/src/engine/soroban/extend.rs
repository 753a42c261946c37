//! `extendFootprintTtl`.

use std::rc::Rc;

use soroban_env_host::fees::LedgerEntryRentChange;
use stellar_xdr::{
    ExtendFootprintTtlOp, ExtendFootprintTtlResult, LedgerKey, OperationResult,
    SorobanTransactionData,
};

use super::{Effects, Failure, extended, refundable_bid, rent, sizes};
use crate::engine::EngineError;
use crate::engine::context::LedgerContext;
use crate::engine::frame::Frame;
use crate::engine::overlay::Overlay;
use crate::engine::state::{is_live, is_soroban, is_temporary};

/// Lengthens the lives of the read-only footprint's live entries; absent and archived ones are passed over.
pub(crate) fn apply(
    op: &ExtendFootprintTtlOp,
    frame: &Frame,
    data: &SorobanTransactionData,
    overlay: &mut Overlay<'_>,
    context: &LedgerContext<'_>,
) -> Result<Result<(OperationResult, Effects), Failure>, EngineError> {
    let fail = |result| Ok(Err(Failure::bare(extended(result))));
    let footprint = &data.resources.footprint;
    if !footprint.read_write.is_empty() || !footprint.read_only.iter().all(is_soroban) {
        return fail(ExtendFootprintTtlResult::Malformed);
    }
    let target = context
        .sequence
        .checked_add(op.extend_to)
        .ok_or(EngineError::LedgerOverflow)?;
    let mut changes = Vec::new();
    for key in footprint.read_only.iter() {
        let Some(stored) = overlay.load(key) else {
            continue;
        };
        let Some(live_until) = stored.live_until else {
            continue;
        };
        if !is_live(&stored, context.sequence) || live_until >= target {
            continue;
        }
        let (_, size) = sizes(&stored.entry, context)?;
        changes.push(LedgerEntryRentChange {
            is_persistent: !is_temporary(key),
            is_code_entry: matches!(key, LedgerKey::ContractCode(_)),
            old_size_bytes: size,
            new_size_bytes: size,
            old_live_until_ledger: live_until,
            new_live_until_ledger: target,
        });
        overlay.extend(Rc::new(key.clone()), target);
    }
    let rent_fee = rent(&changes, context);
    if rent_fee > refundable_bid(frame, data, context) {
        return fail(ExtendFootprintTtlResult::InsufficientRefundableFee);
    }
    let effects = Effects {
        rent_fee,
        refundable_used: rent_fee,
        ..Effects::default()
    };
    Ok(Ok((extended(ExtendFootprintTtlResult::Success), effects)))
}
