//! What makes a credential the same credential, and a request the same request.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use sha2::{Digest, Sha256};

/// A SHA-256 digest; as text, base64.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// Of a request: its method, its public address with the query, its body.
    pub(crate) fn of_request(method: &Method, url: &str, body: &[u8]) -> Self {
        Self::of(
            b"coinslot request 1",
            [method.as_str().as_bytes(), url.as_bytes(), body],
        )
    }

    /// Of the requests for which a challenge is good: method and public address.
    pub(crate) fn of_scope(method: &Method, url: &str) -> Self {
        let mut digest = Sha256::new();
        // No method holds a space, so nothing can move across it.
        for part in [
            b"coinslot scope 1 ",
            method.as_str().as_bytes(),
            b" ",
            url.as_bytes(),
        ] {
            digest.update(part);
        }
        Self(digest.finalize().into())
    }

    /// Of a credential, byte by byte as it was received.
    pub(crate) fn of_credential(text: &[u8]) -> Self {
        Self::of(b"coinslot credential 1", [text])
    }

    /// The digest.
    pub(crate) const fn bytes(&self) -> [u8; 32] {
        self.0
    }

    /// The length of [`short`](Self::short).
    pub(crate) const SHORT_BYTES: usize = 12;

    /// The beginning of it: enough for what only its own maker writes.
    pub(crate) fn short(&self) -> &[u8] {
        self.0.split_at(Self::SHORT_BYTES).0
    }

    /// Each part is hashed for itself, so that no byte can move from one part to the next.
    fn of<'a>(purpose: &[u8], parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut digest = Sha256::new();
        digest.update(Sha256::digest(purpose));
        for part in parts {
            digest.update(Sha256::digest(part));
        }
        Self(digest.finalize().into())
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(self.0))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

impl serde::Serialize for Fingerprint {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Fingerprint {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        let bytes = STANDARD
            .decode(text.as_bytes())
            .map_err(serde::de::Error::custom)?;
        let bytes = bytes
            .try_into()
            .map_err(|_| serde::de::Error::custom("a digest has 32 bytes"))?;
        Ok(Self(bytes))
    }
}
