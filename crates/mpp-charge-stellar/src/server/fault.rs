//! Every way in which a payment breaks a rule, and what that is called on the wire.

use coinslot_mpp_wire::stellar::CredentialType;
use coinslot_mpp_wire::{DidPkhError, JsonError, ProblemKind};
use coinslot_soroban_authorization::{NotATransfer, NotATransferKind, SignatureError};
use coinslot_stellar_address::ParseAddressError;

use super::EventFault;

mod sentence;

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
