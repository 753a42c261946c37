//! The id itself, and how it is compared.

use core::fmt;

use base64::engine::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::{Choice, ConstantTimeEq};

/// The id of a challenge that is bound to what it is for: 43 characters of base64url.
#[derive(Clone, Copy)]
pub struct ChallengeId([u8; LENGTH]);

impl ChallengeId {
    pub(crate) fn of(code: [u8; 32]) -> Self {
        let mut text = [b'A'; LENGTH];
        // 32 bytes always are 43 characters; text that is too short would be no id of anything.
        let length = URL_SAFE_NO_PAD.encode_slice(code, &mut text);
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

/// Whether an id is that of any of the codes, in a time that depends on neither.
pub(crate) fn is_any_of(id: &str, codes: impl Iterator<Item = [u8; 32]>) -> bool {
    // What is no base64url of 32 bytes is nobody's id, and no secret is needed to see that.
    let mut decoded = [0; DECODED];
    let length = URL_SAFE_NO_PAD.decode_slice(id, &mut decoded);
    let Some(presented) = decoded.first_chunk().filter(|_| length == Ok(32)) else {
        return false;
    };
    let presented = words(presented);
    codes
        .fold(Choice::from(0), |found, code| {
            let ours = words(&code);
            let differs = presented
                .iter()
                .zip(&ours)
                .fold(0, |differs, (one, other)| differs | (one ^ other));
            found | differs.ct_eq(&0)
        })
        .into()
}

/// 32 bytes as four words, which are compared faster one by one than bytes are.
fn words(bytes: &[u8; 32]) -> [u64; 4] {
    let (words, _) = bytes.as_chunks::<8>();
    let mut native = [0; 4];
    for (word, bytes) in native.iter_mut().zip(words) {
        *word = u64::from_ne_bytes(*bytes);
    }
    native
}

const LENGTH: usize = 43;
/// One byte of room more than is needed, as the decoder counts in blocks of three.
const DECODED: usize = 33;
