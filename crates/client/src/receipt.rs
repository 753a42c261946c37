//! What the answer to a paid request says about the payment: `PAYMENT-RESPONSE` (x402 v2, HTTP transport) or
//! `Payment-Receipt` (MPP, core draft).

use coinslot_caip2_network::ChainId;
use coinslot_mpp_wire::stellar::ChargeRequest;
use coinslot_mpp_wire::{MethodName, PAYMENT_RECEIPT, Receipt};
use coinslot_soroban_authorization::TransactionHash;
use coinslot_x402_wire::{ReasonCode, SettleResponse, header};
use reqwest::header::HeaderMap;
use serde::Serialize;

use crate::amount::Amount;
use crate::identity::PaymentIdentity;
use crate::journal::{Entry, Payment};
use crate::logical_request::RequestId;
use crate::server_text::ServerText;
use crate::terms::{PaymentTerms, Protocol};

/// The record of one payment, in the extensions of the response that it bought.
///
/// What was paid stands in the terms that this client signed; only the transaction's hash is the seller's word.
#[derive(Clone, Debug)]
pub struct PaymentReceipt {
    /// The request that was paid.
    pub request: RequestId,
    /// How much was authorized.
    pub amount: Amount,
    /// The terms that were accepted: protocol, network, asset, payee.
    pub terms: PaymentTerms,
    /// The payer, `G…`, or the channel that was paid from, `C…`.
    pub payer: String,
    /// What tells the payment from the payer's others on the network.
    pub identity: PaymentIdentity,
    /// The seller's own name for the payment (`externalId` of MPP), as its receipt gives it.
    pub external_id: Option<ServerText>,
    /// What the seller says about the settlement.
    pub settlement: Settlement,
}

/// What the seller says about the settlement.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Settlement {
    /// It landed in this transaction.
    Confirmed(TransactionHash),
    /// A channel's voucher was taken. It is settled with the others, when the seller wants.
    Accepted,
    /// There is no receipt.
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
    #[error("the receipt cannot be read")]
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
    /// It is for another method of payment.
    #[error("the receipt is for the payment method {0:?}")]
    Method(ServerText),
    /// It is for another channel or voucher than was sent.
    #[error("the receipt is for another channel, or for less than the voucher that was sent")]
    Voucher,
    /// It names another transaction than the one that was signed.
    #[error("the receipt names {0}, which is not the transaction that was signed")]
    OtherTransaction(TransactionHash),
    /// It gives the payment another name than the challenge did.
    #[error("the receipt is for {0:?}, which is not what the seller called this payment")]
    ExternalId(ServerText),
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
            protocol: self.terms.protocol,
            amount: self.amount.to_string(),
            amount_base_units: self.terms.amount.to_string(),
            asset: self.terms.asset.clone(),
            network: self.terms.network.clone(),
            payer: self.payer.clone(),
            pay_to: self.terms.pay_to.clone(),
            transaction: self.transaction().map(|hash| hash.to_string()),
            external_id: self.external_id.as_ref().map(ToString::to_string),
        }
    }
}

/// A receipt as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReceiptSummary {
    /// How it was paid.
    pub protocol: Protocol,
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
    /// The seller's own name for the payment, when it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
}

/// What the headers of an answer say about this payment.
pub(crate) fn settlement(headers: &HeaderMap, entry: &Entry) -> Settlement {
    let judged = match entry.payment.terms.protocol {
        Protocol::X402 => match response(headers) {
            Ok(response) => response.map(|response| judge_response(&response, &entry.payment)),
            Err(doubt) => Some(Err(doubt)),
        },
        Protocol::Mpp => match receipt(headers) {
            Ok(receipt) => receipt.map(|receipt| judge_receipt(&receipt, entry)),
            Err(doubt) => Some(Err(doubt)),
        },
    };
    match judged {
        None => Settlement::Silent,
        Some(Ok(settlement)) => settlement,
        Some(Err(doubt)) => Settlement::Doubtful(doubt),
    }
}

/// The seller's own name for the payment, as the receipt gives it.
pub(crate) fn external_id(headers: &HeaderMap, payment: &Payment) -> Option<ServerText> {
    match payment.terms.protocol {
        Protocol::X402 => None,
        Protocol::Mpp => receipt(headers)
            .ok()??
            .external_id
            .map(|id| ServerText::new(&id)),
    }
}

/// The message of `PAYMENT-RESPONSE`, if there is one.
pub(crate) fn response(headers: &HeaderMap) -> Result<Option<SettleResponse>, ReceiptDoubt> {
    let text = only(headers, header::PAYMENT_RESPONSE)?;
    let message = text.map(SettleResponse::from_header).transpose();
    message.map_err(|_| ReceiptDoubt::Unreadable)
}

/// The message of `Payment-Receipt`, if there is one.
pub(crate) fn receipt(headers: &HeaderMap) -> Result<Option<Receipt>, ReceiptDoubt> {
    let text = only(headers, PAYMENT_RECEIPT)?;
    let message = text.map(Receipt::from_header).transpose();
    message.map_err(|_| ReceiptDoubt::Unreadable)
}

/// The value of a header that may occur once.
fn only<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h str>, ReceiptDoubt> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    match (value.to_str(), values.next()) {
        (Ok(text), None) => Ok(Some(text)),
        _ => Err(ReceiptDoubt::Unreadable),
    }
}

fn judge_response(
    response: &SettleResponse,
    payment: &Payment,
) -> Result<Settlement, ReceiptDoubt> {
    let terms = &payment.terms;
    if response.network != terms.network {
        return Err(ReceiptDoubt::Network(ServerText::new(
            response.network.as_str(),
        )));
    }
    if let Some(payer) = response
        .payer
        .as_ref()
        .filter(|payer| **payer != payment.payer)
    {
        return Err(ReceiptDoubt::Payer(ServerText::new(payer)));
    }
    if response.amount.is_some_and(|amount| amount != terms.amount) {
        return Err(ReceiptDoubt::Amount);
    }
    if !response.success {
        return Ok(Settlement::Failed(response.error_reason.clone()));
    }
    Ok(Settlement::Confirmed(transaction(&response.transaction)?))
}

fn judge_receipt(receipt: &Receipt, entry: &Entry) -> Result<Settlement, ReceiptDoubt> {
    if receipt.method != MethodName::stellar().as_str() {
        return Err(ReceiptDoubt::Method(ServerText::new(&receipt.method)));
    }
    let hash = transaction(&receipt.reference)?;
    if let PaymentIdentity::Transaction(signed) = entry.parties.identity
        && hash != signed
    {
        return Err(ReceiptDoubt::OtherTransaction(hash));
    }
    let challenge = entry.payment.draft.challenge();
    let asked: Option<ChargeRequest> = challenge.and_then(|asked| asked.request().read().ok());
    if let Some(id) = &receipt.external_id
        && asked.and_then(|asked| asked.external_id).as_ref() != Some(id)
    {
        return Err(ReceiptDoubt::ExternalId(ServerText::new(id)));
    }
    Ok(Settlement::Confirmed(hash))
}

fn transaction(text: &str) -> Result<TransactionHash, ReceiptDoubt> {
    text.parse()
        .map_err(|_| ReceiptDoubt::Transaction(ServerText::new(text)))
}
