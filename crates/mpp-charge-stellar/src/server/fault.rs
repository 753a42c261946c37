//! Every way in which a payment breaks a rule: what it is called on the wire, and its sentence.

use core::fmt;

use coinslot_mpp_wire::stellar::CredentialType;
use coinslot_mpp_wire::{DidPkhError, JsonError, ProblemKind, Timestamp};
use coinslot_soroban_authorization::{
    NotATransfer, NotATransferKind, ParseAddressError, SignatureError,
};

use super::EventFault;

/// A broken rule.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    // The challenge
    /// The challenge is not of this route, or for no charge on Stellar.
    OtherChallenge,
    /// The challenge has expired.
    ChallengeExpired {
        /// When, in seconds since 1970.
        expires: u64,
    },
    /// The challenge is for a request with another body.
    OtherBody,
    // The credential
    /// The payload is none of a charge.
    Payload(JsonError),
    /// The route does not take payments in this form.
    FormNotTaken(CredentialType),
    /// `hash` is not accepted.
    UnsignedHash,
    /// `source` is no DID of an account.
    Source(DidPkhError),
    /// The account in `source` is none of Stellar.
    SourceAddress(ParseAddressError),
    /// `source` is on another network.
    SourceElsewhere,
    /// `source` is not who pays.
    SourceIsNotFrom,
    // The transaction
    /// The transaction is not one transfer.
    NotATransfer(NotATransfer),
    /// The contract called is not the currency.
    WrongCurrency,
    /// The transfer is not to the recipient.
    WrongRecipient,
    /// The transfer is not of the amount.
    WrongAmount,
    /// The payer is a muxed address.
    PayerIsMuxed,
    /// An account of the server is where none may be.
    OurAccount(Place),
    // Its authorization
    /// Not exactly one authorization entry.
    EntryCount {
        /// How many there are.
        found: usize,
    },
    /// An entry allows more than the transfer.
    SubInvocations,
    /// The entry is for something else than the transfer.
    EntryForAnotherCall,
    /// The entry is not by the payer.
    EntryOfAnother,
    /// The entry's credentials are of a kind that is not accepted here.
    UnsupportedCredential,
    /// The payer has not signed.
    Unsigned,
    /// The payer's signature is not valid.
    Signature(SignatureError),
    /// The last ledger of the authorization has closed.
    AuthorizationExpired {
        /// That ledger.
        ledger: u32,
    },
    // Sponsored
    /// The source of a sponsored transaction is a real account.
    SourceNotAllZeros,
    /// The authorization lasts longer than the challenge.
    ExpiresTooLate {
        /// Its last ledger.
        ledger: u32,
        /// The last ledger that is allowed.
        latest_allowed: u32,
    },
    /// Settling would cost us too much.
    FeeTooHigh {
        /// How many stroops it takes.
        needed: u64,
        /// How many there may be.
        maximum: u64,
    },
    /// The account that was chosen to settle is not one of the rules'.
    NotASponsor,
    // Unsponsored
    /// The transaction, or the fee bump around it, is not signed by its source account's own key.
    NotSignedBySource,
    /// The operation has another source than the transaction.
    OtherOperationSource,
    /// The transaction has no time bounds, or a `maxTime` of zero.
    NoEnd,
    /// `maxTime` is later than the challenge's `expires`.
    OutlivesTheChallenge {
        /// `maxTime`, in seconds since 1970.
        max_time: u64,
    },
    /// `maxTime` has passed.
    TransactionExpired {
        /// `maxTime`, in seconds since 1970.
        max_time: u64,
    },
    /// `minTime` is ahead.
    NotYetValid,
    /// There are preconditions other than the time.
    OtherPreconditions,
    /// The transaction declares no resources.
    NoResources,
    /// Its fee does not cover what it declares.
    FeeBelowResources,
    // Push
    /// The fees are sponsored, so that the server submits.
    SponsoredPush,
    /// The transaction is not on the network, or not yet.
    NotFound,
    /// The transaction failed.
    FailedOnChain,
    /// The network gave another transaction than was asked for.
    AnotherTransaction,
    /// The transaction landed before the challenge was minted.
    OlderThanTheChallenge,
    /// The payer is a contract, which cannot sign the hash.
    PayerIsNoAccount,
    /// `sourceSignature` is not the payer's for this challenge and hash.
    Proof,
    // What the network tells
    /// The transfer would fail.
    Simulation {
        /// What the host says.
        message: String,
    },
    /// The transfer needs an entry that is archived.
    RestoreNeeded,
    /// The simulation tells of something else than the transfer.
    Simulated(EventFault),
    /// The pushed transaction did something else than the transfer.
    Landed(EventFault),
    /// The settlement did something else than the transfer.
    Settled(EventFault),
    /// The network did not carry the payment out.
    NotSettled {
        /// Why, as part of a sentence.
        why: String,
    },
}

