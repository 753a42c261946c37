//! Section 2, "Transaction Structure": every term comes from the decoded invocation.

use coinslot_soroban_authorization::{InvocationEnvelope, Transfer};
use coinslot_x402_wire::PaymentPayload;

use super::{Fault, Rules};
use crate::{payload, terms::Terms};

/// "The transaction MUST contain exactly 1 operation of type `invokeHostFunction`."
///
/// A fee bump is refused as malformed: the facilitator wraps transactions, it does not unwrap them.
pub(super) fn must_contain_exactly_one_invoke_host_function(
    payload: &PaymentPayload,
) -> Result<InvocationEnvelope, Fault> {
    let transaction = payload::transaction(&payload.payload).map_err(Fault::Payload)?;
    InvocationEnvelope::from_base64(transaction).map_err(Fault::NotATransfer)
}

/// "The function type MUST be `hostFunctionTypeInvokeContract`. The contract address MUST match
/// `requirements.asset`."
pub(super) fn contract_must_match_the_asset(
    invocation: &InvocationEnvelope,
    terms: &Terms,
) -> Result<(), Fault> {
    let contract = invocation.contract().map_err(Fault::NotATransfer)?;
    if contract == terms.token {
        Ok(())
    } else {
        Err(Fault::WrongAsset)
    }
}

/// The asset is one that this facilitator settles, if it settles only some.
pub(super) fn asset_must_be_allowed(terms: &Terms, rules: &Rules) -> Result<(), Fault> {
    match &rules.assets {
        Some(allowed) if !allowed.contains(&terms.token) => {
            Err(Fault::AssetNotAllowed(terms.token))
        }
        _ => Ok(()),
    }
}

/// "The function name MUST be `"transfer"` with exactly 3 arguments."
pub(super) fn function_must_be_transfer_with_three_arguments(
    invocation: &InvocationEnvelope,
) -> Result<Transfer, Fault> {
    invocation.transfer().map_err(Fault::NotATransfer)
}

/// "Argument 1 (to): MUST equal `requirements.payTo` exactly."
pub(super) fn to_must_equal_pay_to(transfer: &Transfer, terms: &Terms) -> Result<(), Fault> {
    if transfer.to == terms.to {
        Ok(())
    } else {
        Err(Fault::WrongRecipient)
    }
}

/// "Argument 2 (amount): MUST equal `requirements.amount` exactly (as i128)."
pub(super) fn amount_must_equal_the_required(
    transfer: &Transfer,
    terms: &Terms,
) -> Result<(), Fault> {
    if transfer.amount == terms.amount.to_i128() {
        Ok(())
    } else {
        Err(Fault::WrongAmount)
    }
}
