//! "Unsponsored Flow Checks", and what "fully signed and network-ready" means ("Transaction Payload — Pull Mode").
//!
//! The transaction is submitted as it came, so that whatever would keep it from being settled is refused here.

use coinslot_caip2_network::NetworkId;
use coinslot_soroban_authorization::{
    AuthEntry, Credential, Envelope, InvocationEnvelope, Transfer, TransferEnvelope,
};
use coinslot_stellar_address::Address;

use super::{Fault, Place, Rules, pull_mode_verification as pull};

/// A fee bump around the transaction is signed by whoever pays for it, and that is not us.
pub(super) fn fee_bump_must_be_signed_by_its_source(
    envelope: &Envelope,
    network: &NetworkId,
    rules: &Rules,
) -> Result<(), Fault> {
    let Some(source) = envelope.fee_source() else {
        return Ok(());
    };
    pull::must_not_be_ours(&source, Place::FeeSource, rules)?;
    must_be_signed_by(envelope, &source, network)
}

/// "The transaction MUST be fully signed": by its source account, whose own key is the only one that can be known here.
pub(super) fn transaction_must_be_signed_by_its_source(
    transaction: &Envelope,
    invocation: &InvocationEnvelope,
    network: &NetworkId,
) -> Result<(), Fault> {
    must_be_signed_by(transaction, &invocation.source(), network)
}

fn must_be_signed_by(
    envelope: &Envelope,
    source: &Address,
    network: &NetworkId,
) -> Result<(), Fault> {
    let signed = source
        .account_key()
        .is_some_and(|account| envelope.is_signed_by(&account, network));
    if signed {
        Ok(())
    } else {
        Err(Fault::NotSignedBySource)
    }
}

/// The operation has no source of its own, or the transaction's: nobody else has signed for it.
pub(super) fn operation_source_must_be_that_of_the_transaction(
    transaction: &TransferEnvelope,
) -> Result<(), Fault> {
    match transaction.operation_source {
        Some(source) if source != transaction.source => Err(Fault::OtherOperationSource),
        _ => Ok(()),
    }
}

/// The payer authorizes the transfer by signing the transaction, or by an entry of its own. Gives the nonce of the latter
/// with its last ledger.
pub(super) fn from_must_have_authorized(
    entry: &AuthEntry,
    source: &Address,
    transfer: &Transfer,
    network: &NetworkId,
) -> Result<Option<(i64, u32)>, Fault> {
    match entry.credential() {
        Credential::SourceAccount if source.account_key() == transfer.from.account_key() => {
            Ok(None)
        }
        Credential::SourceAccount => Err(Fault::EntryOfAnother),
        Credential::Address {
            nonce,
            expiration_ledger,
            ..
        } => {
            pull::entry_must_be_signed_by_from(entry, transfer, network)?;
            Ok(Some((nonce, expiration_ledger)))
        }
        Credential::Unsupported => Err(Fault::UnsupportedCredential),
    }
}

/// Step 6: "`timeBounds.maxTime` MUST NOT exceed the `expires` timestamp from the challenge." Without time bounds, or
/// with a `maxTime` of zero, it would be valid for ever. Gives `maxTime`.
pub(super) fn max_time_must_not_exceed_expires(
    transaction: &TransferEnvelope,
    expires: u64,
) -> Result<u64, Fault> {
    match transaction.time_bounds.map(|bounds| bounds.max_time) {
        None | Some(0) => Err(Fault::NoEnd),
        Some(max_time) if max_time > expires => Err(Fault::OutlivesTheChallenge { max_time }),
        Some(max_time) => Ok(max_time),
    }
}

/// The transaction is valid now.
pub(super) fn current_time_must_be_within_time_bounds(
    transaction: &TransferEnvelope,
    now: u64,
) -> Result<(), Fault> {
    match transaction.time_bounds {
        Some(bounds) if bounds.min_time > now => Err(Fault::NotYetValid),
        Some(bounds) if bounds.max_time <= now => Err(Fault::TransactionExpired {
            max_time: bounds.max_time,
        }),
        _ => Ok(()),
    }
}

/// No other precondition, which might never be met.
pub(super) fn must_have_no_precondition_but_time(
    transaction: &TransferEnvelope,
) -> Result<(), Fault> {
    if transaction.has_other_preconditions {
        Err(Fault::OtherPreconditions)
    } else {
        Ok(())
    }
}

/// It declares the resources that it uses, and a fee that covers them.
pub(super) fn resources_must_be_declared_and_paid(
    transaction: &TransferEnvelope,
) -> Result<(), Fault> {
    let resources = transaction.resources.as_ref().ok_or(Fault::NoResources)?;
    let resource_fee = u32::try_from(resources.resource_fee()).unwrap_or(u32::MAX);
    if transaction.fee > resource_fee {
        Ok(())
    } else {
        Err(Fault::FeeBelowResources)
    }
}
