//! What a transaction bids, must bid at least, and is charged.

use soroban_env_host::fees::{TransactionResources, compute_transaction_resource_fee};
use soroban_simulation::NetworkConfig;
use stellar_xdr::{SorobanTransactionData, SorobanTransactionDataExt};

use super::frame::Frame;
use super::state::is_soroban;
use crate::settings::BASE_FEE;

/// The resource fee that a transaction declares; zero for a classic one.
pub(crate) fn resource_fee(frame: &Frame) -> i64 {
    frame.soroban_data().map_or(0, |data| data.resource_fee)
}

/// The whole fee that the envelope offers.
pub(crate) fn full_bid(frame: &Frame) -> i64 {
    frame
        .bump
        .as_ref()
        .map_or_else(|| i64::from(frame.tx.fee), |bump| bump.fee)
}

/// The part of the offer that bids for a place in the ledger.
pub(crate) fn inclusion_bid(frame: &Frame) -> i64 {
    full_bid(frame).saturating_sub(resource_fee(frame))
}

/// The least inclusion fee: one base fee per operation, and one for the outer level of a fee bump.
pub(crate) fn min_inclusion(frame: &Frame) -> i64 {
    min_inner_inclusion(frame)
        .saturating_add(frame.bump.as_ref().map_or(0, |_| i64::from(BASE_FEE)))
}

fn min_inner_inclusion(frame: &Frame) -> i64 {
    let operations = i64::try_from(frame.tx.operations.len()).unwrap_or(i64::MAX);
    operations.max(1).saturating_mul(i64::from(BASE_FEE))
}

/// Whether the bid is high enough, and a fee bump's rate not below its inner transaction's.
pub(crate) fn bid_is_sufficient(frame: &Frame) -> bool {
    let bid = inclusion_bid(frame);
    if bid < min_inclusion(frame) {
        return false;
    }
    if frame.bump.is_none() {
        return true;
    }
    let inner_bid = i64::from(frame.tx.fee).saturating_sub(resource_fee(frame));
    i128::from(bid) * i128::from(min_inner_inclusion(frame))
        >= i128::from(inner_bid) * i128::from(min_inclusion(frame))
}

/// What is taken from the fee source before the operations run; the ledger is never full, so the inclusion fee is the
/// base fee and not the bid.
pub(crate) fn charged_upfront(frame: &Frame) -> i64 {
    inclusion_bid(frame)
        .min(min_inclusion(frame))
        .saturating_add(resource_fee(frame))
}

/// The part of the resource fee that is never given back, for the declared resources.
pub(crate) fn non_refundable(
    frame: &Frame,
    data: &SorobanTransactionData,
    config: &NetworkConfig,
) -> i64 {
    let footprint = &data.resources.footprint;
    let classic = footprint
        .read_only
        .iter()
        .chain(footprint.read_write.iter())
        .filter(|key| !is_soroban(key))
        .count();
    let resources = TransactionResources {
        instructions: data.resources.instructions,
        disk_read_entries: count(classic.saturating_add(archived(data).len())),
        write_entries: count(footprint.read_write.len()),
        disk_read_bytes: data.resources.disk_read_bytes,
        write_bytes: data.resources.write_bytes,
        contract_events_size_bytes: 0,
        transaction_size_bytes: count(frame.inner_size),
    };
    compute_transaction_resource_fee(&resources, &config.fee_configuration).0
}

/// The fee for the events and return value that a contract really emitted.
pub(crate) fn events_fee(events_bytes: usize, config: &NetworkConfig) -> i64 {
    let resources = TransactionResources {
        instructions: 0,
        disk_read_entries: 0,
        write_entries: 0,
        disk_read_bytes: 0,
        write_bytes: 0,
        contract_events_size_bytes: count(events_bytes),
        transaction_size_bytes: 0,
    };
    compute_transaction_resource_fee(&resources, &config.fee_configuration).1
}

/// Positions in the read-write footprint that are to be restored before the call.
pub(crate) fn archived(data: &SorobanTransactionData) -> &[u32] {
    match &data.ext {
        SorobanTransactionDataExt::V0 => &[],
        SorobanTransactionDataExt::V1(ext) => ext.archived_soroban_entries.as_slice(),
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
