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

/// The type of a problem that says nothing of its type (RFC 9457 §4.2.1).
const UNSAID: &str = "about:blank";
