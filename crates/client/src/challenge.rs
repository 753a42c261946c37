//! Reading a 402 answer: `PAYMENT-REQUIRED` (x402 v2, HTTP transport).

use std::time::Duration;

use coinslot_payment_store::UnixMillis;
use coinslot_x402_wire::{HeaderError, PaymentRequired, header};
use reqwest::Response;
use reqwest::header::{HeaderMap, WWW_AUTHENTICATE};

use crate::destination::age_seconds;

/// What a seller asks for, and since when.
#[derive(Clone, Debug)]
pub(crate) struct Challenge {
    pub(crate) required: PaymentRequired,
    /// When it was made, as far as the answer tells: a cache may have kept it.
    pub(crate) made_at: UnixMillis,
}

/// A 402 answer that asks for no payment that can be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChallengeError {
    /// There is no `PAYMENT-REQUIRED` header.
    #[error("the server answered 402 without a PAYMENT-REQUIRED header{0}")]
    Missing(Spoken),
    /// There are several, and they may differ.
    #[error("the server answered 402 with more than one PAYMENT-REQUIRED header")]
    Repeated,
    /// The header is not visible ASCII.
    #[error("the server's PAYMENT-REQUIRED header is not visible ASCII")]
    NotAscii,
    /// The header does not decode.
    #[error("the server's PAYMENT-REQUIRED header cannot be read")]
    Header(#[from] HeaderError),
}

/// What the server speaks instead of x402 version 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spoken {
    /// Nothing that is known.
    Unknown,
    /// x402 version 1, whose terms stand in the body.
    X402V1,
    /// The Machine Payments Protocol: a `WWW-Authenticate: Payment` challenge.
    Mpp,
}

impl core::fmt::Display for Spoken {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Unknown => "",
            Self::X402V1 => "; it speaks x402 version 1, and this client pays version 2",
            Self::Mpp => "; it asks for a Payment credential (MPP), and this client pays x402",
        })
    }
}

impl Challenge {
    /// Reads the challenge out of a 402 answer that came at `now`.
    pub(crate) async fn read(response: Response, now: UnixMillis) -> Result<Self, ChallengeError> {
        let headers = response.headers();
        let age = Duration::from_secs(age_seconds(headers));
        match required(headers)? {
            Some(required) => Ok(Self {
                required,
                made_at: now.saturating_sub(age),
            }),
            None if speaks_mpp(headers) => Err(ChallengeError::Missing(Spoken::Mpp)),
            None => Err(ChallengeError::Missing(spoken_in_body(response).await)),
        }
    }
}

/// The header's message, if there is one.
pub(crate) fn required(headers: &HeaderMap) -> Result<Option<PaymentRequired>, ChallengeError> {
    for name in [header::PAYMENT_REQUIRED, header::X_PAYMENT_REQUIRED] {
        let mut values = headers.get_all(name).iter();
        let Some(value) = values.next() else { continue };
        if values.next().is_some() {
            return Err(ChallengeError::Repeated);
        }
        let text = value.to_str().map_err(|_| ChallengeError::NotAscii)?;
        return Ok(Some(PaymentRequired::from_header(text)?));
    }
    Ok(None)
}

fn speaks_mpp(headers: &HeaderMap) -> bool {
    let starts = |text: &str| {
        text.trim_start()
            .get(..8)
            .is_some_and(|scheme| scheme.eq_ignore_ascii_case("payment "))
    };
    headers
        .get_all(WWW_AUTHENTICATE)
        .iter()
        .any(|value| value.to_str().is_ok_and(starts))
}

/// Looks for version 1's terms in the first bytes of the body.
async fn spoken_in_body(mut response: Response) -> Spoken {
    #[derive(serde::Deserialize)]
    struct Terms {
        #[serde(rename = "x402Version")]
        version: u64,
    }
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        if body.len().saturating_add(chunk.len()) > MOST_BODY_BYTES {
            return Spoken::Unknown;
        }
        body.extend_from_slice(&chunk);
    }
    match serde_json::from_slice(&body) {
        Ok(Terms { version: 1 }) => Spoken::X402V1,
        _ => Spoken::Unknown,
    }
}

const MOST_BODY_BYTES: usize = 64 * 1024;
