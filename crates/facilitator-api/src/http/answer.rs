//! What an answer means. Pure: a status and a body in, an outcome or an error out.
//!
//! A facilitator may put its answer behind a status of failure (the official ones do, with 400,
//! 402 and 500): such a body counts if it is strictly the message that belongs here. A body of
//! success counts behind a status of success only.

use coinslot_x402_wire::{
    PaymentRequirements, ReasonCode, SettleResponse, SupportedResponse, VerifyResponse,
};
use reqwest::StatusCode;

use super::exchange::Answer;
use crate::{FacilitatorError, MalformedAnswer, Settlement};

/// When to ask again for a pending settlement whose facilitator does not say, in seconds.
const RETRY_AFTER: u32 = 5;

/// What an answer says of a settlement.
#[derive(Debug, PartialEq)]
pub(super) enum Settling {
    Known(Settlement),
    /// It says "failed", and a facilitator that keeps no record of outcomes may say so of a
    /// payment that moves after all.
    FailedPerhaps(SettleResponse),
}

/// The answer to `POST /settle` (§7.2).
pub(super) fn settle(
    answer: &Answer,
    requirements: &PaymentRequirements,
) -> Result<Settling, FacilitatorError> {
    let status = answer.status.as_u16();
    let unknown = |what: MalformedAnswer| FacilitatorError::OutcomeUnknown {
        status: Some(status),
        source: Some(what.into()),
    };
    let Ok(response) = SettleResponse::from_json(&answer.body) else {
        return Err(match refused_unread(answer) {
            Some(error) => error,
            None => unknown(MalformedAnswer::Body { status }),
        });
    };
    if response.success {
        if !answer.status.is_success() {
            return Err(unknown(MalformedAnswer::Body { status }));
        }
        return confirmed(response, requirements)
            .map(|response| Settling::Known(Settlement::Confirmed(response)))
            .map_err(unknown);
    }
    match response.error_reason {
        Some(ReasonCode::SettlementPending) => Ok(Settling::Known(Settlement::Pending {
            response,
            retry_after_seconds: answer.retry_after.unwrap_or(RETRY_AFTER).max(1),
        })),
        Some(ReasonCode::LedgerUnavailable) if response.transaction.is_empty() => {
            Err(unavailable(answer))
        }
        Some(ReasonCode::UnexpectedSettleError | ReasonCode::DuplicateSettlement) => {
            Ok(Settling::FailedPerhaps(response))
        }
        _ if !response.transaction.is_empty() => Ok(Settling::FailedPerhaps(response)),
        _ => Ok(Settling::Known(Settlement::Failed(response))),
    }
}

/// A failure that may be none: pending, by the transaction if it is known.
pub(super) fn in_doubt(response: SettleResponse) -> Result<Settlement, FacilitatorError> {
    if response.transaction.is_empty() {
        return Err(FacilitatorError::outcome_unknown(MalformedAnswer::Doubtful));
    }
    Ok(Settlement::Pending {
        response,
        retry_after_seconds: RETRY_AFTER,
    })
}

/// The answer to `POST /verify` (§7.1).
pub(super) fn verify(answer: &Answer) -> Result<VerifyResponse, FacilitatorError> {
    let status = answer.status.as_u16();
    let Ok(response) = VerifyResponse::from_json(&answer.body) else {
        return Err(unusable(answer));
    };
    if response.is_valid {
        if answer.status.is_success() {
            return Ok(response);
        }
        return Err(FacilitatorError::Malformed(MalformedAnswer::Body {
            status,
        }));
    }
    match response.invalid_reason {
        // The facilitator's own trouble is not the payer's fault.
        Some(ReasonCode::UnexpectedVerifyError | ReasonCode::LedgerUnavailable) => {
            Err(unavailable(answer))
        }
        _ => Ok(response),
    }
}

/// The answer to `GET /supported` (§7.3).
pub(super) fn supported(answer: &Answer) -> Result<SupportedResponse, FacilitatorError> {
    if answer.status != StatusCode::OK {
        return Err(unusable(answer));
    }
    SupportedResponse::from_json(&answer.body).map_err(|_| {
        FacilitatorError::Malformed(MalformedAnswer::Body {
            status: answer.status.as_u16(),
        })
    })
}

/// Checks that a settlement is of this payment.
fn confirmed(
    response: SettleResponse,
    requirements: &PaymentRequirements,
) -> Result<SettleResponse, MalformedAnswer> {
    if response.network != requirements.network {
        return Err(MalformedAnswer::Network);
    }
    if response
        .amount
        .is_some_and(|amount| amount != requirements.amount)
    {
        return Err(MalformedAnswer::Amount);
    }
    if response.transaction.is_empty() {
        return Err(MalformedAnswer::NoTransaction);
    }
    Ok(response)
}

/// A status by which the server says that it did not look at the request, or `None`.
fn refused_unread(answer: &Answer) -> Option<FacilitatorError> {
    let status = answer.status;
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Some(FacilitatorError::Unauthorized {
            status: status.as_u16(),
        }),
        StatusCode::NOT_FOUND
        | StatusCode::METHOD_NOT_ALLOWED
        | StatusCode::PAYLOAD_TOO_LARGE
        | StatusCode::UNSUPPORTED_MEDIA_TYPE
        | StatusCode::TOO_MANY_REQUESTS => Some(unavailable(answer)),
        // "See other" comes after the work was done; the other redirects come instead of it.
        _ if status.is_redirection() && status != StatusCode::SEE_OTHER => {
            Some(FacilitatorError::Unavailable {
                status: Some(status.as_u16()),
                retry_after_seconds: answer.retry_after,
                source: Some(
                    MalformedAnswer::Redirect {
                        status: status.as_u16(),
                    }
                    .into(),
                ),
            })
        }
        _ => None,
    }
}

/// An answer without its message, to a question that moves no money.
fn unusable(answer: &Answer) -> FacilitatorError {
    let status = answer.status.as_u16();
    refused_unread(answer).unwrap_or_else(|| {
        if answer.status.is_server_error() {
            unavailable(answer)
        } else {
            FacilitatorError::Malformed(MalformedAnswer::Body { status })
        }
    })
}

fn unavailable(answer: &Answer) -> FacilitatorError {
    FacilitatorError::Unavailable {
        status: Some(answer.status.as_u16()),
        retry_after_seconds: answer.retry_after,
        source: None,
    }
}

#[cfg(test)]
mod tests;
