//! Why a seller does not want a payment: in headers (x402), or as a problem in the body (MPP, RFC 9457).

use core::fmt;

use coinslot_mpp_wire::{Problem, ProblemKind};
use coinslot_x402_wire::ReasonCode;
use reqwest::Response;

use crate::bounded_body;
use crate::challenge;
use crate::receipt;
use crate::server_text::ServerText;
use crate::terms::Protocol;

/// Why a seller does not want a payment, in its protocol's words.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RefusalReason {
    /// A reason code of x402.
    X402(ReasonCode),
    /// A kind of problem that MPP knows.
    Mpp(ProblemKind),
    /// Another kind of problem, by its URI.
    Problem(ServerText),
}

impl RefusalReason {
    /// Whether a channel's deposit does not cover a voucher.
    pub(crate) fn is_about_the_deposit(&self) -> bool {
        use ProblemKind::{AmountExceedsDeposit, InsufficientBalance};
        matches!(self, Self::Mpp(AmountExceedsDeposit | InsufficientBalance))
    }

    /// Whether a channel is closed, or not there.
    pub(crate) fn is_about_the_close(&self) -> bool {
        use ProblemKind::{ChannelClosed, ChannelNotFound};
        matches!(self, Self::Mpp(ChannelClosed | ChannelNotFound))
    }

    /// Whether another challenge may be all that is wanted.
    pub(crate) fn is_about_the_challenge(&self) -> bool {
        use ProblemKind::{InvalidChallenge, PaymentExpired};
        matches!(self, Self::Mpp(InvalidChallenge | PaymentExpired))
    }
}

impl fmt::Display for RefusalReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::X402(code) => ServerText::new(code.as_str()).fmt(f),
            Self::Mpp(kind) => f.write_str(kind.code()),
            Self::Problem(uri) => uri.fmt(f),
        }
    }
}

/// The reason and the words.
pub(crate) type Refusal = (Option<RefusalReason>, Option<ServerText>);

/// Reads why a payment made by this protocol is refused.
pub(crate) async fn read(response: Response, protocol: Protocol) -> Refusal {
    match protocol {
        Protocol::X402 => in_headers(&response),
        Protocol::Mpp => in_body(response).await,
    }
}

fn in_headers(response: &Response) -> Refusal {
    let settled = receipt::response(response.headers()).ok().flatten();
    let required = challenge::required(response.headers()).ok().flatten();
    let (reason, message) = settled.map_or((None, None), |settled| {
        (settled.error_reason, settled.error_message)
    });
    let message = message.or_else(|| required.and_then(|required| required.error));
    (
        reason.map(RefusalReason::X402),
        message.map(|message| ServerText::new(&message)),
    )
}

async fn in_body(response: Response) -> Refusal {
    let body = bounded_body::read(response).await.unwrap_or_default();
    let Ok(problem) = Problem::from_json(&body) else {
        return (None, None);
    };
    let reason = match problem.kind() {
        Some(kind) => Some(RefusalReason::Mpp(kind)),
        None if problem.type_uri == UNSAID => None,
        None => Some(RefusalReason::Problem(ServerText::new(&problem.type_uri))),
    };
    let words = problem.detail.or(problem.title);
    (reason, words.map(|words| ServerText::new(&words)))
}

/// The reason and the words, as the rest of a sentence.
pub(crate) struct Because<'a>(
    pub(crate) Option<&'a RefusalReason>,
    pub(crate) Option<&'a ServerText>,
);

impl fmt::Display for Because<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(reason) = self.0 {
            write!(f, " ({reason})")?;
        }
        match self.1 {
            Some(message) => write!(f, ", saying {message:?}"),
            None => Ok(()),
        }
    }
}

/// What the payer can do about it, as the rest of a sentence.
pub(crate) struct Advice<'a>(pub(crate) Option<&'a RefusalReason>);

impl fmt::Display for Advice<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Some(reason) if reason.is_about_the_deposit() => {
                "; the deposit is used up: top up the channel"
            }
            Some(reason) if reason.is_about_the_close() => "; open another channel",
            _ => "",
        })
    }
}

/// The type of a problem that says nothing of its type (RFC 9457 §4.2.1).
const UNSAID: &str = "about:blank";
