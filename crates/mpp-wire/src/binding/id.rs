//! The id itself, and how it is compared.

use core::fmt;

use base64::engine::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::Mac;
use subtle::{Choice, ConstantTimeEq};

use super::Key;

/// The id of a challenge that is bound to what it is for: 43 characters of base64url.
#[derive(Clone, Copy)]
pub struct ChallengeId([u8; LENGTH]);

impl ChallengeId {
    pub(crate) fn of(state: Key) -> Self {
        let mut text = [b'A'; LENGTH];
        // 32 bytes always are 43 characters; text that is too short would be no id of anything.
        let length = URL_SAFE_NO_PAD.encode_slice(state.finalize().into_bytes(), &mut text);
        debug_assert_eq!(length, Ok(LENGTH));
        Self(text)
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for ChallengeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for ChallengeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}

/// Whether `id` is any of `ids`, in a time that depends on neither.
pub(crate) fn is_any_of(id: &str, ids: impl Iterator<Item = ChallengeId>) -> bool {
    ids.fold(Choice::from(0), |found, ChallengeId(text)| {
        found | text.ct_eq(id.as_bytes())
    })
    .into()
}

const LENGTH: usize = 43;
