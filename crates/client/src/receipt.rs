//! What the answer to a paid request says about the payment: `PAYMENT-RESPONSE` (x402 v2, HTTP transport).

use coinslot_caip2_network::ChainId;
use coinslot_soroban_authorization::TransactionHash;
use coinslot_x402_wire::{PaymentRequirements, ReasonCode, SettleResponse, header};
use reqwest::header::HeaderMap;
use serde::Serialize;

use crate::amount::Amount;
use crate::journal::Payment;
use crate::logical_request::RequestId;
use crate::server_text::ServerText;

/// The record of one payment, in the extensions of the response that it bought.
///
/// What was paid stands in the terms that this client signed; only the transaction's hash is the seller's word.
#[derive(Clone, Debug)]
pub struct PaymentReceipt {
    /// The request that was paid.
    pub request: RequestId,
    /// How much was authorized.
    pub amount: Amount,
    /// The terms that were accepted: network, asset, payee.
    pub terms: PaymentRequirements,
    /// The payer, `G…`.
    pub payer: String,
    /// The nonce of the authorization; with the payer it identifies the payment on the network.
    pub nonce: i64,
    /// What the seller says about the settlement.
    pub settlement: Settlement,
}

/// What the seller says about the settlement.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Settlement {
    /// It landed in this transaction.
    Confirmed(TransactionHash),
    /// There is no `PAYMENT-RESPONSE` header.
    Silent,
    /// The header says that the payment failed, although the answer was given.
    Failed(Option<ReasonCode>),
    /// The header cannot be read, or contradicts what was signed.
    Doubtful(ReceiptDoubt),
}

/// Why the seller's word about the settlement is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiptDoubt {
    /// The header does not decode, or is there more than once.
    #[error("the PAYMENT-RESPONSE header cannot be read")]
    Unreadable,
    /// It names another network than the one that was paid on.
    #[error("the receipt is for the network {0}")]
    Network(ServerText),
    /// It names another payer.
    #[error("the receipt is for the payer {0}")]
    Payer(ServerText),
    /// It names another amount.
    #[error("the receipt is for another amount than was signed")]
    Amount,
    /// It names no transaction of Stellar.
    #[error("the receipt's transaction {0:?} is not the hash of a Stellar transaction")]
    Transaction(ServerText),
}

impl PaymentReceipt {
    /// The transaction, when the seller named one and contradicts nothing that was signed.
    #[must_use]
    pub fn transaction(&self) -> Option<TransactionHash> {
        match &self.settlement {
            Settlement::Confirmed(hash) => Some(*hash),
            _ => None,
        }
    }

    /// The receipt in a form to keep or to print.
    #[must_use]
    pub fn summary(&self) -> ReceiptSummary {
        ReceiptSummary {
            amount: self.amount.to_string(),
            amount_base_units: self.terms.amount.to_string(),
            asset: self.terms.asset.clone(),
            network: self.terms.network.clone(),
            payer: self.payer.clone(),
            pay_to: self.terms.pay_to.clone(),
            transaction: self.transaction().map(|hash| hash.to_string()),
        }
    }
}

/// A receipt as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReceiptSummary {
    /// In words, such as `0.001 USDC`.
    pub amount: String,
    /// In base units.
    pub amount_base_units: String,
    /// The token's contract.
    pub asset: String,
    /// The network's CAIP-2 id.
    pub network: ChainId,
    /// Who paid.
    pub payer: String,
    /// Who was paid.
    pub pay_to: String,
    /// The transaction's hash, when the seller named a credible one.
    pub transaction: Option<String>,
}

/// What the headers of an answer say about this payment.
pub(crate) fn settlement(headers: &HeaderMap, payment: &Payment) -> Settlement {
    match response(headers) {
        Ok(None) => Settlement::Silent,
        Ok(Some(response)) => judge(&response, payment),
        Err(doubt) => Settlement::Doubtful(doubt),
    }
}

/// The header's message, if there is one.
pub(crate) fn response(headers: &HeaderMap) -> Result<Option<SettleResponse>, ReceiptDoubt> {
    let mut values = headers.get_all(header::PAYMENT_RESPONSE).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(ReceiptDoubt::Unreadable);
    }
    let text = value.to_str().map_err(|_| ReceiptDoubt::Unreadable)?;
    SettleResponse::from_header(text)
        .map(Some)
        .map_err(|_| ReceiptDoubt::Unreadable)
}

fn judge(response: &SettleResponse, payment: &Payment) -> Settlement {
    let terms = payment.accepted();
    if response.network != terms.network {
        return Settlement::Doubtful(ReceiptDoubt::Network(ServerText::new(
            response.network.as_str(),
        )));
    }
    if let Some(payer) = response
        .payer
        .as_ref()
        .filter(|payer| **payer != payment.payer)
    {
        return Settlement::Doubtful(ReceiptDoubt::Payer(ServerText::new(payer)));
    }
    if response.amount.is_some_and(|amount| amount != terms.amount) {
        return Settlement::Doubtful(ReceiptDoubt::Amount);
    }
    if !response.success {
        return Settlement::Failed(response.error_reason.clone());
    }
    match response.transaction.parse() {
        Ok(hash) => Settlement::Confirmed(hash),
        Err(_) => Settlement::Doubtful(ReceiptDoubt::Transaction(ServerText::new(
            &response.transaction,
        ))),
    }
}
