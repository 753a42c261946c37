//! What counts as the same request, so that it is paid once.

use core::fmt;

use coinslot_caip2_network::NetworkId;
use coinslot_mpp_channel_stellar::RequestFingerprint;
use coinslot_stellar_address::AccountId;
use reqwest::Request;
use sha2::{Digest, Sha256};

/// The caller's own name for one purchase.
///
/// Give it with `RequestBuilder::with_extension`. Two requests with different keys are two purchases, also when
/// everything else is equal and they run at the same time; a request with a key that was used before never pays
/// again, but sends the first payment again, for which the seller has the recorded answer.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// A key; any text will do.
    #[must_use]
    pub fn new(key: impl Into<String>) -> Self {
        Self(key.into())
    }
}

/// Redacted: a key may be an order number or a session.
impl fmt::Debug for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdempotencyKey(..)")
    }
}

/// Identifies one logical request: network, payer, method, URL, body and the caller's key.
///
/// It is a hash, because URLs and bodies may hold secrets.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(String);

impl RequestId {
    /// The id of a request whose body is in memory; `None` when the body is a stream.
    pub(crate) fn of(
        request: &Request,
        network: &NetworkId,
        payer: &AccountId,
        key: Option<&IdempotencyKey>,
    ) -> Option<Self> {
        let body = match request.body() {
            None => &[][..],
            Some(body) => body.as_bytes()?,
        };
        let mut url = request.url().clone();
        url.set_fragment(None);
        let mut hash = Sha256::new();
        let payer = payer.to_string();
        let parts: [&[u8]; 6] = [
            network.as_bytes(),
            payer.as_bytes(),
            request.method().as_str().as_bytes(),
            url.as_str().as_bytes(),
            body,
            key.map_or(&[], |key| key.0.as_bytes()),
        ];
        for part in parts {
            hash.update(Sha256::digest(part));
        }
        hash.update([u8::from(key.is_some())]);
        Some(Self(hex::encode(hash.finalize())))
    }

    /// The id of what is paid on top for the answer to this request.
    pub(crate) fn of_stream(&self, stream: &str) -> Self {
        let mut hash = Sha256::new();
        for part in [self.0.as_bytes(), stream.as_bytes()] {
            hash.update(Sha256::digest(part));
        }
        Self(hex::encode(hash.finalize()))
    }

    pub(crate) fn from_stored(key: String) -> Self {
        Self(key)
    }

    /// What the rules of channels know the request by.
    pub(crate) fn fingerprint(&self) -> RequestFingerprint {
        let mut bytes = [0; 32];
        if hex::decode_to_slice(&self.0, &mut bytes).is_err() {
            bytes = Sha256::digest(&self.0).into();
        }
        RequestFingerprint::from_bytes(bytes)
    }

    /// The id that has this fingerprint.
    pub(crate) fn of_fingerprint(fingerprint: RequestFingerprint) -> Self {
        Self(hex::encode(fingerprint.as_bytes()))
    }

    /// The id as 64 hexadecimal digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
