//! The identity of a payment: what the chain itself deduplicates on.

use std::fmt;
use std::str::FromStr;

use coinslot_caip2_network::NetworkId;

/// The longest payment id in bytes.
pub const MAX_PAYMENT_ID_BYTES: usize = 256;

/// What makes a payment this payment and no other, as one line of text.
///
/// Two texts that the chain would treat as one payment must have one id. So the id is never made
/// of an envelope's text; it is made of the authorization's nonce, or of a transaction's hash:
///
/// ```text
/// auth:<network id, 64 hex digits>:<payer address>:<nonce>
/// tx:<network id, 64 hex digits>:<transaction hash, 64 hex digits, lower case>
/// voucher:<network id, 64 hex digits>:<channel's contract>:<cumulative amount>
/// ```
///
/// A payment that has several ids (its nonce, the inner hash, the outer hash of a fee bump) has
/// one [`Claim`](crate::Claim), whose other ids are its aliases.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PaymentId(String);

impl PaymentId {
    /// The id of a signed authorization entry: the network, the payer's address as text (`G…` or
    /// `C…`) and the entry's nonce.
    #[must_use]
    pub fn authorization(network: &NetworkId, payer: &str, nonce: i64) -> Self {
        Self(format!("auth:{network}:{payer}:{nonce}"))
    }

    /// The id of a transaction: the network and the transaction's hash in hex.
    ///
    /// Upper-case digits are made lower case, so that one hash has one id.
    #[must_use]
    pub fn transaction(network: &NetworkId, hash_hex: &str) -> Self {
        Self(format!("tx:{network}:{}", hash_hex.to_ascii_lowercase()))
    }

    /// The id of a channel's voucher: the network, the channel's contract as text (`C…`) and the
    /// cumulative amount in base units.
    #[must_use]
    pub fn voucher(network: &NetworkId, channel: &str, amount: u128) -> Self {
        Self(format!("voucher:{network}:{channel}:{amount}"))
    }

    /// An id as a store of ours kept it.
    #[cfg(feature = "sqlite")]
    pub(crate) const fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PaymentId {
    type Err = ParsePaymentIdError;

    /// Reads an id that [`Display`](fmt::Display) wrote, or an id of another kind:
    /// `kind:rest`, visible ASCII only, at most [`MAX_PAYMENT_ID_BYTES`].
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = |kind, position| Err(ParsePaymentIdError { kind, position });
        if text.len() > MAX_PAYMENT_ID_BYTES {
            return error(ParsePaymentIdErrorKind::TooLong, MAX_PAYMENT_ID_BYTES);
        }
        if let Some(position) = text.bytes().position(|byte| !byte.is_ascii_graphic()) {
            return error(ParsePaymentIdErrorKind::InvalidByte, position);
        }
        match text.split_once(':') {
            Some((kind, rest)) if !kind.is_empty() && !rest.is_empty() => Ok(Self(text.to_owned())),
            _ => error(ParsePaymentIdErrorKind::NoKind, 0),
        }
    }
}

impl fmt::Display for PaymentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for PaymentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PaymentId({})", self.0)
    }
}

impl AsRef<str> for PaymentId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// A text is not a payment id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind} at byte {position}")]
pub struct ParsePaymentIdError {
    kind: ParsePaymentIdErrorKind,
    position: usize,
}

impl ParsePaymentIdError {
    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> ParsePaymentIdErrorKind {
        self.kind
    }

    /// The byte at which it is wrong.
    #[must_use]
    pub fn position(&self) -> usize {
        self.position
    }
}

/// The ways in which a text is not a payment id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParsePaymentIdErrorKind {
    /// More than [`MAX_PAYMENT_ID_BYTES`].
    #[error("a payment id has at most {MAX_PAYMENT_ID_BYTES} bytes")]
    TooLong,
    /// A byte that is not visible ASCII.
    #[error("a payment id holds visible ASCII only")]
    InvalidByte,
    /// No `kind:` in front, or nothing behind it.
    #[error("a payment id has the form kind:rest")]
    NoKind,
}
