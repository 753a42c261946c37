//! The three messages of x402 version 2.

use coinslot_caip2_network::StellarNetwork;
use coinslot_soroban_authorization::Envelope;
use coinslot_stellar_address::AccountId;
use coinslot_x402_exact_stellar::{ExactPayload, SCHEME, plan};
use coinslot_x402_wire::{
    HeaderError, JsonError, PaymentPayload, PaymentRequired, PaymentRequirements, SettleResponse,
};
use serde::Serialize;

use super::Explanation;
use super::money::Money;
use super::sheet::Sheet;
use super::transaction::{self, ExplainedTransaction};

/// Which message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Message {
    Required,
    Signature,
    Response,
}

impl Message {
    /// The header's name, as it is written in documents.
    pub(crate) fn header(self) -> &'static str {
        match self {
            Self::Required => "PAYMENT-REQUIRED",
            Self::Signature => "PAYMENT-SIGNATURE",
            Self::Response => "PAYMENT-RESPONSE",
        }
    }
}

/// What a seller asks for.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExplainedTerms {
    resource: String,
    description: Option<String>,
    error: Option<String>,
    offers: Vec<ExplainedOffer>,
    extensions: Vec<String>,
}

/// One way to pay.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExplainedOffer {
    scheme: String,
    network: String,
    amount: Money,
    pay_to: String,
    max_timeout_seconds: u64,
    /// Why it cannot be paid on Stellar, when it is meant to be.
    problem: Option<String>,
}

/// A payment.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExplainedPayment {
    resource: Option<String>,
    accepted: ExplainedOffer,
    transaction: Option<ExplainedTransaction>,
    /// What is wrong with it.
    problems: Vec<String>,
    extensions: Vec<String>,
}

/// What became of a payment.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExplainedReceipt {
    success: bool,
    reason: Option<String>,
    message: Option<String>,
    payer: Option<String>,
    transaction: Option<String>,
    network: String,
    amount: Option<String>,
}

/// Reads a header's value.
pub(crate) fn explain_header(message: Message, value: &str) -> Result<Explanation, HeaderError> {
    match message {
        Message::Required => PaymentRequired::from_header(value).map(required),
        Message::Signature => PaymentPayload::from_header(value).map(|message| signature(&message)),
        Message::Response => SettleResponse::from_header(value).map(response),
    }
}

/// Reads the JSON in a header's value.
pub(crate) fn explain_json(message: Message, json: &[u8]) -> Result<Explanation, JsonError> {
    match message {
        Message::Required => PaymentRequired::from_json(json).map(required),
        Message::Signature => PaymentPayload::from_json(json).map(|message| signature(&message)),
        Message::Response => SettleResponse::from_json(json).map(response),
    }
}

fn required(message: PaymentRequired) -> Explanation {
    let extensions = message
        .extensions
        .iter()
        .flat_map(|extensions| extensions.as_object().keys());
    Explanation::PaymentRequired(Box::new(ExplainedTerms {
        extensions: extensions.cloned().collect(),
        offers: message.accepts.iter().map(offer).collect(),
        resource: message.resource.url,
        description: message.resource.description,
        error: message.error,
    }))
}

fn offer(terms: &PaymentRequirements) -> ExplainedOffer {
    let ours = terms.scheme == SCHEME && StellarNetwork::try_from(terms.network.as_ref()).is_ok();
    let problem = ours
        .then(|| plan(terms, AccountId::ALL_ZEROS).err())
        .flatten();
    ExplainedOffer {
        scheme: terms.scheme.clone(),
        network: terms.network.to_string(),
        amount: Money::new(terms.amount, &terms.asset),
        pay_to: terms.pay_to.clone(),
        max_timeout_seconds: terms.max_timeout_seconds,
        problem: problem.map(|problem| problem.to_string()),
    }
}

