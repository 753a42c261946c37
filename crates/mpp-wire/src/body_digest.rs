//! `digest`: which request body a challenge is for (core draft, "Request Body Digest Binding"; RFC 9530).
//!
//! ```text
//! digest = "sha-256=:" base64 ":"
//! ```
//!
//! Example: `sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:`. Programs in use leave the colons out; that form is accepted and
//! never written.
//!
//! # Errors
//!
//! [`BodyDigestError`] for another algorithm, and for text that a header cannot carry. A digest that starts like one and cannot be read is
//! kept, to be sent back, and is of no body.

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use base64::engine::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::limits::MAX_TEXT_BYTES;
use crate::serde_text::text_form;

/// The SHA-256 digest of a request's body, as it is on the wire.
///
/// ```
/// use coinslot_mpp_wire::BodyDigest;
/// let digest = BodyDigest::of(b"abc");
/// assert_eq!(digest.as_str(), "sha-256=:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=:");
///
/// let received: BodyDigest = "sha-256=ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=".parse()?;
/// assert!(received.is_of(b"abc") && !received.is_of(b"abd"));
/// # Ok::<(), coinslot_mpp_wire::BodyDigestError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct BodyDigest {
    text: String,
    sha256: Option<[u8; 32]>,
}

/// Text that is no SHA-256 digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BodyDigestError;

impl BodyDigest {
    /// The digest of a body.
    #[must_use]
    pub fn of(body: &[u8]) -> Self {
        let sha256 = Sha256::digest(body);
        let mut text = String::from("sha-256=:");
        STANDARD.encode_string(sha256, &mut text);
        text.push(':');
        Self {
            text,
            sha256: Some(sha256.into()),
        }
    }

    pub(crate) fn from_text(text: String) -> Result<Self, BodyDigestError> {
        // The slots of what an id binds are separated by `|`, so no slot holds one.
        let allowed = |byte: u8| (byte.is_ascii_graphic() || byte == b' ') && byte != b'|';
        let value = text.strip_prefix("sha-256=").ok_or(BodyDigestError)?;
        if text.len() > MAX_TEXT_BYTES || !text.bytes().all(allowed) {
            return Err(BodyDigestError);
        }
        let bare = value
            .strip_prefix(':')
            .and_then(|value| value.strip_suffix(':'))
            .unwrap_or(value);
        // One byte of room more, as the decoder counts in blocks of three.
        let mut buffer = [0; 33];
        let sha256 = STANDARD
            .decode_slice(bare, &mut buffer)
            .ok()
            .and_then(|length| buffer.get(..length)?.try_into().ok());
        Ok(Self { sha256, text })
    }

    /// Whether this is the digest of `body`.
    #[must_use]
    pub fn is_of(&self, body: &[u8]) -> bool {
        self.sha256
            .is_some_and(|sha256| Sha256::digest(body).ct_eq(&sha256).into())
    }

    /// The text on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl FromStr for BodyDigest {
    type Err = BodyDigestError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::from_text(text.into())
    }
}

text_form!(
    BodyDigest,
    "The digest of the request's body, such as sha-256=:…:"
);

impl fmt::Display for BodyDigestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a digest is sha-256=:…: with the SHA-256 of the body in base64 (RFC 9530)")
    }
}

impl core::error::Error for BodyDigestError {}
