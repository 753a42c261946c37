//! Why a challenge is not paid.

use core::{error, fmt};

use coinslot_caip2_network::UnknownNetworkError;
use coinslot_mpp_wire::stellar::CredentialType;
use coinslot_soroban_authorization::{SignEnvelopeError, SignError};
use coinslot_stellar_address::AccountId;

use super::{MAX_OPEN_SECONDS, PUSH_MARGIN_SECONDS};
use crate::terms::TermsError;

/// Why a challenge is not paid.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlanError {
    /// It is no charge on Stellar.
    NotACharge,
    /// It is for a network that is not known.
    Network(UnknownNetworkError),
    /// It asks for something that a charge on this network cannot do.
    Terms(TermsError),
    /// It has expired.
    Expired,
    /// It expires too soon for a payment that the client submits itself: within [`PUSH_MARGIN_SECONDS`].
    TooLittleTime,
    /// It is for a request with another body.
    OtherBody,
    /// The server does not take a payment in this form.
    FormNotTaken(CredentialType),
    /// The server pays the fees, so that it submits.
    SponsoredPush,
    /// The network's fee is above the payer's limit.
    FeeTooHigh {
        /// How many stroops it takes.
        needed: u64,
        /// How many the payer allows.
        maximum: u64,
    },
}

/// Why a payment was not signed.
#[derive(Debug)]
#[non_exhaustive]
pub enum SignChargeError {
    /// It is not to be paid.
    Plan(PlanError),
    /// The signer is for another account than the payer.
    OtherSigner {
        /// The payer.
        payer: AccountId,
        /// The account that the signer is for.
        found: AccountId,
    },
    /// The transaction was not signed.
    Transaction(SignEnvelopeError),
    /// The message that proves a pushed payment was not signed.
    Proof(SignError),
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotACharge => f.write_str("the challenge is no charge on Stellar"),
            Self::Network(error) => write!(f, "the challenge's network cannot be used: {error}"),
            Self::Terms(error) => write!(f, "the challenge cannot be paid: {error}"),
            Self::Expired => write!(
                f,
                "the challenge has expired, or its {MAX_OPEN_SECONDS} seconds are over; ask for a new one"
            ),
            Self::TooLittleTime => write!(
                f,
                "the challenge expires in less than {PUSH_MARGIN_SECONDS} seconds, too soon to push a payment and to \
                 present it"
            ),
            Self::OtherBody => f.write_str("the challenge is for a request with another body"),
            Self::FormNotTaken(form) => write!(
                f,
                "the server does not take payments in the form {:?}",
                form.as_str()
            ),
            Self::SponsoredPush => {
                f.write_str("the server pays the fees and submits, so that nothing is pushed")
            }
            Self::FeeTooHigh { needed, maximum } => write!(
                f,
                "the transfer costs {needed} stroops in network fees, at most {maximum} are allowed"
            ),
        }
    }
}

impl error::Error for PlanError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Network(source) => Some(source),
            Self::Terms(source) => Some(source),
            _ => None,
        }
    }
}

impl From<PlanError> for SignChargeError {
    fn from(error: PlanError) -> Self {
        Self::Plan(error)
    }
}

impl fmt::Display for SignChargeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plan(error) => fmt::Display::fmt(error, f),
            Self::OtherSigner { payer, found } => {
                write!(f, "the payer is {payer}, the signer is for {found}")
            }
            Self::Transaction(_) => f.write_str("the transaction was not signed"),
            Self::Proof(_) => f.write_str("the proof of the payment was not signed"),
        }
    }
}

impl error::Error for SignChargeError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Plan(source) => source.source(),
            Self::OtherSigner { .. } => None,
            Self::Transaction(source) => Some(source),
            Self::Proof(source) => Some(source),
        }
    }
}
