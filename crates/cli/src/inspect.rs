//! What a payment header, an authorization entry, a transaction, an address or an amount holds: in words, and as JSON.
//!
//! Nothing is asked of any network, and nothing that was given is repeated unless it was understood.

use core::fmt;

use coinslot_soroban_authorization::{AuthEntry, DecodeError, Envelope, ParseAddressError};
use coinslot_usdc_amount::ParseAmountError;
use coinslot_x402_wire::{HeaderError, JsonError};
use serde::Serialize;

use self::address::{ExplainedAddress, ExplainedSecret};
use self::amount::ExplainedAmount;
use self::auth_entry::ExplainedEntry;
use self::message::{ExplainedPayment, ExplainedReceipt, ExplainedTerms};
use self::sheet::Sheet;
use self::transaction::ExplainedTransaction;

mod address;
mod amount;
mod auth_entry;
mod message;
mod money;
mod sheet;
#[cfg(test)]
mod tests;
mod transaction;

/// Says what a text holds: a header value of x402 version 2 (with or without its name and a colon before it) or the JSON inside it, an
/// authorization entry or a transaction envelope in base64, an address, or an amount.
///
/// # Errors
/// [`InspectError`] when it is none of these, or a damaged one.
pub(crate) fn explain(input: &str) -> Result<Explanation, InspectError> {
    let input = input.trim();
    if input.is_empty() {
        return Err(InspectError::Empty);
    }
    if input.len() > MOST_BYTES {
        return Err(InspectError::TooLong);
    }
    if let Some((name, value)) = message::named(input) {
        return message::explain_header(name, value);
    }
    if input.starts_with('{') {
        return message::explain_json(input);
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
    if message::looks_like_one(input) {
        return message::explain_unnamed(input);
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
    PaymentRequired(Box<ExplainedTerms>),
    /// `PAYMENT-SIGNATURE`.
    PaymentSignature(Box<ExplainedPayment>),
    /// `PAYMENT-RESPONSE`.
    PaymentResponse(Box<ExplainedReceipt>),
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
    /// JSON that is none of the three messages.
    #[error(
        "this is JSON, and none of the x402 messages: they have a member \"accepts\", \"accepted\" or \"success\""
    )]
    OtherJson,
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
        "this is no x402 header, no transaction envelope or authorization entry in base64, no address (G…, C…, M…) and no amount"
    )]
    Unknown,
}

const MOST_BYTES: usize = 512 * 1024;
