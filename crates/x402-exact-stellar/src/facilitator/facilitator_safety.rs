//! Section 4, "Facilitator Safety".
//!
//! Accounts are compared by their raw keys, so that an `M…` form of a facilitator's account is seen
//! for what it is.

use coinslot_soroban_authorization::{ContractEvent, InvocationEnvelope, Transfer, TransferEvent};
use coinslot_stellar_address::Address;

use super::{Fault, Rules};

/// "The transaction source account provided by the client MUST NOT be the facilitator's address."
pub(super) fn transaction_source_must_not_be_the_facilitator(
    invocation: &InvocationEnvelope,
    rules: &Rules,
) -> Result<(), Fault> {
    if rules.is_ours(&invocation.source()) {
        Err(Fault::UnsafeTransactionSource)
    } else {
        Ok(())
    }
}

/// "The operation source account provided by the client MUST NOT be the facilitator's address."
pub(super) fn operation_source_must_not_be_the_facilitator(
    invocation: &InvocationEnvelope,
    rules: &Rules,
) -> Result<(), Fault> {
    if invocation
        .operation_source()
        .is_some_and(|source| rules.is_ours(&source))
    {
        return Err(Fault::UnsafeOperationSource);
    }
    Ok(())
}

/// "The facilitator MUST NOT be the `from` address in the transfer."
pub(super) fn facilitator_must_not_be_from(
    transfer: &Transfer,
    rules: &Rules,
) -> Result<(), Fault> {
    if rules.is_ours(&transfer.from) {
        Err(Fault::FacilitatorIsPayer)
    } else {
        Ok(())
    }
}

/// A muxed address cannot authorize a transfer, and would have a second name for its money.
pub(super) fn from_must_not_be_muxed(transfer: &Transfer) -> Result<(), Fault> {
    match transfer.from {
        Address::Account(_) | Address::Contract(_) => Ok(()),
        Address::Muxed(_) => Err(Fault::PayerIsMuxed),
    }
}

/// "The facilitator address MUST NOT appear in any authorization entries."
pub(super) fn facilitator_must_not_appear_in_authorization(
    address: &Address,
    rules: &Rules,
) -> Result<(), Fault> {
    if rules.is_ours(address) {
        Err(Fault::FacilitatorInAuth)
    } else {
        Ok(())
    }
}

/// "The simulation MUST emit events showing only the expected balance changes […] and NO OTHER
/// BALANCE CHANGES": exactly one event of any contract, and it is a transfer by this token.
pub(super) fn simulation_must_emit_one_transfer_and_nothing_else(
    events: &[ContractEvent],
    transfer: &Transfer,
) -> Result<TransferEvent, Fault> {
    let mut transfers = Vec::new();
    for event in events.iter().filter(|event| event.is_contract_type()) {
        if event.name() != Some("transfer") {
            return Err(Fault::EventNotTransfer);
        }
        match event.contract() {
            None => return Err(Fault::EventWithoutContract),
            Some(contract) if contract != transfer.token => {
                return Err(Fault::EventOfAnotherContract);
            }
            Some(_) => transfers.push(event.as_transfer().ok_or(Fault::EventNotTransfer)?),
        }
    }
    match transfers.as_slice() {
        [] => Err(Fault::NoTransferEvent),
        [event] => Ok(*event),
        _ => Err(Fault::SeveralTransfers),
    }
}
