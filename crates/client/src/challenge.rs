//! Reading a 402 answer: `PAYMENT-REQUIRED` (x402 v2, HTTP transport) and `WWW-Authenticate: Payment` (MPP, core draft).

use std::time::Duration;

use coinslot_mpp_wire as mpp;
use coinslot_mpp_wire::stellar::PAYMENT_CHANNEL;
use coinslot_payment_store::UnixMillis;
use coinslot_x402_wire::{HeaderError, PaymentRequired, header};
use reqwest::Response;
use reqwest::header::{HeaderMap, HeaderValue, WWW_AUTHENTICATE};

use crate::bounded_body;
use crate::destination::age_seconds;
use crate::refused::{self, Refusal};
use crate::terms::Protocol;

/// What a seller asks for, and since when: at least one way to pay.
#[derive(Debug)]
pub(crate) struct Challenge {
    /// The offers of x402, with what they have in common.
    pub(crate) x402: Option<PaymentRequired>,
    /// The challenges of MPP, in the seller's order.
    pub(crate) mpp: Vec<mpp::Challenge>,
    /// What cannot be read beside what can.
    pub(crate) unreadable: Vec<ChallengeError>,
    /// When it was made, as far as the answer tells: a cache may have kept it.
    pub(crate) made_at: UnixMillis,
    /// How far a channel is used, to who has proved its key.
    pub(crate) standing: Option<HeaderValue>,
    /// Why the channel that the request named is not taken, as far as the body says.
    pub(crate) problem: Option<Refusal>,
}

/// A 402 answer that asks for no payment that can be read.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChallengeError {
    /// There is neither a `PAYMENT-REQUIRED` header nor a `Payment` challenge.
    #[error(
        "the server answered 402 without a PAYMENT-REQUIRED header and without a Payment challenge{0}"
    )]
    Missing(Spoken),
    /// There are several `PAYMENT-REQUIRED` headers, and they may differ.
    #[error("the server answered 402 with more than one PAYMENT-REQUIRED header")]
    Repeated,
    /// The `PAYMENT-REQUIRED` header is not visible ASCII.
    #[error("the server's PAYMENT-REQUIRED header is not visible ASCII")]
    NotAscii,
    /// The `PAYMENT-REQUIRED` header does not decode.
    #[error("the server's PAYMENT-REQUIRED header cannot be read")]
    Header(#[from] HeaderError),
    /// A `WWW-Authenticate` header does not decode.
    #[error("the server's Payment challenge (MPP) cannot be read")]
    Payment(#[from] mpp::HeaderError),
}

/// What the server speaks instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spoken {
    /// Nothing that is known.
    Unknown,
    /// x402 version 1, whose terms stand in the body.
    X402V1,
}

impl core::fmt::Display for Spoken {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Unknown => "",
            Self::X402V1 => "; it speaks x402 version 1, and this client pays version 2",
        })
    }
}

impl Challenge {
    /// Reads the challenge out of a 402 answer that came at `now`.
    pub(crate) async fn read(response: Response, now: UnixMillis) -> Result<Self, ChallengeError> {
        match Self::in_headers(response.headers(), now) {
            Err(ChallengeError::Missing(_)) => {
                Err(ChallengeError::Missing(spoken_in_body(response).await))
            }
            read => read,
        }
    }

    /// Reads the challenge out of the headers of an answer that came at `now`.
    pub(crate) fn in_headers(headers: &HeaderMap, now: UnixMillis) -> Result<Self, ChallengeError> {
        let (mut unreadable, mut mpp) = (Vec::new(), Vec::new());
        let x402 = required(headers).unwrap_or_else(|error| {
            unreadable.push(error);
            None
        });
        // Each header by itself, so that one that is malformed does not hide the others.
        for value in headers.get_all(WWW_AUTHENTICATE) {
            match mpp::Challenge::from_headers([value.as_bytes()]) {
                Ok(challenges) => mpp.extend(challenges),
                Err(error) if error.kind() == mpp::HeaderErrorKind::Absent => {}
                Err(error) => unreadable.push(error.into()),
            }
        }
        if x402.is_none() && mpp.is_empty() {
            let missing = ChallengeError::Missing(Spoken::Unknown);
            return Err(unreadable.into_iter().next().unwrap_or(missing));
        }
        let age = Duration::from_secs(age_seconds(headers));
        Ok(Self {
            x402,
            mpp,
            unreadable,
            made_at: now.saturating_sub(age),
            standing: headers.get(PAYMENT_CHANNEL).cloned(),
            problem: None,
        })
    }

    /// Reads the challenge out of a 402 answer to a request that named a channel: where none is for a channel, the body
    /// may say why.
    pub(crate) async fn read_naming(
        response: Response,
        now: UnixMillis,
    ) -> Result<Self, ChallengeError> {
        let read = Self::in_headers(response.headers(), now);
        match read {
            Ok(challenge) if challenge.is_for_a_channel() => Ok(challenge),
            Err(error) if !matches!(error, ChallengeError::Missing(_)) => Err(error),
            read => {
                let problem = refused::read(response, Protocol::Mpp).await;
                if read.is_err() && problem.0.is_none() {
                    return read;
                }
                let nothing = Self {
                    x402: None,
                    mpp: Vec::new(),
                    unreadable: Vec::new(),
                    made_at: now,
                    standing: None,
                    problem: None,
                };
                Ok(Self {
                    problem: Some(problem),
                    ..read.unwrap_or(nothing)
                })
            }
        }
    }

    fn is_for_a_channel(&self) -> bool {
        let channel = mpp::IntentName::channel();
        self.mpp.iter().any(|offer| *offer.intent() == channel)
    }

    /// How many ways to pay it offers.
    pub(crate) fn offers(&self) -> usize {
        let x402 = self.x402.as_ref().map_or(0, |x402| x402.accepts.len());
        x402.saturating_add(self.mpp.len())
    }

    /// The seller's words for what is paid for.
    pub(crate) fn description(&self) -> Option<&str> {
        let x402 = self.x402.as_ref();
        let described = x402.and_then(|x402| x402.resource.description.as_deref());
        described.or_else(|| self.mpp.iter().find_map(mpp::Challenge::description))
    }
}

/// The message of `PAYMENT-REQUIRED`, if there is one.
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

/// Looks for version 1's terms in the body.
async fn spoken_in_body(response: Response) -> Spoken {
    #[derive(serde::Deserialize)]
    struct Terms {
        #[serde(rename = "x402Version")]
        version: u64,
    }
    let body = bounded_body::read(response).await.unwrap_or_default();
    match serde_json::from_slice(&body) {
        Ok(Terms { version: 1 }) => Spoken::X402V1,
        _ => Spoken::Unknown,
    }
}
