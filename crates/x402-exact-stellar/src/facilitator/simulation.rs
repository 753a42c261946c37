//! Section 5, "Simulation".

use coinslot_soroban_authorization::{ContractEvent, Transfer, TransferEvent};

use super::{Fault, SimulationFacts};

/// "The simulation MUST succeed without errors." Gives its events and its resource fee in stroops.
pub(super) fn simulation_must_succeed(
    simulation: &SimulationFacts,
) -> Result<(&[ContractEvent], u64), Fault> {
    match simulation {
        SimulationFacts::Succeeded {
            events,
            min_resource_fee,
        } => {
            // A resource fee below zero is none.
            Ok((events, u64::try_from(*min_resource_fee).unwrap_or(0)))
        }
        SimulationFacts::Failed { message } => Err(Fault::Simulation {
            message: message.clone(),
        }),
        SimulationFacts::RestoreNeeded => Err(Fault::RestoreNeeded),
    }
}

/// What the client declares is not above the ceiling, as in the official program.
pub(super) fn declared_fee_must_not_exceed_the_maximum(
    declared: u32,
    maximum: u64,
) -> Result<(), Fault> {
    if u64::from(declared) <= maximum {
        Ok(())
    } else {
        Err(Fault::DeclaredFee { declared, maximum })
    }
}

/// What the settlement costs, resources and inclusion together, is not above the ceiling.
pub(super) fn fee_must_not_exceed_the_maximum(
    resource_fee: u64,
    inclusion_fee: u64,
    maximum: u64,
) -> Result<(), Fault> {
    let needed = resource_fee.saturating_add(inclusion_fee);
    if needed <= maximum {
        Ok(())
    } else {
        Err(Fault::Fee { needed, maximum })
    }
}

/// "The simulation MUST emit events confirming the exact balance change specified in
/// `requirements.amount`."
pub(super) fn event_must_confirm_the_transfer(
    event: &TransferEvent,
    transfer: &Transfer,
) -> Result<(), Fault> {
    if event.from != transfer.from {
        return Err(Fault::EventWrongFrom);
    }
    if event.to != transfer.to {
        return Err(Fault::EventWrongTo);
    }
    if event.amount != transfer.amount {
        return Err(Fault::EventWrongAmount);
    }
    Ok(())
}