fn signature(message: &PaymentPayload) -> Explanation {
    let mut problems = Vec::new();
    let transaction = match transaction_in(message) {
        Ok(transaction) => {
            let accepted = &message.accepted;
            let amount = Money::new(accepted.amount, &accepted.asset);
            problems.extend(transaction.contradictions(&accepted.pay_to, &amount, "was accepted"));
            Some(transaction)
        }
        Err(problem) => {
            problems.push(problem);
            None
        }
    };
    let extensions = message
        .extensions
        .iter()
        .flat_map(|extensions| extensions.as_object().keys());
    Explanation::PaymentSignature(Box::new(ExplainedPayment {
        resource: message
            .resource
            .as_ref()
            .map(|resource| resource.url.clone()),
        accepted: offer(&message.accepted),
        transaction,
        problems,
        extensions: extensions.cloned().collect(),
    }))
}

/// The transaction of a payment by the scheme `exact` on Stellar.
fn transaction_in(message: &PaymentPayload) -> Result<ExplainedTransaction, String> {
    if message.accepted.scheme != SCHEME || message.accepted.network.namespace() != "stellar" {
        return Err(
            "it is not a payment by the scheme exact on Stellar, so its payload is not explained"
                .to_owned(),
        );
    }
    let payload = ExactPayload::from_map(&message.payload).map_err(|error| error.to_string())?;
    let envelope = Envelope::from_base64(&payload.transaction);
    envelope
        .map(|envelope| transaction::explain(&envelope))
        .map_err(|error| format!("its transaction cannot be decoded: {error}"))
}

fn response(message: SettleResponse) -> Explanation {
    Explanation::PaymentResponse(Box::new(ExplainedReceipt {
        success: message.success,
        reason: message
            .error_reason
            .map(|reason| reason.as_str().to_owned()),
        message: message.error_message,
        payer: message.payer,
        transaction: Some(message.transaction).filter(|transaction| !transaction.is_empty()),
        network: message.network.to_string(),
        amount: message.amount.map(|amount| amount.to_string()),
    }))
}

impl ExplainedTerms {
    pub(crate) fn write(&self, sheet: &mut Sheet) {
        sheet.say("A seller asks for a payment (PAYMENT-REQUIRED)");
        sheet.quote("resource", Some(&self.resource));
        sheet.quote("description", self.description.as_deref());
        sheet.quote("the seller says", self.error.as_deref());
        for (number, offer) in (1..).zip(&self.offers) {
            sheet.block(format_args!("offer {number}"), |sheet| offer.write(sheet));
        }
        write_extensions(&self.extensions, sheet);
    }
}

impl ExplainedOffer {
    fn write(&self, sheet: &mut Sheet) {
        sheet.quote("scheme", Some(&self.scheme));
        sheet.line("network", &self.network);
        sheet.line("amount", &self.amount);
        sheet.quote("to", Some(&self.pay_to));
        sheet.line(
            "to be settled within",
            format_args!("{} seconds", self.max_timeout_seconds),
        );
        sheet.maybe("PROBLEM", self.problem.as_ref());
    }
}

impl ExplainedPayment {
    pub(crate) fn write(&self, sheet: &mut Sheet) {
        sheet.say("A payment (PAYMENT-SIGNATURE)");
        sheet.quote("resource", self.resource.as_deref());
        sheet.block("accepted offer", |sheet| self.accepted.write(sheet));
        if let Some(transaction) = &self.transaction {
            transaction.write(sheet);
        }
        for problem in &self.problems {
            sheet.line("PROBLEM", problem);
        }
        write_extensions(&self.extensions, sheet);
    }
}

impl ExplainedReceipt {
    pub(crate) fn write(&self, sheet: &mut Sheet) {
        sheet.say(match self.success {
            true => "A receipt (PAYMENT-RESPONSE): the payment was settled, says the seller",
            false => "A receipt (PAYMENT-RESPONSE): the payment was not settled",
        });
        sheet.quote("reason", self.reason.as_deref());
        sheet.quote("the seller says", self.message.as_deref());
        sheet.quote("transaction", self.transaction.as_deref());
        sheet.line("network", &self.network);
        sheet.quote("payer", self.payer.as_deref());
        sheet.maybe("amount in base units", self.amount.as_ref());
    }
}

fn write_extensions(names: &[String], sheet: &mut Sheet) {
    for name in names {
        sheet.quote("extension", Some(name));
    }
}
