//! The sentences: what a payer is told.

use core::fmt;

use coinslot_mpp_wire::Timestamp;
use coinslot_mpp_wire::stellar::CredentialType;
use coinslot_soroban_authorization::NotATransferKind;

use super::{Fault, Place};

/// The reason, as part of a sentence of its [kind](Fault::kind): no capital at its start, no full stop at its end.
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
            Self::OtherChallenge => f.write_str("it asks for another payment than this route"),
            Self::OtherBody => f.write_str("it is for a request with another body"),
            Self::UnsignedHash => f.write_str("a hash alone proves nothing, send it signed, as signedHash, or the transaction itself"),
            Self::SourceElsewhere => f.write_str("the source is on another network"),
            Self::SourceIsNotFrom => f.write_str("the transfer is not from the source"),
            Self::WrongCurrency => f.write_str("the contract called is not the currency"),
            Self::WrongRecipient => f.write_str("the transfer is not to the recipient"),
            Self::WrongAmount => f.write_str("the transfer is not of the amount"),
            Self::PayerIsMuxed => f.write_str("the transfer is from a muxed address (M…), which cannot authorize it, pay from its account (G…)"),
            Self::SubInvocations => f.write_str("the authorization entry allows more than the transfer"),
            Self::EntryForAnotherCall => f.write_str("what the payer authorizes is not the transfer of this transaction"),
            Self::EntryOfAnother => f.write_str("the transfer is not authorized by the payer"),
            Self::UnsupportedCredential => f.write_str("the authorization entry has credentials of a kind that is not accepted here"),
            Self::Unsigned => f.write_str("the payer has not signed"),
            Self::SourceNotAllZeros => f.write_str("the server pays the fees, so that the transaction's source is the all-zeros account"),
            Self::NotASponsor => f.write_str("the account chosen to settle is not one of this server's sponsors"),
            Self::NotSignedBySource => f.write_str("the transaction is not signed by the own key of the account that is its source"),
            Self::OtherOperationSource => f.write_str("the operation has another source than the transaction"),
            Self::NoEnd => f.write_str("the transaction has no maxTime, set it to the time at which the challenge expires"),
            Self::NotYetValid => f.write_str("the transaction's minTime is ahead"),
            Self::OtherPreconditions => f.write_str("the transaction has preconditions other than the time"),
            Self::NoResources => f.write_str("the transaction declares no resources, simulate it before it is signed"),
            Self::FeeBelowResources => f.write_str("the transaction's fee does not cover its resources"),
            Self::SponsoredPush => f.write_str("the server pays the fees and submits the transaction, send it instead of a hash"),
            Self::NotFound => f.write_str("the network knows no such transaction, present it when it has been confirmed"),
            Self::FailedOnChain => f.write_str("the transaction failed on the network"),
            Self::AnotherTransaction => f.write_str("the network gives another transaction for this hash"),
            Self::OlderThanTheChallenge => f.write_str("the transaction is older than the challenge"),
            Self::PayerIsNoAccount => f.write_str("a contract pays, which cannot sign the transaction's hash"),
            Self::Proof => f.write_str("sourceSignature is not the payer's signature of the challenge's id, a colon and the hash"),
            Self::RestoreNeeded => f.write_str("the transfer needs a ledger entry that is archived, restore it first"),
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
