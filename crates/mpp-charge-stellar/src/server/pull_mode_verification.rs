//! "Pull Mode Verification": what both of its flows check. Every term comes from the decoded invocation.
//!
//! Accounts are compared by their raw keys, so that an `M…` form of an account of ours is seen for what it is.

use coinslot_caip2_network::NetworkId;
use coinslot_soroban_authorization::{
    AuthEntry, ContractEvent, Credential, Envelope, InvocationEnvelope, NotATransfer,
    SignatureError, Transfer,
};
use coinslot_stellar_address::Address;

use super::{Facts, Fault, Place, Rules, SimulationFacts, balance_changes};
use crate::terms::ChargeTerms;

/// The envelope is one, in strict base64 and within bounds.
pub(super) fn transaction_must_be_an_envelope(transaction: &str) -> Result<Envelope, Fault> {
    Envelope::from_base64(transaction)
        .map_err(|error| Fault::NotATransfer(NotATransfer::from(error)))
}

/// Step 2: "The decoded transaction contains exactly one `invokeHostFunction` operation with function type
/// `hostFunctionTypeInvokeContract`."
pub(super) fn must_contain_exactly_one_invoke_host_function(
    envelope: &Envelope,
) -> Result<InvocationEnvelope, Fault> {
    InvocationEnvelope::recognise(envelope).map_err(Fault::NotATransfer)
}

/// Step 3: "The invoked function is `transfer(from, to, amount)` on the contract matching `currency`. The `to` argument
/// MUST equal `recipient` and the `amount` argument MUST equal `amount` (as i128) from the challenge request."
pub(super) fn must_be_the_transfer_of_the_request(
    invocation: &InvocationEnvelope,
    terms: &ChargeTerms,
) -> Result<Transfer, Fault> {
    if invocation.contract().map_err(Fault::NotATransfer)? != terms.token() {
        return Err(Fault::WrongCurrency);
    }
    let transfer = invocation.transfer().map_err(Fault::NotATransfer)?;
    if transfer.to != terms.recipient() {
        return Err(Fault::WrongRecipient);
    }
    if transfer.amount != terms.amount().to_i128() {
        return Err(Fault::WrongAmount);
    }
    Ok(transfer)
}

/// A muxed address cannot authorize a transfer, and would have a second name for its money.
pub(super) fn from_must_not_be_muxed(transfer: &Transfer) -> Result<(), Fault> {
    match transfer.from {
        Address::Account(_) | Address::Contract(_) => Ok(()),
        Address::Muxed(_) => Err(Fault::PayerIsMuxed),
    }
}

/// Sponsored step 9, for both flows: "The server's address MUST NOT appear as the `from` argument or in any
/// authorization entry", nor as a source.
pub(super) fn server_address_must_not_appear(
    invocation: &InvocationEnvelope,
    transfer: &Transfer,
    rules: &Rules,
) -> Result<(), Fault> {
    must_not_be_ours(&invocation.source(), Place::TransactionSource, rules)?;
    if let Some(source) = invocation.operation_source() {
        must_not_be_ours(&source, Place::OperationSource, rules)?;
    }
    must_not_be_ours(&transfer.from, Place::From, rules)?;
    for entry in invocation.auth() {
        if let Credential::Address { address, .. } = entry.credential() {
            must_not_be_ours(&address, Place::AuthorizationEntry, rules)?;
        }
    }
    Ok(())
}

pub(super) fn must_not_be_ours(
    address: &Address,
    place: Place,
    rules: &Rules,
) -> Result<(), Fault> {
    if rules.is_ours(address) {
        Err(Fault::OurAccount(place))
    } else {
        Ok(())
    }
}

/// Authorization entries are required. A transfer needs one authorization, so there is one entry: no other, no second
/// one, for this very transfer, and with nothing below it.
pub(super) fn must_contain_exactly_one_entry_for_the_transfer<'a>(
    entries: &'a [AuthEntry],
    transfer: &Transfer,
) -> Result<&'a AuthEntry, Fault> {
    let [entry] = entries else {
        return Err(Fault::EntryCount {
            found: entries.len(),
        });
    };
    if entry.has_sub_invocations() {
        return Err(Fault::SubInvocations);
    }
    if entry.transfer() != Some(*transfer) {
        return Err(Fault::EntryForAnotherCall);
    }
    Ok(entry)
}

/// An entry with the credentials of an address is by `from`, and signed on this network.
///
/// An account's signature is verified here. That of a contract is judged by the simulation, which enforces it, and so is
/// one by other keys of an account than its own.
pub(super) fn entry_must_be_signed_by_from(
    entry: &AuthEntry,
    transfer: &Transfer,
    network: &NetworkId,
) -> Result<(), Fault> {
    match entry.credential() {
        Credential::Address { address, .. } if address != transfer.from => {
            return Err(Fault::EntryOfAnother);
        }
        Credential::Address { signed: false, .. } => return Err(Fault::Unsigned),
        Credential::Address { .. } => {}
        Credential::SourceAccount | Credential::Unsupported => {
            return Err(Fault::UnsupportedCredential);
        }
    }
    match entry.verify_account_signature(network) {
        Ok(()) | Err(SignatureError::NotAnAccount | SignatureError::OtherSigners) => Ok(()),
        Err(error) => Err(Fault::Signature(error)),
    }
}

/// An authorization whose last ledger has closed cannot be settled any more.
pub(super) fn entry_must_not_have_expired(
    expiration_ledger: u32,
    facts: &Facts,
) -> Result<(), Fault> {
    if expiration_ledger > facts.latest_ledger {
        Ok(())
    } else {
        Err(Fault::AuthorizationExpired {
            ledger: expiration_ledger,
        })
    }
}

/// Step 5: "The simulation MUST succeed and MUST emit events showing only the expected balance changes." Gives the
/// resource fee in stroops.
pub(super) fn simulation_must_succeed_with_only_the_expected_balance_changes(
    simulation: &SimulationFacts,
    transfer: &Transfer,
) -> Result<u64, Fault> {
    match simulation {
        SimulationFacts::Succeeded {
            events,
            min_resource_fee,
        } => {
            balance_changes::must_be_the_transfer_only(events, transfer)
                .map_err(Fault::Simulated)?;
            // A resource fee below zero is none.
            Ok(u64::try_from(*min_resource_fee).unwrap_or(0))
        }
        SimulationFacts::Failed { message } => Err(Fault::Simulation {
            message: message.clone(),
        }),
        SimulationFacts::RestoreNeeded => Err(Fault::RestoreNeeded),
    }
}

/// What the network tells after a transaction has landed.
pub(super) fn settlement_must_make_only_the_expected_balance_changes(
    events: &[ContractEvent],
    transfer: &Transfer,
) -> Result<(), Fault> {
    balance_changes::must_be_the_transfer_only(events, transfer).map_err(Fault::Settled)
}
