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
    /// On Stellar the transaction's hash.
    reference: String,
    /// The seller's own name for it.
    external_id: Option<String>,
    /// What the protocol does not name.
    extensions: Map<String, Value>,
    problems: Vec<String>,
}

impl ExplainedReceipt {
    pub(crate) fn new(receipt: Receipt, now: u64) -> Self {
        let hash: Result<TransactionHash, _> = receipt.reference.parse();
        let problem = hash
            .err()
            .filter(|_| receipt.method == "stellar")
            .map(|error| format!("its reference is no transaction's hash: {error}"));
        Self {
            settled: Moment::new(&receipt.timestamp, now),
            method: receipt.method,
            reference: receipt.reference,
            external_id: receipt.external_id,
            extensions: receipt.extensions,
            problems: problem.into_iter().collect(),
        }
    }

    pub(crate) fn write(&self, sheet: &mut Sheet) {
        sheet.say("A receipt (Payment-Receipt): the payment was settled, says the seller");
        sheet.quote("method", Some(&self.method));
        let label = match self.method.as_str() {
            "stellar" => "transaction",
            _ => "reference",
        };
        sheet.quote(label, Some(&self.reference));
        sheet.line("settled", &self.settled);
        sheet.quote("seller's own name for it", self.external_id.as_deref());
        for (name, value) in &self.extensions {
            sheet.quote("extension", Some(&format!("{name} = {value}")));
        }
        for problem in &self.problems {
            sheet.line("PROBLEM", problem);
        }
    }
}
