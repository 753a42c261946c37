//! What those who wait for a settlement are told, in our words and on the wire.

use coinslot_facilitator_api::{FacilitatorError, Settlement};
use coinslot_soroban_authorization::TransactionHash;
use coinslot_stellar_address::Address;
use coinslot_usdc_amount::BaseUnits;
use coinslot_x402_exact_stellar::Refusal;
use coinslot_x402_wire::{FacilitatorRequest, ReasonCode, SettleResponse, VerifyResponse};

use crate::Outage;
use crate::record::{Outcome, Terms};

/// The end of a settlement, as those who wait for it are told.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// It is durable in the claim.
    Outcome(Outcome),
    /// Nothing was broadcast, and the claim is gone.
    Refused(Refusal),
    /// Something was broadcast, and what becomes of the payment is not known.
    Pending,
    /// Nothing was broadcast, and the claim is gone.
    Unavailable(Outage),
}

/// What who asks for a settlement is told.
#[derive(Clone, Debug)]
pub(crate) enum Told {
    /// How it ended.
    Outcome(Outcome),
    /// Nothing was broadcast, and this is why.
    Refused(Refusal),
    /// What becomes of it is not known yet. Under this hash it may be found.
    Pending {
        transaction: Option<TransactionHash>,
    },
}

/// The wire form of what is told of a payment with these terms.
pub(crate) fn settlement(
    request: &FacilitatorRequest,
    terms: &Terms,
    told: &Told,
    retry_after_seconds: u32,
) -> Settlement {
    let mut response = response(request, Some(&terms.from));
    match told {
        Told::Outcome(Outcome::Confirmed { transaction, .. }) => {
            response.success = true;
            response.transaction = transaction.to_string();
            response.amount = u128::try_from(terms.amount)
                .ok()
                .and_then(|amount| BaseUnits::new(amount).ok());
            Settlement::Confirmed(response)
        }
        Told::Outcome(Outcome::Failed {
            reason,
            message,
            transaction,
        }) => {
            response.error_reason = Some(reason.clone());
            response.error_message = Some(message.clone());
            response.transaction = text(*transaction);
            Settlement::Failed(response)
        }
        Told::Refused(refusal) => refused(request, refusal),
        Told::Pending { transaction } => {
            response.error_reason = Some(ReasonCode::SettlementPending);
            response.error_message = Some(PENDING.to_owned());
            response.transaction = text(*transaction);
            Settlement::Pending {
                response,
                retry_after_seconds,
            }
        }
    }
}

/// The wire form of a refusal to settle.
pub(crate) fn refused(request: &FacilitatorRequest, refusal: &Refusal) -> Settlement {
    let mut response = response(request, refusal.payer.as_ref());
    response.error_reason = Some(refusal.reason.clone());
    response.error_message = Some(refusal.detail.to_string());
    Settlement::Failed(response)
}

/// The wire form of a refusal to verify.
pub(crate) fn invalid(refusal: &Refusal) -> VerifyResponse {
    VerifyResponse {
        is_valid: false,
        invalid_reason: Some(refusal.reason.clone()),
        invalid_message: Some(refusal.detail.to_string()),
        payer: refusal.payer.as_ref().map(ToString::to_string),
    }
}

/// The error of an outage before anything was broadcast.
pub(crate) fn unavailable(outage: Outage, retry_after_seconds: u32) -> FacilitatorError {
    FacilitatorError::Unavailable {
        status: None,
        retry_after_seconds: Some(retry_after_seconds),
        source: Some(Box::new(outage)),
    }
}

fn response(request: &FacilitatorRequest, payer: Option<&Address>) -> SettleResponse {
    SettleResponse {
        success: false,
        error_reason: None,
        error_message: None,
        payer: payer.map(ToString::to_string),
        transaction: String::new(),
        network: request.payment_requirements.network.clone(),
        amount: None,
        extensions: None,
    }
}

/// The specification writes a missing transaction as an empty text.
fn text(transaction: Option<TransactionHash>) -> String {
    transaction.map(|hash| hash.to_string()).unwrap_or_default()
}

const PENDING: &str =
    "the payment is being settled; send the same request again and do not pay again";
