//! What a payment header, an authorization entry, a transaction, an address or an amount holds: in words, and as JSON.
//!
//! Nothing is asked of any network, and nothing that was given is repeated unless it was understood.

use core::fmt;

use coinslot_channel_commitment::DecodeCommitmentError;
use coinslot_mpp_wire::stellar::PaymentChannelError;
use coinslot_soroban_authorization::{AuthEntry, DecodeError, Envelope};
use coinslot_stellar_address::ParseAddressError;
use coinslot_usdc_amount::ParseAmountError;
use coinslot_x402_wire::{HeaderError, JsonError};
use serde::Serialize;

use self::address::{ExplainedAddress, ExplainedSecret};
use self::amount::ExplainedAmount;
use self::auth_entry::ExplainedEntry;
use self::channel::{ExplainedCommitment, ExplainedPaymentChannel};
pub(crate) use self::moment::ledgers_in_words;
pub(crate) use self::money::Money;
pub(crate) use self::sheet::Sheet;
use self::transaction::ExplainedTransaction;

mod address;
mod amount;
mod auth_entry;
mod channel;
mod header;
mod moment;
mod money;
mod mpp;
mod sheet;
#[cfg(test)]
mod tests;
mod transaction;
mod x402;

/// Says what a text holds: a header value of x402 version 2 or of MPP (with or without its name and a colon before it) or the JSON inside
/// it, a problem of MPP, a commitment of a channel (384 hex digits), an authorization entry or a transaction envelope in base64, an address, or an amount. `now` is in seconds since
/// 1970.
///
/// # Errors
/// [`InspectError`] when it is none of these, or a damaged one.
pub(crate) fn explain(input: &str, now: u64) -> Result<Explanation, InspectError> {
    let input = input.trim();
    if input.is_empty() {
        return Err(InspectError::Empty);
    }
    if input.len() > MOST_BYTES {
        return Err(InspectError::TooLong);
    }
    if let Some((name, value)) = header::named(input) {
        return header::explain(name, value, now);
    }
    if mpp::looks_like_one(input) {
        return mpp::explain_unnamed(input, now);
    }
    if input.starts_with('{') {
        return header::explain_json(input, now);
    }
    if channel::looks_like_a_commitment(input) {
        return channel::explain_commitment(input)
            .map(Explanation::Commitment)
            .map_err(InspectError::Commitment);
    }
    if address::is_secret(input) {
        return Ok(Explanation::SecretKey(address::explain_secret(input)));
    }
    if address::looks_like_one(input) {
        return address::explain(input)
            .map(Explanation::Address)
            .map_err(InspectError::Address);
    }
    if amount::looks_like_one(input) {
        return amount::explain(input)
            .map(Explanation::Amount)
            .map_err(InspectError::Amount);
    }
    if header::looks_like_one(input) {
        return header::explain_unnamed(input, now);
    }
    explain_xdr(input)
}

/// A transaction or an authorization entry: the first four bytes tell, except for zero, which begins either.
fn explain_xdr(input: &str) -> Result<Explanation, InspectError> {
    let transaction = match Envelope::from_base64(input) {
        Ok(envelope) => {
            return Ok(Explanation::Transaction(Box::new(transaction::explain(
                &envelope,
            ))));
        }
        Err(error) => error,
    };
    match AuthEntry::from_base64(input) {
        Ok(entry) => Ok(Explanation::AuthEntry(Box::new(auth_entry::explain(
            &entry,
        )))),
        Err(entry) if input.starts_with("AAAAAQ") => Err(InspectError::AuthEntry(entry)),
        Err(_) if input.starts_with("AAAA") => Err(InspectError::Transaction(transaction)),
        Err(_) => Err(InspectError::Unknown),
    }
}