/// Where an account of the server may not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// The source of the transaction.
    TransactionSource,
    /// The source of the operation.
    OperationSource,
    /// The payer of a fee bump.
    FeeSource,
    /// The payer of the transfer.
    From,
    /// The address of an authorization entry.
    AuthorizationEntry,
}

impl Fault {
    /// What it is called on the wire.
    #[must_use]
    pub const fn kind(&self) -> ProblemKind {
        match self {
            Self::OtherChallenge | Self::OtherBody => ProblemKind::InvalidChallenge,
            Self::ChallengeExpired { .. }
            | Self::AuthorizationExpired { .. }
            | Self::TransactionExpired { .. } => ProblemKind::PaymentExpired,
            Self::Payload(_) | Self::Source(_) | Self::SourceAddress(_) => {
                ProblemKind::MalformedCredential
            }
            Self::NotATransfer(what) if matches!(what.kind(), NotATransferKind::Malformed(_)) => {
                ProblemKind::MalformedCredential
            }
            Self::NotASponsor | Self::Settled(_) | Self::NotSettled { .. } => {
                ProblemKind::SettlementFailed
            }
            _ => ProblemKind::VerificationFailed,
        }
    }
}

/// The reason, as part of a sentence of its [kind](Fault::kind).
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AuthorizationExpired { ledger } => write!(f, "ledger {ledger}"),
            Self::ChallengeExpired { expires: time }
            | Self::TransactionExpired { max_time: time } => {
                match Timestamp::from_unix_seconds(*time) {
                    Ok(time) => f.write_str(time.as_str()),
                    Err(_) => write!(f, "second {time}"),
                }
            }
            Self::Payload(error) => fmt::Display::fmt(error, f),
            Self::FormNotTaken(form) => {
                write!(f, "a payment in the form {} is not taken here", known(form))
            }
            Self::Source(error) => write!(f, "the source is not one: {error}"),
            Self::SourceAddress(error) => write!(f, "the source is no address: {error}"),
            Self::NotATransfer(error) => match error.kind() {
                NotATransferKind::Malformed(cause) => write!(f, "{error}: {cause}"),
                _ => fmt::Display::fmt(error, f),
            },
            Self::OurAccount(place) => write!(f, "{place} is an account of the server"),
            Self::EntryCount { found } => write!(
                f,
                "there are {found} authorization entries, exactly one belongs here"
            ),
            Self::Signature(error) => write!(f, "the payer's signature is not valid: {error}"),
            Self::ExpiresTooLate {
                ledger,
                latest_allowed,
            } => write!(
                f,
                "the authorization is valid until ledger {ledger}, ledger {latest_allowed} is the last that the \
                 challenge allows"
            ),
            Self::FeeTooHigh { needed, maximum } => write!(
                f,
                "the transfer costs {needed} stroops in network fees, this server pays at most {maximum}"
            ),
            Self::OutlivesTheChallenge { max_time } => write!(
                f,
                "the transaction's maxTime, {max_time}, is later than the challenge's expires"
            ),
            Self::Simulation { message } => write!(f, "the transfer would fail: {message}"),
            Self::Simulated(fault) => write!(f, "the simulation tells of {fault}"),
            Self::Landed(fault) => write!(f, "the transaction made {fault}"),
            Self::Settled(fault) => write!(f, "the settlement made {fault}"),
            Self::NotSettled { why } => f.write_str(why),
            plain => f.write_str(plain.sentence()),
        }
    }
}

