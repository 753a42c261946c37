//! The receipts of a request that a voucher paid for.

use std::sync::Arc;

use coinslot_mpp_wire::{Receipt, Timestamp};
use coinslot_payment_store::Clock;
use coinslot_settlement::Spent;
use coinslot_stellar_address::ContractId;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::answer::Answer;

/// What all receipts of a request have in common.
#[derive(Clone)]
pub(crate) struct Receipts {
    pub(crate) channel: ContractId,
    pub(crate) challenge_id: String,
    pub(crate) external_id: Option<String>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Receipts {
    /// A receipt that says how far the channel is used, and what the answer came to; `None` at a
    /// time that cannot be written.
    pub(crate) fn of(
        &self,
        spent: Spent,
        units: Option<u64>,
        transaction: Option<&str>,
    ) -> Option<Receipt> {
        let now = Timestamp::from_unix_seconds(self.clock.now().as_seconds()).ok()?;
        let mut receipt = Receipt::new("stellar", self.challenge_id.clone(), now);
        receipt.external_id.clone_from(&self.external_id);
        let said = [
            ("channelId", Some(self.channel.to_string().into())),
            (
                "acceptedCumulative",
                Some(spent.accepted.to_string().into()),
            ),
            ("spent", Some(spent.spent.to_string().into())),
            ("units", units.map(Value::from)),
            ("txHash", transaction.map(Value::from)),
        ];
        for (name, value) in said {
            if let Some(value) = value {
                receipt.extensions.insert(name.to_owned(), value);
            }
        }
        Some(receipt)
    }

    /// The same for another challenge of the same offer.
    pub(crate) fn answering(&self, challenge_id: String) -> Self {
        Self {
            challenge_id,
            ..self.clone()
        }
    }
}

/// What is kept of an answer, to be given again.
#[derive(Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) receipt: Receipt,
    pub(super) answer: Option<Answer>,
}

/// What is kept of an answer that is not given again: its receipt.
pub(crate) fn kept(receipt: Option<Receipt>) -> Vec<u8> {
    let kept = receipt.map(|receipt| Kept {
        receipt,
        answer: None,
    });
    kept.and_then(|kept| serde_json::to_vec(&kept).ok())
        .unwrap_or_default()
}
