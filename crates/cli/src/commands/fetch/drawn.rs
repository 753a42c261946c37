//! How far a channel is used, after a payment from it or before one.

use coinslot_client::{ChannelUsage, PayingClient, PaymentIdentity, PaymentReceipt};
use serde::Serialize;

use crate::exit::Failure;

/// What was drawn from a channel, as the wallet has it. Amounts are in words, such as `0.001 USDC`, and in base units.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Drawn {
    channel: String,
    /// The voucher of this payment: what was signed away in all.
    voucher: Option<Sum>,
    /// What was spent in all, which is what a close would pay.
    spent: Sum,
    /// What of the deposit is not spent.
    remaining: Option<Sum>,
    deposited: Option<Sum>,
    cap: Sum,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Sum {
    amount: String,
    base_units: String,
}

impl Drawn {
    /// Of the channel that this client has, if it has one.
    pub(super) async fn read(
        client: &PayingClient,
        receipt: Option<&PaymentReceipt>,
    ) -> Result<Option<Self>, Failure> {
        let usage = client.channels().await?;
        Ok(usage.first().map(|usage| Self::of(usage, receipt)))
    }

    fn of(usage: &ChannelUsage, receipt: Option<&PaymentReceipt>) -> Self {
        let unit = usage.spent.unit;
        let sum = |units| Sum {
            amount: unit.amount(units).to_string(),
            base_units: units.to_string(),
        };
        let voucher = receipt.and_then(|receipt| match receipt.identity {
            PaymentIdentity::Voucher { cumulative, .. } => Some(cumulative),
            _ => None,
        });
        let deposited = usage.deposited.map(|deposited| deposited.units);
        let remaining = deposited.and_then(|deposited| deposited.checked_sub(usage.spent.units));
        Self {
            channel: usage.channel.to_string(),
            voucher: voucher.map(sum),
            spent: sum(usage.spent.units),
            remaining: remaining.map(sum),
            deposited: deposited.map(sum),
            cap: sum(usage.cap.units),
        }
    }

    /// Whether this payment came from the channel.
    pub(super) const fn has_paid(&self) -> bool {
        self.voucher.is_some()
    }

    /// In one line.
    pub(super) fn in_words(&self) -> String {
        let Self { channel, spent, .. } = self;
        let remaining = self.remaining.as_ref();
        let remaining =
            remaining.map_or_else(String::new, |left| format!(", {} remain", left.amount));
        format!(
            "channel {channel}: {} spent in all{remaining}",
            spent.amount
        )
    }
}
