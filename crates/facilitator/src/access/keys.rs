//! API keys, kept and compared as digests.

use std::fmt;
use std::str::FromStr;

use axum::http::{HeaderMap, header};
use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConditionallySelectable as _, ConstantTimeEq as _};

/// The least length of an API key in bytes.
pub const MIN_API_KEY_BYTES: usize = 16;
/// The greatest length of an API key in bytes.
pub const MAX_API_KEY_BYTES: usize = 256;

/// An API key, of which only the SHA-256 digest is kept.
///
/// ```
/// use coinslot_facilitator::ApiKey;
///
/// assert!("a key that nobody guesses".parse::<ApiKey>().is_err()); // no spaces
/// assert!("9f2c1e0d4b7a48c6".parse::<ApiKey>().is_ok());
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey([u8; 32]);

impl FromStr for ApiKey {
    type Err = ParseApiKeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() < MIN_API_KEY_BYTES {
            return Err(ParseApiKeyError::TooShort);
        }
        if text.len() > MAX_API_KEY_BYTES {
            return Err(ParseApiKeyError::TooLong);
        }
        match text
            .bytes()
            .position(|byte| !byte.is_ascii_graphic() || byte == b',')
        {
            Some(position) => Err(ParseApiKeyError::InvalidByte { position }),
            None => Ok(Self(digest(text))),
        }
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey([redacted])")
    }
}

/// Why a text is not an API key. The text is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseApiKeyError {
    /// Too easy to guess.
    #[error("an API key has at least {MIN_API_KEY_BYTES} characters")]
    TooShort,
    /// Too long for a header.
    #[error("an API key has at most {MAX_API_KEY_BYTES} characters")]
    TooLong,
    /// Not sent well in a header, or in a list.
    #[error("an API key holds visible ASCII without commas and spaces, see byte {position}")]
    InvalidByte {
        /// Its offset.
        position: usize,
    },
}

/// Who asks: one of the keys by its place in the configuration, or anyone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    Anyone,
    Key(usize),
}

/// The keys that are let in; without any, everyone is.
#[derive(Clone, Debug, Default)]
pub(crate) struct ApiKeys(Vec<ApiKey>);

impl ApiKeys {
    pub(crate) fn new(keys: Vec<ApiKey>) -> Self {
        Self(keys)
    }

    /// Who sent these headers; none when they are not let in.
    pub(crate) fn caller(&self, headers: &HeaderMap) -> Option<Caller> {
        if self.0.is_empty() {
            return Some(Caller::Anyone);
        }
        let mut values = headers.get_all(header::AUTHORIZATION).iter();
        let (Some(value), None) = (values.next(), values.next()) else {
            return None;
        };
        let (scheme, key) = value.to_str().ok()?.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        self.find(&digest(key)).map(Caller::Key)
    }

    /// Compares with every key, each in constant time.
    fn find(&self, given: &[u8; 32]) -> Option<usize> {
        let mut found = Choice::from(0);
        let mut place = 0;
        for (index, key) in (0u64..).zip(&self.0) {
            let same = key.0.ct_eq(given);
            place.conditional_assign(&index, same);
            found |= same;
        }
        if bool::from(found) {
            usize::try_from(place).ok()
        } else {
            None
        }
    }
}

fn digest(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}

#[cfg(test)]
mod tests;
