//! `invokeHostFunction`: uploads, deployments and calls on the real host.

use std::rc::Rc;

use soroban_env_host::budget::Budget;
use soroban_env_host::e2e_invoke::{
    LedgerEntryChange, TtlLedgerEntryMeta, extract_rent_changes, invoke_host_function,
};
use soroban_env_host::xdr::ContractDataDurability;
use stellar_xdr::{
    AccountId, ContractEvent, DiagnosticEvent, InvokeHostFunctionOp, InvokeHostFunctionResult,
    InvokeHostFunctionSuccessPreImage, LedgerEntry, LedgerKey, OperationResult, ScVal,
    SorobanTransactionData,
};

use super::modules::Modules;
use super::{Effects, Failure, budget, invoked, refundable_bid, rent, sizes};
use crate::engine::EngineError;
use crate::engine::context::LedgerContext;
use crate::engine::fees::{archived, events_fee};
use crate::engine::frame::Frame;
use crate::engine::overlay::Overlay;
use crate::engine::state::is_soroban;
use crate::engine::xdr::{decode, encode, sha256};
use crate::settings::LIMITS;

/// One footprint entry as the host takes it.
type HostEntry = (Option<Vec<u8>>, Option<TtlLedgerEntryMeta>);

/// Runs the call and writes its changes to the overlay.
pub(crate) fn apply(
    op: &InvokeHostFunctionOp,
    source: &AccountId,
    frame: &Frame,
    data: &SorobanTransactionData,
    overlay: &mut Overlay<'_>,
    context: &LedgerContext<'_>,
    modules: &Modules,
) -> Result<Result<(OperationResult, Effects), Failure>, EngineError> {
    let entries = match load_footprint(data, overlay, context)? {
        Ok(entries) => entries,
        Err(result) => return Ok(Err(Failure::bare(invoked(result)))),
    };
    let budget = budget(data.resources.instructions, context)?;
    let mut diagnostics: Vec<DiagnosticEvent> = Vec::new();
    let auth = op.auth.iter().map(encode).collect::<Result<Vec<_>, _>>()?;
    let outcome = invoke_host_function(
        &budget,
        true,
        encode(&op.host_function)?,
        encode(&data.resources)?,
        archived(data),
        encode(source)?,
        auth.into_iter(),
        context.ledger_info(),
        entries.into_iter(),
        prng_seed(frame, context),
        &mut diagnostics,
        None,
        Some(modules.cache()),
    );
    let failed = |result| {
        Ok(Err(Failure {
            result: invoked(result),
            diagnostics: diagnostics.clone(),
        }))
    };
    let (return_value, changes, events) = match outcome {
        Ok(outcome) => match outcome.encoded_invoke_result {
            Ok(value) => (
                value,
                outcome.ledger_changes,
                outcome.encoded_contract_events,
            ),
            Err(_) => return failed(why(&budget, data)?),
        },
        Err(_) => return failed(why(&budget, data)?),
    };

    let emitted = events
        .iter()
        .map(Vec::len)
        .fold(return_value.len(), usize::saturating_add);
    if emitted > LIMITS.events_bytes || !writes_fit(&changes, data) {
        return failed(InvokeHostFunctionResult::ResourceLimitExceeded);
    }
    let rent_fee = rent(&extract_rent_changes(&changes), context);
    let refundable_used = rent_fee.saturating_add(events_fee(emitted, context.config));
    if refundable_used > refundable_bid(frame, data, context) {
        return failed(InvokeHostFunctionResult::InsufficientRefundableFee);
    }
    write_back(changes, overlay)?;

    let return_value: ScVal = decode(&return_value)?;
    let events = events
        .iter()
        .map(|event| decode::<ContractEvent>(event))
        .collect::<Result<Vec<_>, _>>()?;
    let preimage = InvokeHostFunctionSuccessPreImage {
        return_value: return_value.clone(),
        events: events.clone().try_into()?,
    };
    let hash = stellar_xdr::Hash(sha256(&encode(&preimage)?));
    Ok(Ok((
        invoked(InvokeHostFunctionResult::Success(hash)),
        Effects {
            return_value: Some(return_value),
            events,
            rent_fee,
            refundable_used,
        },
    )))
}

