//! "Sponsored Flow Checks": what is added when the server pays the network's fees.

use coinslot_soroban_authorization::{AuthEntry, Credential, InvocationEnvelope};
use coinslot_stellar_address::{AccountId, Address};

use super::{Facts, Fault, Rules};
use crate::expiration::ledger_expiration;

/// Step 6: "The transaction source account is the all-zeros account."
pub(super) fn transaction_source_must_be_all_zeros(
    invocation: &InvocationEnvelope,
) -> Result<(), Fault> {
    if invocation.source() == Address::Account(AccountId::ALL_ZEROS) {
        Ok(())
    } else {
        Err(Fault::SourceNotAllZeros)
    }
}

/// Step 7: "Authorization entries MUST use credential type `sorobanCredentialsAddress` only." Gives the nonce and the
/// last ledger.
pub(super) fn entry_must_use_address_credentials_only(
    entry: &AuthEntry,
) -> Result<(i64, u32), Fault> {
    match entry.credential() {
        Credential::Address {
            nonce,
            expiration_ledger,
            ..
        } => Ok((nonce, expiration_ledger)),
        Credential::SourceAccount | Credential::Unsupported => Err(Fault::UnsupportedCredential),
    }
}

/// Step 8: "The authorization entry expiration MUST NOT exceed `currentLedger + ceil((expires - now) /
/// DEFAULT_LEDGER_CLOSE_TIME)`", give or take a few ledgers.
pub(super) fn entry_expiration_must_not_exceed_the_challenge(
    expiration_ledger: u32,
    expires: u64,
    rules: &Rules,
    facts: &Facts,
) -> Result<(), Fault> {
    let latest_allowed = ledger_expiration(facts.latest_ledger, expires, facts.now)
        .saturating_add(rules.expiration_tolerance_ledgers);
    if expiration_ledger <= latest_allowed {
        Ok(())
    } else {
        Err(Fault::ExpiresTooLate {
            ledger: expiration_ledger,
            latest_allowed,
        })
    }
}

/// What the settlement costs us, resources and inclusion together, is not above the ceiling. What the client declares
/// has no effect.
pub(super) fn fee_must_not_exceed_the_maximum(
    resource_fee: u64,
    inclusion_fee: u64,
    maximum: u64,
) -> Result<u64, Fault> {
    let needed = resource_fee.saturating_add(inclusion_fee);
    if needed <= maximum {
        Ok(needed)
    } else {
        Err(Fault::FeeTooHigh { needed, maximum })
    }
}
