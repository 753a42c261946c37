//! An unsponsored charge: checked, then verified. It is settled by submitting what came.

use coinslot_caip2_network::NetworkId;
use coinslot_soroban_authorization::{
    ContractEvent, Envelope, TransactionHash, Transfer, TransferEnvelope,
};
use coinslot_stellar_address::Address;

use super::credential::Source;
use super::{
    Facts, Fault, Identity, Refusal, Rules, identity, pull_mode_verification as pull,
    unsponsored_flow_checks as unsponsored,
};
use crate::terms::ChargeTerms;

/// An unsponsored charge in which nothing is wrong as far as can be told without the network.
///
/// Its transaction is not to be submitted yet:
///
/// ```compile_fail,E0599
/// # use coinslot_mpp_charge_stellar::CheckedUnsponsored;
/// fn submit(charge: &CheckedUnsponsored) {
///     let envelope = charge.envelope();
/// }
/// ```
#[derive(Clone, Debug)]
pub struct CheckedUnsponsored {
    network_id: NetworkId,
    envelope: Envelope,
    transaction: Envelope,
    transfer: Transfer,
    identity: Identity,
    /// The last ledger of the payer's authorization, where it has one of its own.
    expiration_ledger: Option<u32>,
    max_time: u64,
}

/// An unsponsored charge whose transaction can be submitted: checked, and confirmed by the network.
///
/// ```
/// # use coinslot_mpp_charge_stellar::VerifiedUnsponsored;
/// fn submit(charge: &VerifiedUnsponsored) {
///     let envelope = charge.envelope();
/// }
/// ```
///
/// It comes from [`CheckedUnsponsored::verify`] only:
///
/// ```compile_fail,E0451
/// # use coinslot_mpp_charge_stellar::{CheckedUnsponsored, VerifiedUnsponsored};
/// fn trust(checked: CheckedUnsponsored) -> VerifiedUnsponsored {
///     VerifiedUnsponsored { checked }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct VerifiedUnsponsored {
    checked: CheckedUnsponsored,
}

impl CheckedUnsponsored {
    pub(super) fn check(
        transaction: &str,
        source: Source,
        expires: u64,
        now: u64,
        terms: &ChargeTerms,
        rules: &Rules,
    ) -> Result<Self, Refusal> {
        let envelope = pull::transaction_must_be_an_envelope(transaction)?;
        let transaction = envelope.inner().unwrap_or_else(|| envelope.clone());
        let invocation = pull::must_contain_exactly_one_invoke_host_function(&transaction)?;
        let transfer = pull::must_be_the_transfer_of_the_request(&invocation, terms)?;
        let network_id = terms.network_id();
        let check = || {
            pull::from_must_not_be_muxed(&transfer)?;
            pull::server_address_must_not_appear(&invocation, &transfer, rules)?;
            source.must_be_from(&transfer.from)?;
            let auth = invocation.auth();
            let entry = pull::must_contain_exactly_one_entry_for_the_transfer(auth, &transfer)?;
            let authorization = unsponsored::from_must_have_authorized(
                entry,
                &invocation.source(),
                &transfer,
                &network_id,
            )?;
            let identity = Identity {
                network_id,
                authorization: identity::authorization(entry),
                hashes: identity::hashes(&envelope, &network_id),
            };
            unsponsored::transaction_must_be_signed_by_its_source(
                &transaction,
                &invocation,
                &network_id,
            )?;
            unsponsored::fee_bump_must_be_signed_by_its_source(&envelope, &network_id, rules)?;
            let frame =
                TransferEnvelope::try_from(invocation.clone()).map_err(Fault::NotATransfer)?;
            unsponsored::operation_source_must_be_that_of_the_transaction(&frame)?;
            let max_time = unsponsored::max_time_must_not_exceed_expires(&frame, expires)?;
            unsponsored::current_time_must_be_within_time_bounds(&frame, now)?;
            unsponsored::must_have_no_precondition_but_time(&frame)?;
            unsponsored::resources_must_be_declared_and_paid(&frame)?;
            Ok((identity, authorization.map(|(_, ledger)| ledger), max_time))
        };
        let checked = check().map_err(|fault: Fault| fault.by(transfer.from))?;
        let (identity, expiration_ledger, max_time) = checked;
        Ok(Self {
            network_id,
            envelope,
            transaction,
            transfer,
            identity,
            expiration_ledger,
            max_time,
        })
    }

    /// Confirms the charge with what the network said about it.
    ///
    /// # Errors
    ///
    /// The first rule that the payment breaks.
    pub fn verify(self, facts: &Facts) -> Result<VerifiedUnsponsored, Refusal> {
        match self.check_facts(facts) {
            Ok(()) => Ok(VerifiedUnsponsored { checked: self }),
            Err(fault) => Err(fault.by(self.transfer.from)),
        }
    }

    fn check_facts(&self, facts: &Facts) -> Result<(), Fault> {
        if let Some(expiration_ledger) = self.expiration_ledger {
            pull::entry_must_not_have_expired(expiration_ledger, facts)?;
        }
        pull::simulation_must_succeed_with_only_the_expected_balance_changes(
            &facts.simulation,
            &self.transfer,
        )?;
        Ok(())
    }

    /// The transaction to be simulated: as received, without the fee bump around it.
    #[must_use]
    pub const fn simulation_envelope(&self) -> &Envelope {
        &self.transaction
    }

    /// What tells this payment from others.
    #[must_use]
    pub fn identity(&self) -> Identity {
        self.identity.clone()
    }

    /// Who pays: an account or a contract, never muxed.
    #[must_use]
    pub const fn payer(&self) -> &Address {
        &self.transfer.from
    }

    /// The transfer.
    #[must_use]
    pub const fn transfer(&self) -> &Transfer {
        &self.transfer
    }

    /// When the transaction can no longer land, in seconds since 1970.
    #[must_use]
    pub const fn max_time(&self) -> u64 {
        self.max_time
    }
}

impl VerifiedUnsponsored {
    /// What was checked and verified.
    #[must_use]
    pub const fn checked(&self) -> &CheckedUnsponsored {
        &self.checked
    }

    /// "The server MUST submit this transaction without modification."
    #[must_use]
    pub const fn envelope(&self) -> &Envelope {
        &self.checked.envelope
    }

    /// The hash by which the network knows what is submitted; of a fee bump, the outer one.
    #[must_use]
    pub fn hash(&self) -> TransactionHash {
        self.checked.envelope.hash(&self.checked.network_id)
    }

    /// Whether the settlement moved the money, and nothing else.
    ///
    /// # Errors
    ///
    /// When the events of the landed transaction tell of anything but the one transfer.
    pub fn confirm(&self, events: &[ContractEvent]) -> Result<(), Refusal> {
        let transfer = self.checked.transfer();
        pull::settlement_must_make_only_the_expected_balance_changes(events, transfer)
            .map_err(|fault| fault.by(transfer.from))
    }
}
