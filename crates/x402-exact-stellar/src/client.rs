//! What a client does (scheme specification, "Protocol Flow", steps 3 to 6).
//!
//! The client reads the offer into a [`ClientPlan`], or refuses it. It then builds and signs the
//! one authorization entry that the plan asks for, has the signed transfer simulated, and sends it
//! as the payload. Nothing that a server or an RPC node says is signed.

use core::{error, fmt};

use coinslot_caip2_network::{NetworkId, StellarNetwork, UnknownNetworkError};
use coinslot_soroban_authorization::{
    AuthEntry, Envelope, SorobanResources, Transfer, TransferTransaction, UnsignedAuthEntry,
};
use coinslot_stellar_address::{AccountId, Address, ContractId};
use coinslot_usdc_amount::BaseUnits;
use coinslot_x402_wire::PaymentRequirements;
use serde_json::{Map, Value};

use crate::{
    SCHEME,
    expiration::ledgers_within,
    payload::ExactPayload,
    terms::{Terms, TermsError},
};

/// The longest `maxTimeoutSeconds` that a client accepts: one hour. A payer whose payment is
/// withheld must wait until the authorization has expired before the money is free again.
pub const MAX_TIMEOUT_SECONDS: u64 = 3_600;

/// An offer that was read and can be paid.
#[derive(Clone, Debug)]
pub struct ClientPlan {
    network: StellarNetwork,
    payer: AccountId,
    terms: Terms,
}

/// Reads an offer on one of the two public networks.
///
/// # Errors
///
/// When it is not an offer that this scheme can pay; see [`PlanError`].
pub fn plan(requirements: &PaymentRequirements, payer: AccountId) -> Result<ClientPlan, PlanError> {
    scheme_is_exact(requirements)?;
    let network =
        StellarNetwork::try_from(requirements.network.as_ref()).map_err(PlanError::Network)?;
    plan_on(&network, requirements, payer)
}

/// Reads an offer on a network that the client has chosen, public or its own.
///
/// # Errors
///
/// When it is not an offer that this scheme can pay on this network; see [`PlanError`].
pub fn plan_on(
    network: &StellarNetwork,
    requirements: &PaymentRequirements,
    payer: AccountId,
) -> Result<ClientPlan, PlanError> {
    scheme_is_exact(requirements)?;
    if requirements.network != network.chain_id() {
        return Err(PlanError::OtherNetwork);
    }
    let terms = Terms::read(requirements).map_err(PlanError::Terms)?;
    if terms.fees_sponsored != Some(true) {
        return Err(PlanError::Terms(TermsError::FeesNotSponsored));
    }
    if terms.max_timeout_seconds > MAX_TIMEOUT_SECONDS {
        return Err(PlanError::TooMuchTime);
    }
    Ok(ClientPlan {
        network: network.clone(),
        payer,
        terms,
    })
}

fn scheme_is_exact(requirements: &PaymentRequirements) -> Result<(), PlanError> {
    if requirements.scheme == SCHEME {
        Ok(())
    } else {
        Err(PlanError::Scheme)
    }
}

impl ClientPlan {
    /// The network on which to pay.
    #[must_use]
    pub const fn network(&self) -> &StellarNetwork {
        &self.network
    }

    /// The id of that network, which the signature covers.
    #[must_use]
    pub const fn network_id(&self) -> NetworkId {
        self.network.network_id()
    }

    /// Who pays.
    #[must_use]
    pub const fn payer(&self) -> AccountId {
        self.payer
    }

    /// The token's contract.
    #[must_use]
    pub const fn token(&self) -> ContractId {
        self.terms.token
    }

    /// Who is paid.
    #[must_use]
    pub const fn to(&self) -> Address {
        self.terms.to
    }

    /// How much, in base units of the token.
    #[must_use]
    pub const fn amount(&self) -> BaseUnits {
        self.terms.amount
    }

