//! A sponsored charge: checked, then verified.

use coinslot_caip2_network::NetworkId;
use coinslot_soroban_authorization::{
    AuthEntry, ContractEvent, Envelope, Transfer, TransferTransaction,
};
use coinslot_stellar_address::{AccountId, Address};

use super::credential::Source;
use super::{
    Facts, Fault, Identity, Refusal, Rules, pull_mode_verification as pull,
    sponsored_flow_checks as sponsored,
};
use crate::terms::ChargeTerms;

/// A sponsored charge in which nothing is wrong as far as can be told without the network.
///
/// It cannot be settled (a [`VerifiedSponsored`] can, by the same call):
///
/// ```compile_fail,E0599
/// # use coinslot_mpp_charge_stellar::CheckedSponsored;
/// # use coinslot_soroban_authorization::SorobanResources;
/// # use coinslot_stellar_address::{AccountId};
/// fn settle(charge: &CheckedSponsored, sponsor: AccountId, resources: SorobanResources) {
///     let plan = charge.settlement(sponsor, 1, resources, 100, 9);
/// }
/// ```
///
/// And it comes from [`CheckedCharge::check`](crate::CheckedCharge::check) only:
///
/// ```compile_fail,E0451
/// # use coinslot_mpp_charge_stellar::CheckedSponsored;
/// fn relabel(charge: CheckedSponsored) -> CheckedSponsored {
///     CheckedSponsored { nonce: 1, ..charge }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct CheckedSponsored {
    network_id: NetworkId,
    transfer: Transfer,
    entry: AuthEntry,
    nonce: i64,
    expiration_ledger: u32,
    expires: u64,
    rules: Rules,
}

/// A sponsored charge that can be settled: checked, and confirmed by the network.
///
/// ```
/// # use coinslot_mpp_charge_stellar::VerifiedSponsored;
/// # use coinslot_soroban_authorization::SorobanResources;
/// # use coinslot_stellar_address::{AccountId};
/// fn settle(charge: &VerifiedSponsored, sponsor: AccountId, resources: SorobanResources) {
///     let plan = charge.settlement(sponsor, 1, resources, 100, 9);
/// }
/// ```
///
/// It comes from [`CheckedSponsored::verify`] only, which consumes what it verifies:
///
/// ```compile_fail,E0382
/// # use coinslot_mpp_charge_stellar::{CheckedSponsored, Facts};
/// fn verify_twice(charge: CheckedSponsored, facts: &Facts) {
///     let first = charge.verify(facts);
///     let second = charge.verify(facts);
/// }
/// ```
#[derive(Clone, Debug)]
pub struct VerifiedSponsored {
    checked: CheckedSponsored,
}

impl CheckedSponsored {
    pub(super) fn check(
        transaction: &str,
        source: Source,
        expires: u64,
        terms: &ChargeTerms,
        rules: &Rules,
    ) -> Result<Self, Refusal> {
        let envelope = pull::transaction_must_be_an_envelope(transaction)?;
        let invocation = pull::must_contain_exactly_one_invoke_host_function(&envelope)?;
        let transfer = pull::must_be_the_transfer_of_the_request(&invocation, terms)?;
        let network_id = terms.network_id();
        let check = || {
            pull::from_must_not_be_muxed(&transfer)?;
            pull::server_address_must_not_appear(&invocation, &transfer, rules)?;
            source.must_be_from(&transfer.from)?;
            sponsored::transaction_source_must_be_all_zeros(&invocation)?;
            let auth = invocation.auth();
            let entry = pull::must_contain_exactly_one_entry_for_the_transfer(auth, &transfer)?;
            let (nonce, expiration_ledger) =
                sponsored::entry_must_use_address_credentials_only(entry)?;
            pull::entry_must_be_signed_by_from(entry, &transfer, &network_id)?;
            Ok(Self {
                network_id,
                transfer,
                entry: entry.clone(),
                nonce,
                expiration_ledger,
                expires,
                rules: rules.clone(),
            })
        };
        check().map_err(|fault: Fault| fault.by(transfer.from))
    }

    /// Confirms the charge with what the network said about it.
    ///
    /// # Errors
    ///
    /// The first rule that the payment breaks.
    pub fn verify(self, facts: &Facts) -> Result<VerifiedSponsored, Refusal> {
        match self.check_facts(facts) {
            Ok(()) => Ok(VerifiedSponsored { checked: self }),
            Err(fault) => Err(fault.by(self.transfer.from)),
        }
    }

    fn check_facts(&self, facts: &Facts) -> Result<(), Fault> {
        pull::entry_must_not_have_expired(self.expiration_ledger, facts)?;
        sponsored::entry_expiration_must_not_exceed_the_challenge(
            self.expiration_ledger,
            self.expires,
            &self.rules,
            facts,
        )?;
        let resource_fee = pull::simulation_must_succeed_with_only_the_expected_balance_changes(
            &facts.simulation,
            &self.transfer,
        )?;
        sponsored::fee_must_not_exceed_the_maximum(
            resource_fee,
            facts.inclusion_fee_stroops,
            self.rules.max_fee_stroops,
        )?;
        Ok(())
    }

    /// The transaction to be simulated: the one transfer with its one entry, and nothing else of what the client sent.
    /// Its signed entry makes the simulation enforce the signature.
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

    /// What tells this payment from others.
    #[must_use]
    pub fn identity(&self) -> Identity {
        Identity {
            network_id: self.network_id,
            authorization: Some((self.transfer.from, self.nonce)),
            hashes: Vec::new(),
        }
    }

    /// Who pays: an account or a contract, never muxed.
    #[must_use]
    pub const fn payer(&self) -> &Address {
        &self.transfer.from
    }

    /// The nonce of the authorization, which the network uses once for this payer.
    #[must_use]
    pub const fn nonce(&self) -> i64 {
        self.nonce
    }

    /// The last ledger in which the authorization is valid.
    #[must_use]
    pub const fn expiration_ledger(&self) -> u32 {
        self.expiration_ledger
    }

    /// When the challenge expires, in seconds since 1970.
    #[must_use]
    pub const fn expires(&self) -> u64 {
        self.expires
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

impl VerifiedSponsored {
    /// What was checked and verified.
    #[must_use]
    pub const fn checked(&self) -> &CheckedSponsored {
        &self.checked
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

/// The fee of a transaction that is only simulated.
const SIMULATED_FEE_STROOPS: u32 = 100;
