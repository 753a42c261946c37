//! Offers as they go out, and the last of them kept.
//!
//! All requests for one address without a payment get the same answer, so it is written once. What
//! is kept is bounded, whatever strangers ask for: a fixed number of places, each with the last
//! address that fell on it, and no address that is too long.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;
use http::HeaderValue;

use crate::mpp;
use crate::reason::Reason;
use crate::x402::challenge::Challenge;

/// The offer of one 402, as far as it is the same for every request to one address.
#[derive(Debug)]
pub(crate) struct Written {
    url: String,
    /// The value of `PAYMENT-REQUIRED`, where x402 is offered.
    pub(crate) header: Option<HeaderValue>,
    /// The same as JSON, with a sentence; where MPP is offered, it is a problem as well.
    pub(crate) body: Bytes,
}

impl Written {
    pub(crate) fn new(
        challenge: Option<&Challenge>,
        is_problem: bool,
        reason: &Reason,
        url: &str,
    ) -> Self {
        let message = challenge.map(|challenge| challenge.message(&reason.code, url));
        // Base64 is always a header value.
        let header = message
            .as_ref()
            .and_then(|message| HeaderValue::try_from(message.header()).ok());
        let x402 = message.map(|message| message.body(&reason.sentence));
        let body = match (is_problem.then(|| mpp::challenge::problem(reason)), x402) {
            (None, x402) => x402.unwrap_or_default(),
            (Some(problem), None) => problem,
            // One object with the members of both.
            (Some(mut problem), Some(x402)) => {
                problem.pop();
                problem.push(',');
                problem.push_str(x402.trim_start_matches('{'));
                problem
            }
        };
        Self {
            url: url.to_owned(),
            header,
            body: Bytes::from(body),
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
