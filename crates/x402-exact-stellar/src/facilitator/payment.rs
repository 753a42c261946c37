//! A payment on its way: checked, then verified.
//!
//! Each step consumes the one before it, so that what was not verified cannot be settled.

use coinslot_caip2_network::NetworkId;
use coinslot_soroban_authorization::{
    AuthEntry, Credential, Envelope, Transfer, TransferTransaction,
};
use coinslot_stellar_address::{AccountId, Address};
use coinslot_x402_wire::{PaymentPayload, PaymentRequirements};

use super::{
    Facts, Fault, Refusal, Rules, authorization_entries as entries, facilitator_safety as safety,
    protocol_validation as protocol, simulation, transaction_structure as structure,
};
use crate::terms::Terms;

/// A payment in which nothing is wrong as far as can be told without the network.
///
/// It cannot be settled (a [`VerifiedPayment`] can, by the same call):
///
/// ```compile_fail,E0599
/// # use coinslot_x402_exact_stellar::CheckedPayment;
/// # use coinslot_soroban_authorization::SorobanResources;
/// # use coinslot_stellar_address::{AccountId};
/// fn settle(payment: &CheckedPayment, sponsor: AccountId, resources: SorobanResources) {
///     let plan = payment.settlement(sponsor, 1, resources, 100, 9);
/// }
/// ```
///
/// And it comes from [`check`](Self::check) only:
///
/// ```compile_fail,E0451
/// # use coinslot_x402_exact_stellar::CheckedPayment;
/// fn relabel(payment: CheckedPayment) -> CheckedPayment {
///     CheckedPayment { nonce: 1, ..payment }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct CheckedPayment {
    network_id: NetworkId,
    transfer: Transfer,
    entry: AuthEntry,
    nonce: i64,
    expiration_ledger: u32,
    max_timeout_seconds: u64,
    declared_fee: u32,
    rules: Rules,
}

/// A payment that can be settled: checked, and confirmed by the network.
///
/// ```
/// # use coinslot_x402_exact_stellar::VerifiedPayment;
/// # use coinslot_soroban_authorization::SorobanResources;
/// # use coinslot_stellar_address::{AccountId};
/// fn settle(payment: &VerifiedPayment, sponsor: AccountId, resources: SorobanResources) {
///     let plan = payment.settlement(sponsor, 1, resources, 100, 9);
/// }
/// ```
///
/// It comes from [`CheckedPayment::verify`] only, which consumes what it verifies:
///
/// ```compile_fail,E0382
/// # use coinslot_x402_exact_stellar::{CheckedPayment, Facts};
/// fn verify_twice(payment: CheckedPayment, facts: &Facts) {
///     let first = payment.verify(facts);
///     let second = payment.verify(facts);
/// }
/// ```
#[derive(Clone, Debug)]
pub struct VerifiedPayment {
    checked: CheckedPayment,
}

impl CheckedPayment {
    /// Checks everything that needs no facts of the network.
    ///
    /// # Errors
    ///
    /// The first rule that the payment breaks.
    pub fn check(
        payload: &PaymentPayload,
        requirements: &PaymentRequirements,
        rules: &Rules,
    ) -> Result<Self, Refusal> {
        protocol::x402_version_must_be_2(payload)?;
        protocol::both_schemes_must_be_exact(payload, requirements)?;
        protocol::network_must_match(payload, requirements)?;
        protocol::network_must_be_ours(requirements, rules)?;
        protocol::accepted_must_be_the_requirements(payload, requirements)?;
        let terms = protocol::requirements_must_be_of_this_scheme(requirements)?;

        let invocation = structure::must_contain_exactly_one_invoke_host_function(payload)?;
        safety::operation_source_must_not_be_the_facilitator(&invocation, rules)?;
        safety::transaction_source_must_not_be_the_facilitator(&invocation, rules)?;
        structure::contract_must_match_the_asset(&invocation, &terms)?;
        structure::asset_must_be_allowed(&terms, rules)?;
        let transfer = structure::function_must_be_transfer_with_three_arguments(&invocation)?;
        safety::facilitator_must_not_be_from(&transfer, rules)?;
        check_transfer(&transfer, invocation.auth(), &terms, rules)
            .map(|entry| Self {
                network_id: rules.network.network_id(),
                transfer,
                nonce: entry.nonce,
                expiration_ledger: entry.expiration_ledger,
                entry: entry.entry,
                max_timeout_seconds: terms.max_timeout_seconds,
                declared_fee: invocation.fee(),
                rules: rules.clone(),
            })
            .map_err(|fault| fault.by(transfer.from))
    }

