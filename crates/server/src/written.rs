//! Offers as they go out, and the last of them kept.
//!
//! All requests for one address without a payment get the same answer, so it is written once. What
//! is kept is bounded, whatever strangers ask for: a fixed number of places, each with the last
//! address that fell on it, and no address that is too long.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;
use http::HeaderValue;

use crate::reason::Reason;
use crate::x402::challenge::Challenge;

/// The offer of one 402.
#[derive(Debug)]
pub(crate) struct Written {
    url: String,
    /// The value of `PAYMENT-REQUIRED`.
    pub(crate) header: HeaderValue,
    /// The same as JSON, with a sentence.
    pub(crate) body: Bytes,
}

impl Written {
    pub(crate) fn new(challenge: &Challenge, reason: &Reason, url: &str) -> Self {
        let message = challenge.message(&reason.code, url);
        Self {
            url: url.to_owned(),
            // Base64 is always a header value.
            header: HeaderValue::try_from(message.header()).unwrap_or(HeaderValue::from_static("")),
            body: Bytes::from(message.body(&reason.sentence)),
        }
    }
}

/// The offers that were written last, by their address.
#[derive(Debug)]
pub(crate) struct WrittenLately {
    places: Vec<RwLock<Option<Arc<Written>>>>,
    // Keyed with randomness of this process, so that nobody can aim at a place.
    hasher: RandomState,
}

impl WrittenLately {
    pub(crate) fn new() -> Self {
        let places = (0..PLACES).map(|_| RwLock::default()).collect();
        Self {
            places,
            hasher: RandomState::new(),
        }
    }

    /// The offer for `url`: the one that is kept, or a new one.
    pub(crate) fn find(&self, url: &str, write: impl FnOnce() -> Written) -> Arc<Written> {
        let Some(place) = self.place(url) else {
            return Arc::new(write());
        };
        {
            let kept = place.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(written) = kept.as_ref().filter(|written| written.url == url) {
                return Arc::clone(written);
            }
        }
        let written = Arc::new(write());
        *place.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&written));
        written
    }

    fn place(&self, url: &str) -> Option<&RwLock<Option<Arc<Written>>>> {
        if url.len() > LONGEST_URL {
            return None;
        }
        let places = u64::try_from(self.places.len()).ok()?;
        let at = self.hasher.hash_one(url).checked_rem(places)?;
        self.places.get(usize::try_from(at).ok()?)
    }
}

const PLACES: usize = 64;
const LONGEST_URL: usize = 1024;

#[cfg(test)]
mod tests;
