//! `Payment-Receipt`: the seller says that a payment was settled.

use coinslot_mpp_wire::Receipt;
use coinslot_soroban_authorization::TransactionHash;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::inspect::moment::Moment;
use crate::inspect::sheet::Sheet;

/// What became of a payment.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExplainedReceipt {
    method: String,
    settled: Moment,
    /// On Stellar the transaction's hash; of a channel the seller's name for the payment.
    reference: String,
    /// Of a payment by a voucher.
    channel: Option<ExplainedStanding>,
    /// The seller's own name for it.
    external_id: Option<String>,
    /// What the protocol does not name.
    extensions: Map<String, Value>,
    problems: Vec<String>,
}

/// How a channel stands after a payment by a voucher.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ExplainedStanding {
    channel: String,
    /// The amount of the highest voucher, in base units.
    accepted: Option<String>,
    /// What was paid for, in base units.
    spent: Option<String>,
    /// The transaction that closed it.
    closed_by: Option<String>,
}

impl ExplainedStanding {
    /// Takes it out of what the protocol does not name.
    fn take(extensions: &mut Map<String, Value>) -> Option<Self> {
        let text = |value: Value| match value {
            Value::String(text) => text,
            value => value.to_string(),
        };
        let channel = extensions.remove("channelId").map(text)?;
        Some(Self {
            channel,
            accepted: extensions.remove("acceptedCumulative").map(text),
            spent: extensions.remove("spent").map(text),
            closed_by: extensions.remove("txHash").map(text),
        })
    }

    fn write(&self, sheet: &mut Sheet) {
        sheet.quote("channel", Some(&self.channel));
        sheet.quote(
            "accepted, all payments together in base units",
            self.accepted.as_deref(),
        );
        sheet.quote("spent, in base units", self.spent.as_deref());
        sheet.quote("closed by transaction", self.closed_by.as_deref());
    }
}

impl ExplainedReceipt {
    pub(crate) fn new(mut receipt: Receipt, now: u64) -> Self {
        let channel = (receipt.method == "stellar")
            .then(|| ExplainedStanding::take(&mut receipt.extensions))
            .flatten();
        let hash: Result<TransactionHash, _> = receipt.reference.parse();
        let problem = hash
            .err()
            .filter(|_| receipt.method == "stellar" && channel.is_none())
            .map(|error| format!("its reference is no transaction's hash: {error}"));
        Self {
            settled: Moment::new(&receipt.timestamp, now),
            method: receipt.method,
            reference: receipt.reference,
            channel,
            external_id: receipt.external_id,
            extensions: receipt.extensions,
            problems: problem.into_iter().collect(),
        }
    }

    pub(crate) fn write(&self, sheet: &mut Sheet) {
        sheet.say("A receipt (Payment-Receipt): the payment was settled, says the seller");
        sheet.quote("method", Some(&self.method));
        let label = match self.method.as_str() {
            "stellar" if self.channel.is_none() => "transaction",
            _ => "reference",
        };
        sheet.quote(label, Some(&self.reference));
        sheet.line("settled", &self.settled);
        sheet.quote("seller's own name for it", self.external_id.as_deref());
        if let Some(channel) = &self.channel {
            channel.write(sheet);
        }
        for (name, value) in &self.extensions {
            sheet.quote("extension", Some(&format!("{name} = {value}")));
        }
        for problem in &self.problems {
            sheet.line("PROBLEM", problem);
        }
    }
}