    /// Confirms the payment with what the network said about it.
    ///
    /// # Errors
    ///
    /// The first rule that the payment breaks.
    pub fn verify(self, facts: &Facts) -> Result<VerifiedPayment, Refusal> {
        match self.check_facts(facts) {
            Ok(()) => Ok(VerifiedPayment { checked: self }),
            Err(fault) => Err(fault.by(self.transfer.from)),
        }
    }

    fn check_facts(&self, facts: &Facts) -> Result<(), Fault> {
        let maximum = self.rules.max_fee_stroops;
        entries::expiration_must_not_be_past(self.expiration_ledger, facts)?;
        let (events, resource_fee) = simulation::simulation_must_succeed(&facts.simulation)?;
        simulation::declared_fee_must_not_exceed_the_maximum(self.declared_fee, maximum)?;
        let inclusion_fee = facts.inclusion_fee_stroops;
        simulation::fee_must_not_exceed_the_maximum(resource_fee, inclusion_fee, maximum)?;
        let event =
            safety::simulation_must_emit_one_transfer_and_nothing_else(events, &self.transfer)?;
        simulation::event_must_confirm_the_transfer(&event, &self.transfer)?;
        entries::expiration_must_not_exceed_the_timeout(
            self.expiration_ledger,
            self.max_timeout_seconds,
            self.rules.expiration_tolerance_ledgers,
            facts,
        )
    }

    /// The transaction to be simulated: the one transfer with its one entry, and nothing else of
    /// what the client sent. Its signed entry makes the simulation enforce the signature.
    #[must_use]
    pub fn simulation_envelope(&self) -> Envelope {
        TransferTransaction {
            source: AccountId::ALL_ZEROS,
            sequence: 1,
            fee: SIMULATED_FEE_STROOPS,
            max_time: None,
            transfer: self.transfer,
            auth: vec![self.entry.clone()],
            resources: None,
        }
        .to_envelope()
    }

    /// Who pays: an account or a contract, never muxed.
    #[must_use]
    pub const fn payer(&self) -> &Address {
        &self.transfer.from
    }

    /// The nonce of the authorization. With network and payer it is the payment's identity: the
    /// network uses it once.
    #[must_use]
    pub const fn nonce(&self) -> i64 {
        self.nonce
    }

    /// The network that the authorization is for.
    #[must_use]
    pub const fn network_id(&self) -> NetworkId {
        self.network_id
    }

    /// The last ledger in which the authorization is valid.
    #[must_use]
    pub const fn expiration_ledger(&self) -> u32 {
        self.expiration_ledger
    }

    /// The transfer.
    #[must_use]
    pub const fn transfer(&self) -> &Transfer {
        &self.transfer
    }

    /// The payer's signed authorization entry, as received.
    #[must_use]
    pub const fn entry(&self) -> &AuthEntry {
        &self.entry
    }

    pub(super) const fn rules(&self) -> &Rules {
        &self.rules
    }
}

impl VerifiedPayment {
    /// What was checked and verified.
    #[must_use]
    pub const fn checked(&self) -> &CheckedPayment {
        &self.checked
    }
}

/// An entry with what its credential says.
struct Entry {
    entry: AuthEntry,
    nonce: i64,
    expiration_ledger: u32,
}

/// The rules from which on a refusal names the payer.
fn check_transfer(
    transfer: &Transfer,
    auth: &[AuthEntry],
    terms: &Terms,
    rules: &Rules,
) -> Result<Entry, Fault> {
    structure::to_must_equal_pay_to(transfer, terms)?;
    structure::amount_must_equal_the_required(transfer, terms)?;
    safety::from_must_not_be_muxed(transfer)?;
    for entry in auth {
        let address = entries::must_use_address_credentials_only(entry)?;
        safety::facilitator_must_not_appear_in_authorization(&address, rules)?;
        entries::root_must_not_contain_sub_invocations(entry)?;
    }
    let entry = entries::must_contain_exactly_one_entry(auth)?;
    entries::entry_must_be_for_this_transfer_by_from(entry, transfer)?;
    entries::all_required_signers_must_have_signed(entry, &rules.network.network_id())?;
    match entry.credential() {
        Credential::Address {
            nonce,
            expiration_ledger,
            ..
        } => Ok(Entry {
            entry: entry.clone(),
            nonce,
            expiration_ledger,
        }),
        Credential::SourceAccount | Credential::Unsupported => Err(Fault::UnsupportedCredential),
    }
}

/// The fee of a transaction that is only simulated.
const SIMULATED_FEE_STROOPS: u32 = 100;
