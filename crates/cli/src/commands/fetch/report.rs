//! What a fetch found, for people and for machines.

use std::path::Path;

use coinslot_client::{PaymentReceipt, Preview};
use serde::Serialize;
use serde_json::{Value, json};

use super::drawn::Drawn;
use crate::arguments::Fetch;
use crate::exit::{Failure, Kind};
use crate::output::Output;

/// The answer that was fetched.
#[derive(Debug)]
pub(super) struct Answer {
    status: http::StatusCode,
    content_type: Option<String>,
    body: bytes::Bytes,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    status: u16,
    content_type: Option<&'a str>,
    /// The body: as JSON when it is, else as text, else in base64.
    body: Value,
    payment: Option<coinslot_client::ReceiptSummary>,
    /// With --channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<&'a Drawn>,
}

/// Whether a file can be written, without touching what is in it.
pub(super) fn require_writable(path: &Path) -> Result<(), Failure> {
    let mut options = std::fs::OpenOptions::new();
    match options.append(true).create(true).open(path) {
        Ok(_) => Ok(()),
        Err(error) => Err(cannot_write(Kind::Usage, path, &error)),
    }
}

fn cannot_write(kind: Kind, path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(
        kind,
        format!("{} cannot be written: {error}", path.display()),
    )
}

/// A dry run fails where the real one would for its budget.
pub(super) fn would_be_paid(preview: &Preview) -> Result<(), Failure> {
    match preview {
        Preview::Priced(payment) if payment.would_pay.is_none() => Err(Failure::new(
            Kind::Policy,
            "nothing would be paid: no offer is one that your budget and this client take",
        )),
        _ => Ok(()),
    }
}

impl Answer {
    pub(super) async fn read(response: reqwest::Response) -> Result<Self, Failure> {
        let status = response.status();
        let content_type = response
            .headers()
            .get(http::header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
        let body = response
            .bytes()
            .await
            .map_err(|error| Failure::http(&error.into()))?;
        Ok(Self {
            status,
            content_type,
            body,
        })
    }

    pub(super) fn print(
        &self,
        arguments: &Fetch,
        receipt: Option<&PaymentReceipt>,
        drawn: Option<&Drawn>,
        output: Output,
    ) -> Result<(), Failure> {
        if let Some(path) = &arguments.output {
            std::fs::write(path, &self.body)
                .map_err(|error| cannot_write(Kind::Unexpected, path, &error))?;
        }
        if output.is_json() {
            let document = self.document(receipt, drawn, arguments.output.is_some());
            output.result("", &document)?;
        } else if arguments.output.is_none() {
            output.raw(&self.body)?;
        }
        if self.status.is_success() {
            return Ok(());
        }
        Err(Failure::new(
            Kind::HttpStatus,
            format!("the server answered {}", self.status),
        ))
    }

    fn document<'a>(
        &'a self,
        receipt: Option<&PaymentReceipt>,
        channel: Option<&'a Drawn>,
        written: bool,
    ) -> Document<'a> {
        Document {
            status: self.status.as_u16(),
            content_type: self.content_type.as_deref(),
            body: if written {
                Value::Null
            } else {
                self.body_value()
            },
            payment: receipt.map(PaymentReceipt::summary),
            channel,
        }
    }

    fn body_value(&self) -> Value {
        if let Ok(value) = serde_json::from_slice(&self.body) {
            return value;
        }
        match std::str::from_utf8(&self.body) {
            Ok(text) => text.into(),
            Err(_) => {
                use base64::Engine as _;
                json!({ "base64": base64::engine::general_purpose::STANDARD.encode(&self.body) })
            }
        }
    }
}

/// A dry run as JSON.
pub(super) fn preview(preview: &Preview, channel: Option<&Drawn>) -> Value {
    let mut document = outcome(preview);
    if let Some(channel) = channel {
        document["channel"] = json!(channel);
    }
    document
}

fn outcome(preview: &Preview) -> Value {
    let summary = preview.to_string();
    match preview {
        Preview::NotPriced { status } => {
            json!({ "outcome": "not-priced", "status": status.as_u16(), "summary": summary })
        }
        Preview::AlreadyPaid { amount } => {
            json!({ "outcome": "already-paid", "amount": amount.to_string(), "summary": summary })
        }
        Preview::Priced(priced) => json!({
            "outcome": if priced.would_pay.as_ref().is_some_and(|pay| pay.over_cap.is_none()) { "would-pay" } else { "would-not-pay" },
            "summary": summary,
            "wouldPay": priced.would_pay.as_ref().map(|pay| json!({
                "protocol": pay.terms.protocol,
                "scheme": pay.terms.scheme,
                "amount": pay.amount.to_string(),
                "amountBaseUnits": pay.terms.amount.to_string(),
                "asset": pay.terms.asset,
                "network": pay.terms.network.as_str(),
                "payTo": pay.terms.pay_to,
                "overCap": pay.over_cap.as_ref().map(ToString::to_string),
            })),
            "offers": priced.offers.iter().map(|offer| json!({
                "protocol": offer.protocol,
                "scheme": offer.scheme.as_str(),
                "network": offer.terms.as_ref().map(|terms| terms.network.as_str()),
                "amountBaseUnits": offer.terms.as_ref().map(|terms| terms.amount.to_string()),
                "asset": offer.terms.as_ref().map(|terms| &terms.asset),
                "payTo": offer.terms.as_ref().map(|terms| &terms.pay_to),
                "refused": offer.verdict.as_ref().err().map(ToString::to_string),
            })).collect::<Vec<_>>(),
        }),
        _ => json!({ "outcome": "unknown", "summary": summary }),
    }
}
