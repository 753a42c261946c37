//! Every way in which a payment breaks a rule: its code on the wire, and its sentence.

use core::fmt;

use coinslot_soroban_authorization::{NotATransfer, NotATransferKind, SignatureError};
use coinslot_stellar_address::{Address, ContractId};
use coinslot_x402_wire::ReasonCode;

use super::Refusal;
use crate::{payload::ParsePayloadError, terms::TermsError};

/// A broken rule, in the order in which the rules are checked.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    // 1. Protocol validation
    Version,
    Scheme,
    NetworkMismatch,
    Network,
    OtherTerms,
    Terms(TermsError),
    // 2. Transaction structure
    Payload(ParsePayloadError),
    NotATransfer(NotATransfer),
    UnsafeTransactionSource,
    UnsafeOperationSource,
    AssetNotAllowed(ContractId),
    WrongAsset,
    FacilitatorIsPayer,
    PayerIsMuxed,
    WrongRecipient,
    WrongAmount,
    // 3. Authorization entries
    NoAuthEntries,
    UnsupportedCredential,
    FacilitatorInAuth,
    SubInvocations,
    SeveralAuthEntries {
        found: usize,
    },
    EntryOfAnother,
    EntryForAnotherCall,
    Unsigned,
    Signature(SignatureError),
    // Once the facts are known
    Expired {
        expiration: u32,
        latest: u32,
    },
    Simulation {
        message: String,
    },
    RestoreNeeded,
    DeclaredFee {
        declared: u32,
        maximum: u64,
    },
    Fee {
        needed: u64,
        maximum: u64,
    },
    EventNotTransfer,
    EventWithoutContract,
    EventOfAnotherContract,
    NoTransferEvent,
    SeveralTransfers,
    EventWrongFrom,
    EventWrongTo,
    EventWrongAmount,
    ExpiresTooLate {
        expiration: u32,
        latest_allowed: u32,
    },
    // Settlement
    NotASponsor,
}

impl Fault {
    /// The refusal of a payment by this payer.
    pub(crate) fn by(self, payer: Address) -> Refusal {
        Refusal::from(self).with_payer(payer)
    }