/// What a text holds.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum Explanation {
    /// `PAYMENT-REQUIRED`.
    PaymentRequired(Box<x402::ExplainedTerms>),
    /// `PAYMENT-SIGNATURE`.
    PaymentSignature(Box<x402::ExplainedPayment>),
    /// `PAYMENT-RESPONSE`.
    PaymentResponse(Box<x402::ExplainedReceipt>),
    /// `WWW-Authenticate: Payment`.
    MppChallenges(mpp::ExplainedChallenges),
    /// `Authorization: Payment`.
    MppCredential(Box<mpp::ExplainedCredential>),
    /// `Payment-Receipt`.
    MppReceipt(Box<mpp::ExplainedReceipt>),
    /// A body of MPP that says why a request was refused.
    MppProblem(Box<mpp::ExplainedProblem>),
    /// `Payment-Channel`.
    PaymentChannel(Box<ExplainedPaymentChannel>),
    /// What a channel's key signs.
    Commitment(ExplainedCommitment),
    /// A Soroban authorization entry.
    AuthEntry(Box<ExplainedEntry>),
    /// A transaction envelope.
    Transaction(Box<ExplainedTransaction>),
    /// An address.
    Address(ExplainedAddress),
    /// A secret key, which is not repeated.
    SecretKey(ExplainedSecret),
    /// An amount.
    Amount(ExplainedAmount),
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut sheet = Sheet::default();
        match self {
            Self::PaymentRequired(terms) => terms.write(&mut sheet),
            Self::PaymentSignature(payment) => payment.write(&mut sheet),
            Self::PaymentResponse(receipt) => receipt.write(&mut sheet),
            Self::MppChallenges(challenges) => challenges.write(&mut sheet),
            Self::MppCredential(credential) => credential.write(&mut sheet),
            Self::MppReceipt(receipt) => receipt.write(&mut sheet),
            Self::MppProblem(problem) => problem.write(&mut sheet),
            Self::PaymentChannel(header) => header.write(&mut sheet),
            Self::Commitment(commitment) => commitment.write(&mut sheet),
            Self::AuthEntry(entry) => entry.write(&mut sheet),
            Self::Transaction(transaction) => transaction.write(&mut sheet),
            Self::Address(address) => address.write(&mut sheet),
            Self::SecretKey(secret) => secret.write(&mut sheet),
            Self::Amount(amount) => amount.write(&mut sheet),
        }
        sheet.fmt(f)
    }
}

/// A text that is not explained. No sentence repeats the text.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum InspectError {
    /// Nothing was given.
    #[error(
        "there is nothing to inspect; give a payment header, base64 of XDR, an address or an amount"
    )]
    Empty,
    /// More than any of these can have.
    #[error("this is longer than any payment header or transaction")]
    TooLong,
    /// A payment of x402 version 1.
    #[error(
        "this is a payment of x402 version 1 (X-PAYMENT); version 2 is explained here (PAYMENT-SIGNATURE)"
    )]
    Version1,
    /// A header that does not decode.
    #[error("this is not a valid {name} header: {source}")]
    Header {
        /// The header's name.
        name: &'static str,
        /// What is wrong.
        source: HeaderError,
    },
    /// JSON that is no payment message.
    #[error("this is not a valid {name} message: {source}")]
    Json {
        /// The header that would hold it.
        name: &'static str,
        /// What is wrong.
        source: JsonError,
    },
    /// A message of MPP that does not decode.
    #[error("this is not a valid {message}: {source}")]
    Mpp {
        /// What the message is called.
        message: &'static str,
        /// What is wrong.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// What begins like base64 of JSON, and is not.
    #[error(
        "this begins like base64 of JSON, and is none: it may be cut off, or have a stray character in it"
    )]
    Base64,
    /// JSON that is none of the messages.
    #[error(
        "this is JSON, and none of the messages of x402 or MPP: they have a member \"accepts\", \"accepted\" or \"success\" (x402), \
         \"challenge\", \"reference\", or \"title\" or \"detail\" (MPP)"
    )]
    OtherJson,
    /// A header that names a channel, and does not parse.
    #[error("this is not a valid Payment-Channel header: {0}")]
    PaymentChannel(PaymentChannelError),
    /// As many bytes as a commitment has, and none.
    #[error("this is as long as a channel's commitment, and is none: {0}")]
    Commitment(DecodeCommitmentError),
    /// An address that does not parse.
    #[error("this looks like an address, and is none: {0}")]
    Address(ParseAddressError),
    /// An amount that does not parse.
    #[error("this looks like an amount, and is none: {0}")]
    Amount(ParseAmountError),
    /// XDR that is no transaction envelope.
    #[error("this looks like a transaction envelope, and is none: {0}")]
    Transaction(DecodeError),
    /// XDR that is no authorization entry.
    #[error("this looks like an authorization entry, and is none: {0}")]
    AuthEntry(DecodeError),
    /// Anything else.
    #[error(
        "this is no header of x402 or MPP (Payment …), no JSON of theirs, no transaction envelope or authorization entry in base64, no address (G…, C…, M…) and no amount"
    )]
    Unknown,
}

const MOST_BYTES: usize = 512 * 1024;