/// The footprint's entries, read-only ones first. Archived entries must be announced, and enter as restored.
fn load_footprint(
    data: &SorobanTransactionData,
    overlay: &Overlay<'_>,
    context: &LedgerContext<'_>,
) -> Result<Result<Vec<HostEntry>, InvokeHostFunctionResult>, EngineError> {
    let footprint = &data.resources.footprint;
    let info = context.ledger_info();
    let restored_until = info
        .min_live_until_ledger_checked(ContractDataDurability::Persistent)
        .ok_or(EngineError::LedgerOverflow)?;
    let keys = footprint.read_only.iter().map(|key| (None, key)).chain(
        footprint
            .read_write
            .iter()
            .enumerate()
            .map(|(index, key)| (Some(index), key)),
    );
    let mut entries = Vec::new();
    let mut disk_bytes = 0_usize;
    for (index, key) in keys {
        let Some(stored) = overlay.load(key) else {
            entries.push((None, None));
            continue;
        };
        let (bytes, entry_size_for_rent) = sizes(&stored.entry, context)?;
        let Some(live_until) = stored.live_until else {
            disk_bytes = disk_bytes.saturating_add(bytes.len());
            entries.push((Some(bytes), None));
            continue;
        };
        let live_until_ledger = if live_until < context.sequence {
            let announced = index
                .and_then(|index| u32::try_from(index).ok())
                .is_some_and(|index| archived(data).contains(&index));
            if !announced {
                return Ok(Err(InvokeHostFunctionResult::EntryArchived));
            }
            disk_bytes = disk_bytes.saturating_add(bytes.len());
            restored_until
        } else {
            live_until
        };
        let meta = TtlLedgerEntryMeta {
            live_until_ledger,
            entry_size_for_rent,
        };
        entries.push((Some(bytes), Some(meta)));
    }
    let declared = usize::try_from(data.resources.disk_read_bytes).unwrap_or(usize::MAX);
    if disk_bytes > declared {
        return Ok(Err(InvokeHostFunctionResult::ResourceLimitExceeded));
    }
    Ok(Ok(entries))
}

fn why(
    budget: &Budget,
    data: &SorobanTransactionData,
) -> Result<InvokeHostFunctionResult, EngineError> {
    let too_much = budget.get_cpu_insns_consumed()? > u64::from(data.resources.instructions)
        || budget.get_mem_bytes_consumed()? > u64::from(LIMITS.memory);
    Ok(if too_much {
        InvokeHostFunctionResult::ResourceLimitExceeded
    } else {
        InvokeHostFunctionResult::Trapped
    })
}

fn writes_fit(changes: &[LedgerEntryChange], data: &SorobanTransactionData) -> bool {
    let declared = usize::try_from(data.resources.write_bytes).unwrap_or(usize::MAX);
    let mut total = 0_usize;
    for change in changes {
        if let Some(value) = &change.encoded_new_value {
            total = total.saturating_add(value.len());
            let is_data = change
                .ttl_change
                .as_ref()
                .is_some_and(|ttl| ttl.entry_type == stellar_xdr::LedgerEntryType::ContractData);
            if is_data && value.len() > LIMITS.data_entry_bytes {
                return false;
            }
        }
    }
    total <= declared
}

fn write_back(
    changes: Vec<LedgerEntryChange>,
    overlay: &mut Overlay<'_>,
) -> Result<(), EngineError> {
    for change in changes {
        let key: Rc<LedgerKey> = Rc::new(decode(&change.encoded_key)?);
        let live_until = change
            .ttl_change
            .as_ref()
            .map(|ttl| ttl.new_live_until_ledger);
        let before = overlay.load(&key);
        match (change.read_only, change.encoded_new_value) {
            (true, _) => {
                if let (Some(before), Some(until)) = (before, live_until)
                    && before.live_until < Some(until)
                {
                    overlay.extend(key, until);
                }
            }
            (false, Some(value)) => {
                let entry: LedgerEntry = decode(&value)?;
                let unchanged = before.as_ref().is_some_and(|before| {
                    before.entry.data == entry.data && before.live_until == live_until
                });
                if unchanged {
                    continue;
                }
                match before {
                    Some(before) if before.entry.data == entry.data => {
                        if let Some(until) = live_until {
                            overlay.extend(key, until);
                        }
                    }
                    _ => {
                        let live_until = live_until.filter(|_| is_soroban(&key));
                        overlay.put(key, entry.data, live_until);
                    }
                }
            }
            (false, None) => {
                if before.is_some() {
                    overlay.remove(key);
                }
            }
        }
    }
    Ok(())
}

/// The seed of the contract's random numbers: different for each transaction and ledger.
fn prng_seed(frame: &Frame, context: &LedgerContext<'_>) -> Vec<u8> {
    let mut preimage = frame.inner_hash.to_vec();
    preimage.extend_from_slice(&context.sequence.to_be_bytes());
    sha256(&preimage).to_vec()
}
