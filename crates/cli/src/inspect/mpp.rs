//! The messages of the Machine Payments Protocol.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use coinslot_mpp_wire::{Challenge, Credential, HeaderError, Problem, Receipt};

use super::header::WWW_AUTHENTICATE;
use super::{Explanation, InspectError};

pub(crate) use self::challenge::ExplainedChallenges;
pub(crate) use self::credential::ExplainedCredential;
pub(crate) use self::problem::ExplainedProblem;
pub(crate) use self::receipt::ExplainedReceipt;

mod challenge;
mod credential;
mod payload;
mod problem;
mod receipt;
mod request;
#[cfg(test)]
mod tests;
mod voucher;

/// Which message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Message {
    Challenge,
    Credential,
    Receipt,
    Problem,
}

impl Message {
    /// What it is called.
    fn as_str(self) -> &'static str {
        match self {
            Self::Challenge => "challenge (WWW-Authenticate: Payment)",
            Self::Credential => "credential (Authorization: Payment)",
            Self::Receipt => "receipt (Payment-Receipt)",
            Self::Problem => "problem (application/problem+json)",
        }
    }
}

/// Whether this begins with the scheme, or holds challenges of it behind another one.
pub(crate) fn looks_like_one(input: &str) -> bool {
    let scheme = input.split_ascii_whitespace().next().unwrap_or_default();
    scheme.eq_ignore_ascii_case(coinslot_mpp_wire::SCHEME)
        || input.contains(',') && Challenge::from_header(input).is_ok()
}

/// A value without its header's name: a credential is the scheme and one word, a challenge has parameters.
pub(crate) fn explain_unnamed(value: &str, now: u64) -> Result<Explanation, InspectError> {
    let message = if value.contains('"') || Challenge::from_header(value).is_ok() {
        Message::Challenge
    } else {
        Message::Credential
    };
    explain_header(message, value, now)
}

pub(crate) fn explain_header(
    message: Message,
    value: &str,
    now: u64,
) -> Result<Explanation, InspectError> {
    let explained = match message {
        Message::Challenge => Challenge::from_headers(lines(value))
            .map(|challenges| ExplainedChallenges::new(&challenges, now))
            .map(Explanation::MppChallenges),
        Message::Credential => Credential::from_header(value)
            .map(|credential| ExplainedCredential::new(&credential, now))
            .map(|credential| Explanation::MppCredential(Box::new(credential))),
        Message::Receipt => Receipt::from_header(value)
            .map(|receipt| ExplainedReceipt::new(receipt, now))
            .map(|receipt| Explanation::MppReceipt(Box::new(receipt))),
        Message::Problem => return explain_json(message, value, now),
    };
    explained.map_err(|source: HeaderError| InspectError::Mpp {
        message: message.as_str(),
        source: Box::new(source),
    })
}

/// The JSON inside a header's value, or a problem.
pub(crate) fn explain_json(
    message: Message,
    text: &str,
    now: u64,
) -> Result<Explanation, InspectError> {
    let encoded = || URL_SAFE_NO_PAD.encode(text);
    match message {
        Message::Problem => Problem::from_json(text.as_bytes())
            .map(ExplainedProblem::new)
            .map(|problem| Explanation::MppProblem(Box::new(problem)))
            .map_err(|source| InspectError::Mpp {
                message: message.as_str(),
                source: Box::new(source),
            }),
        Message::Credential => explain_header(message, &format!("Payment {}", encoded()), now),
        Message::Receipt | Message::Challenge => explain_header(message, &encoded(), now),
    }
}

/// The values of one header that was sent in several lines, each with or without its name.
fn lines(value: &str) -> impl Iterator<Item = &str> {
    value.lines().map(|line| match line.split_once(':') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case(WWW_AUTHENTICATE) => value.trim(),
        _ => line.trim(),
    })
}
