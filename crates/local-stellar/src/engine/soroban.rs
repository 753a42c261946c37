//! Contract operations: the limits on what they declare, and their application.

pub(crate) mod extend;
pub(crate) mod invoke;
pub(crate) mod modules;
pub(crate) mod restore;

use std::collections::BTreeSet;

use soroban_env_host::budget::Budget;
use soroban_env_host::e2e_invoke::entry_size_for_rent;
use soroban_env_host::fees::{LedgerEntryRentChange, compute_rent_fee};
use stellar_xdr::{
    ContractEvent, DiagnosticEvent, ExtendFootprintTtlResult, Hash, HostFunction,
    InvokeHostFunctionResult, LedgerEntry, LedgerKey, OperationBody, OperationResult,
    OperationResultTr, RestoreFootprintResult, ScVal, SorobanTransactionData,
};

use super::context::LedgerContext;
use super::fees::archived;
use super::frame::Frame;
use super::state::{is_soroban, is_temporary};
use super::xdr::encode;
use super::{EngineError, fees};
use crate::settings::LIMITS;

/// What a contract operation leaves behind.
#[derive(Debug, Default)]
pub(crate) struct Effects {
    pub(crate) return_value: Option<ScVal>,
    pub(crate) events: Vec<ContractEvent>,
    /// Fee for lifetime, in stroops.
    pub(crate) rent_fee: i64,
    /// Fee for rent and events together, in stroops.
    pub(crate) refundable_used: i64,
}

/// Why a contract operation failed, with what the host says about it.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) result: OperationResult,
    pub(crate) diagnostics: Vec<DiagnosticEvent>,
}

impl Failure {
    pub(crate) fn bare(result: OperationResult) -> Self {
        Self {
            result,
            diagnostics: Vec::new(),
        }
    }
}

/// Whether the declared resources and the footprint are within the network's limits.
pub(crate) fn within_limits(frame: &Frame, data: &SorobanTransactionData) -> bool {
    let resources = &data.resources;
    let footprint = &resources.footprint;
    let read_only = footprint.read_only.as_slice();
    let read_write = footprint.read_write.as_slice();
    let entries = read_only.len().saturating_add(read_write.len());
    let distinct: BTreeSet<&LedgerKey> = read_only.iter().chain(read_write).collect();
    let classic = distinct.iter().filter(|key| !is_soroban(key)).count();
    let restored = archived(data);
    resources.instructions <= LIMITS.instructions
        && resources.disk_read_bytes <= LIMITS.disk_read_bytes
        && resources.write_bytes <= LIMITS.write_bytes
        && entries <= LIMITS.footprint_entries
        && read_write.len() <= LIMITS.write_entries
        && classic.saturating_add(restored.len()) <= LIMITS.disk_read_entries
        && fees_size(frame) <= LIMITS.transaction_bytes
        && distinct.len() == entries
        && distinct.iter().all(|key| is_allowed(key))
        && restored.windows(2).all(|pair| pair.first() < pair.last())
        && restored.iter().all(|index| {
            usize::try_from(*index)
                .ok()
                .and_then(|index| read_write.get(index))
                .is_some_and(|key| is_soroban(key) && !is_temporary(key))
        })
}

fn fees_size(frame: &Frame) -> u32 {
    u32::try_from(frame.inner_size).unwrap_or(u32::MAX)
}

/// Contracts touch accounts, trustlines, their data and their code; nothing else, and no key beyond its size.
fn is_allowed(key: &LedgerKey) -> bool {
    match key {
        LedgerKey::Account(_) | LedgerKey::ContractCode(_) => true,
        LedgerKey::Trustline(line) => !matches!(
            line.asset,
            stellar_xdr::TrustLineAsset::Native | stellar_xdr::TrustLineAsset::PoolShare(_)
        ),
        LedgerKey::ContractData(_) => {
            encode(key).is_ok_and(|bytes| bytes.len() <= LIMITS.data_key_bytes)
        }
        _ => false,
    }
}

/// The checks of a contract operation that need no ledger entry. The footprint is judged when it runs.
#[allow(
    clippy::result_large_err,
    reason = "success and failure are the same XDR type: boxing one of them saves nothing"
)]
pub(crate) fn check(
    body: &OperationBody,
    context: &LedgerContext<'_>,
) -> Result<OperationResult, OperationResult> {
    match body {
        OperationBody::InvokeHostFunction(op) => {
            let too_large = matches!(&op.host_function, HostFunction::UploadContractWasm(code)
                if u32::try_from(code.len()).unwrap_or(u32::MAX) > LIMITS.wasm_bytes);
            if too_large {
                Err(invoked(InvokeHostFunctionResult::Malformed))
            } else {
                Ok(invoked(InvokeHostFunctionResult::Success(Hash([0; 32]))))
            }
        }
        OperationBody::ExtendFootprintTtl(op) => {
            if op.extend_to >= context.config.max_entry_ttl {
                Err(extended(ExtendFootprintTtlResult::Malformed))
            } else {
                Ok(extended(ExtendFootprintTtlResult::Success))
            }
        }
        OperationBody::RestoreFootprint(_) => Ok(restored(RestoreFootprintResult::Success)),
        _ => Err(OperationResult::OpNotSupported),
    }
}

fn invoked(result: InvokeHostFunctionResult) -> OperationResult {
    OperationResult::OpInner(OperationResultTr::InvokeHostFunction(result))
}

fn extended(result: ExtendFootprintTtlResult) -> OperationResult {
    OperationResult::OpInner(OperationResultTr::ExtendFootprintTtl(result))
}

fn restored(result: RestoreFootprintResult) -> OperationResult {
    OperationResult::OpInner(OperationResultTr::RestoreFootprint(result))
}

/// What of the resource fee may be used for rent and events, in stroops.
fn refundable_bid(
    frame: &Frame,
    data: &SorobanTransactionData,
    context: &LedgerContext<'_>,
) -> i64 {
    data.resource_fee
        .saturating_sub(fees::non_refundable(frame, data, context.config))
}

/// The rent for changed entries, in stroops.
fn rent(changes: &[LedgerEntryRentChange], context: &LedgerContext<'_>) -> i64 {
    compute_rent_fee(
        changes,
        &context.config.rent_fee_configuration,
        context.sequence,
    )
}

/// An entry's size in bytes, as written and as rent is reckoned from it.
fn sizes(entry: &LedgerEntry, context: &LedgerContext<'_>) -> Result<(Vec<u8>, u32), EngineError> {
    let bytes = encode(entry)?;
    let written = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    let for_rent = match &entry.data {
        stellar_xdr::LedgerEntryData::ContractCode(_) => {
            entry_size_for_rent(&budget(LIMITS.instructions, context)?, entry, written)?
        }
        _ => written,
    };
    Ok((bytes, for_rent))
}

fn budget(instructions: u32, context: &LedgerContext<'_>) -> Result<Budget, EngineError> {
    Ok(Budget::try_from_configs(
        u64::from(instructions),
        u64::from(LIMITS.memory),
        context.config.cpu_cost_params.clone(),
        context.config.memory_cost_params.clone(),
    )?)
}
