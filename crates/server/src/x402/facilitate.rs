//! What a facilitator says, translated for the state machine.

use std::sync::Arc;

use coinslot_facilitator_api::{FacilitatorError, Settlement};
use coinslot_x402_wire::{FacilitatorRequest, ReasonCode, SettleResponse};

use crate::Payment;
use crate::credential::{Outcome, Receipt, Verdict};
use crate::event::{Dependency, Event};
use crate::reason::Reason;
use crate::shared::Shared;

/// Asks whether a payment is good.
pub(crate) async fn verify(
    shared: &Shared,
    request: &FacilitatorRequest,
    payment: &Payment,
) -> Verdict {
    let Some(facilitator) = &shared.facilitator else {
        return Verdict::Unavailable;
    };
    let response = match facilitator.verify(request).await {
        Ok(response) => response,
        Err(error) => {
            unavailable(shared, "verify", &error);
            return Verdict::Unavailable;
        }
    };
    if !response.is_valid {
        let code = response
            .invalid_reason
            .unwrap_or(ReasonCode::UnexpectedVerifyError);
        if matches!(
            code,
            ReasonCode::LedgerUnavailable | ReasonCode::UnexpectedVerifyError
        ) {
            // Nobody judged the payment, so the buyer is not to blame.
            tracing::warn!(%code, "the facilitator could not verify");
            shared.emit(&Event::Unavailable {
                what: Dependency::Facilitator,
            });
            return Verdict::Unavailable;
        }
        let sentence = match &response.invalid_message {
            Some(message) => format!("The payment was refused ({code}): {message}"),
            None => format!("The payment was refused ({code})."),
        };
        return Verdict::Refused(Reason::new(code.as_str().to_owned(), sentence));
    }
    // What we identify the payment by must be what the facilitator is going to move.
    if response
        .payer
        .as_deref()
        .is_some_and(|payer| payer != payment.payer)
    {
        tracing::error!(payment = %payment.id, "the facilitator names another payer");
        return Verdict::Refused(Reason::new(
            "invalid_payload",
            "The payment was refused: its payer cannot be told for certain.",
        ));
    }
    Verdict::Valid(None)
}

/// Has a payment settled.
pub(crate) async fn settle(shared: Arc<Shared>, request: Arc<FacilitatorRequest>) -> Outcome {
    let Some(facilitator) = &shared.facilitator else {
        return Outcome::NotSent;
    };
    match facilitator.settle(&request).await {
        Ok(Settlement::Confirmed(response)) => Outcome::Confirmed(Receipt::X402(response)),
        Ok(Settlement::Failed(response)) => match response.error_reason {
            Some(ReasonCode::LedgerUnavailable) => Outcome::NotSent,
            // The facilitator broke down, and nobody knows how far it had come.
            Some(ReasonCode::UnexpectedSettleError) | None => {
                pending(response.transaction, RETRY_SECONDS)
            }
            Some(_) => Outcome::Failed(Receipt::X402(response)),
        },
        Ok(Settlement::Pending {
            response,
            retry_after_seconds,
        }) => pending(response.transaction, retry_after_seconds),
        Err(error) => {
            unavailable(&shared, "settle", &error);
            match error {
                FacilitatorError::Unavailable { .. } | FacilitatorError::Unauthorized { .. } => {
                    Outcome::NotSent
                }
                _ => pending(String::new(), RETRY_SECONDS),
            }
        }
    }
}

fn pending(transaction: String, retry_after_seconds: u32) -> Outcome {
    let transaction = Some(transaction).filter(|hash| !hash.is_empty());
    Outcome::Pending {
        transaction,
        retry_after_seconds,
    }
}

/// Why a settlement failed.
pub(crate) fn failure(response: &SettleResponse) -> Reason {
    let code = response
        .error_reason
        .as_ref()
        .unwrap_or(&ReasonCode::UnexpectedSettleError);
    let sentence = match &response.error_message {
        Some(message) => format!("The payment was not settled ({code}): {message}"),
        None => format!("The payment was not settled ({code}). Nothing was paid."),
    };
    Reason::new(code.as_str().to_owned(), sentence)
}

fn unavailable(shared: &Shared, call: &str, error: &FacilitatorError) {
    let cause = std::error::Error::source(error).map(tracing::field::display);
    tracing::warn!(call, %error, cause, "the facilitator did not answer");
    shared.emit(&Event::Unavailable {
        what: Dependency::Facilitator,
    });
}

const RETRY_SECONDS: u32 = 2;