    /// How long the payment may take, in seconds.
    #[must_use]
    pub const fn max_timeout_seconds(&self) -> u64 {
        self.terms.max_timeout_seconds
    }

    /// The transfer to be authorized.
    #[must_use]
    pub fn transfer(&self) -> Transfer {
        self.terms.transfer_from(self.payer)
    }

    /// The last ledger of the authorization: `latest + ceil(maxTimeoutSeconds / close time)`.
    ///
    /// A close time of zero seconds means that nobody knows it; five are assumed.
    #[must_use]
    pub fn expiration_ledger(&self, latest_ledger: u32, close_time_seconds: u32) -> u32 {
        let ledgers = ledgers_within(self.terms.max_timeout_seconds, close_time_seconds);
        latest_ledger.saturating_add(ledgers)
    }

    /// The entry to be signed. `nonce` is random, and used once.
    #[must_use]
    pub fn authorization(&self, nonce: i64, expiration_ledger: u32) -> UnsignedAuthEntry {
        UnsignedAuthEntry::for_transfer(&self.transfer(), nonce, expiration_ledger)
    }

    /// The transaction to be simulated, so that the network itself checks the signed entry and
    /// tells what the transfer needs.
    #[must_use]
    pub fn probe(&self, entry: &AuthEntry) -> Envelope {
        self.transaction(entry.clone(), None, INCLUSION_FEE_STROOPS)
    }

    /// The payload: the transaction with what the simulation of the [probe](Self::probe) found.
    ///
    /// Its fee is only declared. Nobody signs this transaction; the facilitator builds its own.
    #[must_use]
    pub fn payload(
        &self,
        entry: AuthEntry,
        resources: SorobanResources,
        min_resource_fee: i64,
    ) -> Map<String, Value> {
        let resource_fee = u32::try_from(min_resource_fee.max(0)).unwrap_or(u32::MAX);
        let fee = resource_fee.saturating_add(INCLUSION_FEE_STROOPS);
        let resources = resources.with_resource_fee(i64::from(resource_fee));
        let transaction = self.transaction(entry, Some(resources), fee).to_base64();
        ExactPayload { transaction }.into_map()
    }

    fn transaction(
        &self,
        entry: AuthEntry,
        resources: Option<SorobanResources>,
        fee: u32,
    ) -> Envelope {
        TransferTransaction {
            source: AccountId::ALL_ZEROS,
            sequence: 1,
            fee,
            // Nobody submits it, but the official facilitator reads no transaction without time bounds.
            max_time: Some(NO_END),
            transfer: self.transfer(),
            auth: vec![entry],
            resources,
        }
        .to_envelope()
    }
}

/// Why an offer is not paid.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlanError {
    /// The scheme is not `exact`.
    Scheme,
    /// The network is not a Stellar network that is known.
    Network(UnknownNetworkError),
    /// The network is not the chosen one.
    OtherNetwork,
    /// The terms are not ones that this scheme can meet.
    Terms(TermsError),
    /// `maxTimeoutSeconds` is above [`MAX_TIMEOUT_SECONDS`].
    TooMuchTime,
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scheme => f.write_str("the offer's scheme is not exact"),
            Self::Network(error) => write!(f, "the offer's network cannot be used: {error}"),
            Self::OtherNetwork => f.write_str("the offer is for another network"),
            Self::Terms(error) => write!(f, "the offer cannot be paid: {error}"),
            Self::TooMuchTime => write!(
                f,
                "the offer's maxTimeoutSeconds is above {MAX_TIMEOUT_SECONDS}, so long no payment \
                 is left open"
            ),
        }
    }
}

impl error::Error for PlanError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Network(source) => Some(source),
            Self::Terms(source) => Some(source),
            Self::Scheme | Self::OtherNetwork | Self::TooMuchTime => None,
        }
    }
}

/// What the client declares to bid for inclusion: the network's minimum.
const INCLUSION_FEE_STROOPS: u32 = 100;

/// A time bound of zero: none.
const NO_END: u64 = 0;
