//! Section 3, "Authorization Entries".

use coinslot_caip2_network::NetworkId;
use coinslot_soroban_authorization::{AuthEntry, Credential, SignatureError, Transfer};
use coinslot_stellar_address::Address;

use super::{Facts, Fault};
use crate::expiration::ledgers_within;

/// "Auth entries MUST use credential type `sorobanCredentialsAddress` only."
pub(super) fn must_use_address_credentials_only(entry: &AuthEntry) -> Result<Address, Fault> {
    match entry.credential() {
        Credential::Address { address, .. } => Ok(address),
        Credential::SourceAccount | Credential::Unsupported => Err(Fault::UnsupportedCredential),
    }
}

/// "The `rootInvocation` MUST NOT contain `subInvocations` that authorize additional operations
/// beyond the transfer": none at all.
pub(super) fn root_must_not_contain_sub_invocations(entry: &AuthEntry) -> Result<(), Fault> {
    if entry.has_sub_invocations() {
        Err(Fault::SubInvocations)
    } else {
        Ok(())
    }
}

/// "The transaction MUST contain signed authorization entries for the `from` address." A transfer
/// needs one signer, so there is one entry: no other, and no second one.
pub(super) fn must_contain_exactly_one_entry(entries: &[AuthEntry]) -> Result<&AuthEntry, Fault> {
    match entries {
        [entry] => Ok(entry),
        [] => Err(Fault::NoAuthEntries),
        several => Err(Fault::SeveralAuthEntries {
            found: several.len(),
        }),
    }
}

/// The entry authorizes the very transfer of the transaction, and by its payer.
pub(super) fn entry_must_be_for_this_transfer_by_from(
    entry: &AuthEntry,
    transfer: &Transfer,
) -> Result<(), Fault> {
    if must_use_address_credentials_only(entry)? != transfer.from {
        return Err(Fault::EntryOfAnother);
    }
    if entry.transfer() != Some(*transfer) {
        return Err(Fault::EntryForAnotherCall);
    }
    Ok(())
}

/// "The facilitator MUST verify that all required signers have signed their auth entries."
///
/// An account's signature is verified here. That of a contract is judged by the simulation, which
/// enforces it, and so is one by other keys of an account than its own.
pub(super) fn all_required_signers_must_have_signed(
    entry: &AuthEntry,
    network: &NetworkId,
) -> Result<(), Fault> {
    if matches!(
        entry.credential(),
        Credential::Address { signed: false, .. }
    ) {
        return Err(Fault::Unsigned);
    }
    match entry.verify_account_signature(network) {
        Ok(()) | Err(SignatureError::NotAnAccount | SignatureError::OtherSigners) => Ok(()),
        Err(error) => Err(Fault::Signature(error)),
    }
}

/// An authorization whose last ledger has closed cannot be settled any more.
pub(super) fn expiration_must_not_be_past(
    expiration_ledger: u32,
    facts: &Facts,
) -> Result<(), Fault> {
    if expiration_ledger > facts.latest_ledger {
        Ok(())
    } else {
        Err(Fault::Expired {
            expiration: expiration_ledger,
            latest: facts.latest_ledger,
        })
    }
}

/// "The auth entry expiration ledger MUST NOT exceed `currentLedger + ceil(maxTimeoutSeconds /
/// estimatedLedgerSeconds)`", give or take a few ledgers.
pub(super) fn expiration_must_not_exceed_the_timeout(
    expiration_ledger: u32,
    max_timeout_seconds: u64,
    tolerance_ledgers: u32,
    facts: &Facts,
) -> Result<(), Fault> {
    let ledgers = ledgers_within(max_timeout_seconds, facts.close_time_seconds);
    let latest_allowed = facts
        .latest_ledger
        .saturating_add(ledgers)
        .saturating_add(tolerance_ledgers);
    if expiration_ledger <= latest_allowed {
        Ok(())
    } else {
        Err(Fault::ExpiresTooLate {
            expiration: expiration_ledger,
            latest_allowed,
        })
    }
}
