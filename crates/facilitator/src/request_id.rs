//! A name for every request, in its answer and in the log.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// The header that carries it, in both directions.
pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Gives request ids.
#[derive(Debug)]
pub(crate) struct RequestIds {
    /// Keeps the ids of one run apart from those of another.
    run: i64,
    next: AtomicU64,
}

/// The id of a request.
#[derive(Clone, Debug)]
pub(crate) struct RequestId(HeaderValue);

impl RequestIds {
    pub(crate) fn new(run: i64) -> Self {
        Self {
            run,
            next: AtomicU64::new(1),
        }
    }

    /// The id that the caller gave, if it is a plain one, or a new one.
    pub(crate) fn of(&self, headers: &HeaderMap) -> RequestId {
        let given = headers
            .get(&X_REQUEST_ID)
            .filter(|value| is_plain(value.as_bytes()));
        RequestId(given.cloned().unwrap_or_else(|| self.new_id()))
    }

    fn new_id(&self) -> HeaderValue {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        // Hexadecimal digits and a dash are always a header value.
        HeaderValue::try_from(format!("{:x}-{number:x}", self.run))
            .unwrap_or_else(|_| HeaderValue::from_static("-"))
    }
}

impl RequestId {
    pub(crate) fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or("-")
    }

    pub(crate) fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

fn is_plain(id: &[u8]) -> bool {
    !id.is_empty()
        && id.len() <= MAX_BYTES
        && id
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

const MAX_BYTES: usize = 64;

#[cfg(test)]
mod tests;