    fn reason(&self) -> ReasonCode {
        match self {
            Self::Version => ReasonCode::InvalidX402Version,
            Self::Scheme => ReasonCode::UnsupportedScheme,
            Self::NetworkMismatch => ReasonCode::NetworkMismatch,
            Self::Network => ReasonCode::InvalidNetwork,
            Self::OtherTerms | Self::Terms(_) => ReasonCode::InvalidPaymentRequirements,
            Self::Payload(_) | Self::PayerIsMuxed | Self::SeveralAuthEntries { .. } => {
                ReasonCode::StellarMalformed
            }
            Self::NotATransfer(what) => match what.kind() {
                NotATransferKind::OperationCount { .. }
                | NotATransferKind::NotAnInvocation
                | NotATransferKind::NotAContractCall => ReasonCode::StellarWrongOperation,
                NotATransferKind::NotAContract => ReasonCode::StellarWrongAsset,
                NotATransferKind::WrongFunction | NotATransferKind::ArgumentCount { .. } => {
                    ReasonCode::StellarWrongFunctionName
                }
                NotATransferKind::ToNotAnAddress => ReasonCode::StellarWrongRecipient,
                NotATransferKind::AmountNotAnI128 => ReasonCode::StellarWrongAmount,
                _ => ReasonCode::StellarMalformed,
            },
            Self::UnsafeTransactionSource | Self::UnsafeOperationSource => {
                ReasonCode::StellarUnsafeSource
            }
            Self::AssetNotAllowed(_) | Self::WrongAsset => ReasonCode::StellarWrongAsset,
            Self::FacilitatorIsPayer => ReasonCode::StellarFacilitatorIsPayer,
            Self::WrongRecipient => ReasonCode::StellarWrongRecipient,
            Self::WrongAmount => ReasonCode::StellarWrongAmount,
            Self::NoAuthEntries => ReasonCode::StellarNoAuthEntries,
            Self::UnsupportedCredential => ReasonCode::StellarUnsupportedCredentialType,
            Self::FacilitatorInAuth => ReasonCode::StellarFacilitatorInAuth,
            Self::SubInvocations => ReasonCode::StellarHasSubinvocations,
            Self::EntryOfAnother
            | Self::EntryForAnotherCall
            | Self::Unsigned
            | Self::Signature(_) => ReasonCode::StellarMissingPayerSignature,
            Self::Expired { .. } => ReasonCode::AuthorizationExpired,
            Self::Simulation { .. } | Self::RestoreNeeded => ReasonCode::StellarSimulationFailed,
            Self::DeclaredFee { .. } | Self::Fee { .. } => ReasonCode::StellarFeeExceedsMaximum,
            Self::EventNotTransfer => ReasonCode::StellarEventNotTransfer,
            Self::EventWithoutContract => ReasonCode::StellarEventMissingContractId,
            Self::EventOfAnotherContract => ReasonCode::StellarEventWrongAsset,
            Self::NoTransferEvent => ReasonCode::StellarNoTransferEvents,
            Self::SeveralTransfers => ReasonCode::StellarMultipleTransfers,
            Self::EventWrongFrom => ReasonCode::StellarEventWrongFrom,
            Self::EventWrongTo => ReasonCode::StellarEventWrongTo,
            Self::EventWrongAmount => ReasonCode::StellarEventWrongAmount,
            Self::ExpiresTooLate { .. } => ReasonCode::StellarExpirationTooFar,
            Self::NotASponsor => ReasonCode::StellarSignerSelectionFailed,
        }
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::new(fault.reason(), fault)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version => f.write_str("x402Version is not 2"),
            Self::Scheme => f.write_str("the scheme is not exact"),
            Self::NetworkMismatch => {
                f.write_str("the payload's network is not that of the requirements")
            }
            Self::Network => f.write_str("this facilitator does not settle on this network"),
            Self::OtherTerms => {
                f.write_str("what the payload accepts is not what the requirements ask for")
            }
            Self::Terms(error) => write!(f, "the requirements cannot be met: {error}"),
            Self::Payload(error) => fmt::Display::fmt(error, f),
            Self::NotATransfer(error) => match error.kind() {
                NotATransferKind::Malformed(cause) => write!(f, "{error}: {cause}"),
                _ => fmt::Display::fmt(error, f),
            },
            Self::UnsafeTransactionSource => {
                f.write_str("the source of the transaction is an account of the facilitator")
            }
            Self::UnsafeOperationSource => {
                f.write_str("the source of the operation is an account of the facilitator")
            }
            Self::AssetNotAllowed(asset) => {
                write!(
                    f,
                    "this facilitator does not settle payments in the asset {asset}"
                )
            }
            Self::WrongAsset => f.write_str("the contract called is not the required asset"),
            Self::FacilitatorIsPayer => {
                f.write_str("the transfer is from an account of the facilitator")
            }
            Self::PayerIsMuxed => f.write_str(
                "the transfer is from a muxed address (M…), which cannot authorize it; pay from \
                 its account (G…)",
            ),
            Self::WrongRecipient => f.write_str("the transfer is not to the required payTo"),
            Self::WrongAmount => f.write_str("the transfer is not of the required amount"),
            Self::NoAuthEntries => f.write_str("there is no authorization entry"),
            Self::UnsupportedCredential => {
                f.write_str("an authorization entry has other credentials than those of an address")
            }
            Self::FacilitatorInAuth => {
                f.write_str("an authorization entry is by an account of the facilitator")
            }
            Self::SubInvocations => {
                f.write_str("an authorization entry allows more than the transfer")
            }
            Self::SeveralAuthEntries { found } => {
                write!(
                    f,
                    "there are {found} authorization entries, exactly one belongs here"
                )
            }
            Self::EntryOfAnother => f.write_str("the authorization entry is not by the payer"),
            Self::EntryForAnotherCall => {
                f.write_str("what the payer authorizes is not the transfer of this transaction")
            }
            Self::Unsigned => f.write_str("the payer has not signed"),
            Self::Signature(error) => write!(f, "the payer's signature is not valid: {error}"),
            Self::Expired { expiration, latest } => write!(
                f,
                "the authorization is valid until ledger {expiration}, and ledger {latest} has \
                 closed; sign a new one"
            ),
            Self::Simulation { message } => write!(f, "the transfer would fail: {message}"),
            Self::RestoreNeeded => {
                f.write_str("the transfer needs a ledger entry that is archived; restore it first")
            }
            Self::DeclaredFee { declared, maximum } => write!(
                f,
                "the transaction declares a fee of {declared} stroops, this facilitator pays at \
                 most {maximum}"
            ),
            Self::Fee { needed, maximum } => write!(
                f,
                "the transfer costs {needed} stroops in network fees, this facilitator pays at \
                 most {maximum}"
            ),
            Self::EventNotTransfer => {
                f.write_str("the simulation tells of something other than a transfer")
            }
            Self::EventWithoutContract => {
                f.write_str("the simulation tells of a transfer by no contract")
            }
            Self::EventOfAnotherContract => {
                f.write_str("the simulation tells of a transfer of another token")
            }
            Self::NoTransferEvent => f.write_str("the simulation tells of no transfer"),
            Self::SeveralTransfers => f.write_str("the simulation tells of more than one transfer"),
            Self::EventWrongFrom => {
                f.write_str("the simulation tells of a transfer from somebody else")
            }
            Self::EventWrongTo => {
                f.write_str("the simulation tells of a transfer to somebody else")
            }
            Self::EventWrongAmount => {
                f.write_str("the simulation tells of a transfer of another amount")
            }
            Self::ExpiresTooLate {
                expiration,
                latest_allowed,
            } => write!(
                f,
                "the authorization is valid until ledger {expiration}, ledger {latest_allowed} is \
                 the last that maxTimeoutSeconds allows"
            ),
            Self::NotASponsor => f.write_str(
                "the account chosen to settle is not one of this facilitator's sponsors",
            ),
        }
    }
}
