//! `restoreFootprint`.

use std::rc::Rc;

use soroban_env_host::fees::LedgerEntryRentChange;
use soroban_env_host::xdr::ContractDataDurability;
use stellar_xdr::{LedgerKey, OperationResult, RestoreFootprintResult, SorobanTransactionData};

use super::{Effects, Failure, refundable_bid, rent, restored, sizes};
use crate::engine::EngineError;
use crate::engine::context::LedgerContext;
use crate::engine::frame::Frame;
use crate::engine::overlay::Overlay;
use crate::engine::state::{is_live, is_soroban, is_temporary};

/// Brings the read-write footprint's archived entries back; absent and live ones are passed over.
pub(crate) fn apply(
    frame: &Frame,
    data: &SorobanTransactionData,
    overlay: &mut Overlay<'_>,
    context: &LedgerContext<'_>,
) -> Result<Result<(OperationResult, Effects), Failure>, EngineError> {
    let fail = |result| Ok(Err(Failure::bare(restored(result))));
    let footprint = &data.resources.footprint;
    let restorable = |key: &LedgerKey| is_soroban(key) && !is_temporary(key);
    if !footprint.read_only.is_empty() || !footprint.read_write.iter().all(restorable) {
        return fail(RestoreFootprintResult::Malformed);
    }
    let new_live_until_ledger = context
        .ledger_info()
        .min_live_until_ledger_checked(ContractDataDurability::Persistent)
        .ok_or(EngineError::LedgerOverflow)?;
    let mut changes = Vec::new();
    let mut bytes_moved = 0_usize;
    for key in footprint.read_write.iter() {
        let Some(stored) = overlay.load(key) else {
            continue;
        };
        if is_live(&stored, context.sequence) {
            continue;
        }
        let (bytes, size) = sizes(&stored.entry, context)?;
        bytes_moved = bytes_moved.saturating_add(bytes.len());
        changes.push(LedgerEntryRentChange {
            is_persistent: true,
            is_code_entry: matches!(key, LedgerKey::ContractCode(_)),
            old_size_bytes: 0,
            new_size_bytes: size,
            old_live_until_ledger: 0,
            new_live_until_ledger,
        });
        overlay.extend(Rc::new(key.clone()), new_live_until_ledger);
    }
    let declared = data
        .resources
        .disk_read_bytes
        .min(data.resources.write_bytes);
    if bytes_moved > usize::try_from(declared).unwrap_or(usize::MAX) {
        return fail(RestoreFootprintResult::ResourceLimitExceeded);
    }
    let rent_fee = rent(&changes, context);
    if rent_fee > refundable_bid(frame, data, context) {
        return fail(RestoreFootprintResult::InsufficientRefundableFee);
    }
    let effects = Effects {
        rent_fee,
        refundable_used: rent_fee,
        ..Effects::default()
    };
    Ok(Ok((restored(RestoreFootprintResult::Success), effects)))
}