impl Fault {
    /// The reason where it is always the same.
    const fn sentence(&self) -> &'static str {
        match self {
            Self::OtherChallenge => "it asks for another payment than this route",
            Self::OtherBody => "it is for a request with another body",
            Self::UnsignedHash => {
                "a hash alone proves nothing, send it signed, as signedHash, or the transaction itself"
            }
            Self::SourceElsewhere => "the source is on another network",
            Self::SourceIsNotFrom => "the transfer is not from the source",
            Self::WrongCurrency => "the contract called is not the currency",
            Self::WrongRecipient => "the transfer is not to the recipient",
            Self::WrongAmount => "the transfer is not of the amount",
            Self::PayerIsMuxed => {
                "the transfer is from a muxed address (M…), which cannot authorize it, pay from its account (G…)"
            }
            Self::SubInvocations => "the authorization entry allows more than the transfer",
            Self::EntryForAnotherCall => {
                "what the payer authorizes is not the transfer of this transaction"
            }
            Self::EntryOfAnother => "the transfer is not authorized by the payer",
            Self::UnsupportedCredential => {
                "the authorization entry has credentials of a kind that is not accepted here"
            }
            Self::Unsigned => "the payer has not signed",
            Self::SourceNotAllZeros => {
                "the server pays the fees, so that the transaction's source is the all-zeros account"
            }
            Self::NotASponsor => {
                "the account chosen to settle is not one of this server's sponsors"
            }
            Self::NotSignedBySource => {
                "the transaction is not signed by the own key of the account that is its source"
            }
            Self::OtherOperationSource => "the operation has another source than the transaction",
            Self::NoEnd => {
                "the transaction has no maxTime, set it to the time at which the challenge expires"
            }
            Self::NotYetValid => "the transaction's minTime is ahead",
            Self::OtherPreconditions => "the transaction has preconditions other than the time",
            Self::NoResources => {
                "the transaction declares no resources, simulate it before it is signed"
            }
            Self::FeeBelowResources => "the transaction's fee does not cover its resources",
            Self::SponsoredPush => {
                "the server pays the fees and submits the transaction, send it instead of a hash"
            }
            Self::NotFound => {
                "the network knows no such transaction, present it when it has been confirmed"
            }
            Self::FailedOnChain => "the transaction failed on the network",
            Self::AnotherTransaction => "the network gives another transaction for this hash",
            Self::OlderThanTheChallenge => "the transaction is older than the challenge",
            Self::PayerIsNoAccount => "a contract pays, which cannot sign the transaction's hash",
            Self::Proof => {
                "sourceSignature is not the payer's signature of the challenge's id, a colon and the hash"
            }
            Self::RestoreNeeded => {
                "the transfer needs a ledger entry that is archived, restore it first"
            }
            // Those have more to say, and say it above.
            _ => "",
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TransactionSource => "the transaction's source",
            Self::OperationSource => "the operation's source",
            Self::FeeSource => "the payer of the fee bump",
            Self::From => "the payer of the transfer",
            Self::AuthorizationEntry => "the address of an authorization entry",
        })
    }
}

/// The form, if it is known; what strangers call it is not repeated.
const fn known(form: &CredentialType) -> &'static str {
    match form {
        CredentialType::Transaction => "transaction",
        CredentialType::SignedHash => "signedHash",
        CredentialType::Hash => "hash",
        CredentialType::Other(_) => "given",
    }
}
