//! How far a channel is used, after a payment from it or before one.

use coinslot_client::{
    ChannelUsage, PayingClient, PaymentIdentity, PaymentPreview, PaymentReceipt, Preview,
};
use serde::Serialize;

use super::progress::NOT_TAKEN;
use crate::exit::Failure;

/// What was drawn from a channel, as the wallet has it. Amounts are in words, such as `0.001 USDC`, and in base units.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Drawn {
    channel: String,
    /// The voucher of this payment: what was signed away in all.
    voucher: Option<Sum>,
    /// Why something else pays.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_used: Option<String>,
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
        not_used: Option<&str>,
    ) -> Result<Option<Self>, Failure> {
        let usage = client.channels().await?;
        Ok(usage.first().map(|usage| Self {
            not_used: receipt.and(not_used).map(str::to_owned),
            ..Self::of(usage, receipt)
        }))
    }

    /// The same before a payment.
    pub(super) async fn foresee(
        client: &PayingClient,
        preview: &Preview,
    ) -> Result<Option<Self>, Failure> {
        let usage = client.channels().await?;
        Ok(usage.first().map(|usage| Self {
            not_used: match preview {
                Preview::Priced(priced) => passed_by(priced, usage.is_closed),
                _ => None,
            },
            ..Self::of(usage, None)
        }))
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
            not_used: None,
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
        let used = format!(
            "channel {channel}: {} spent in all{remaining}",
            spent.amount
        );
        match &self.not_used {
            Some(why) => format!("{why}\n{used}"),
            None => used,
        }
    }
}

/// Why something else than the channel would pay, if it would.
fn passed_by(priced: &PaymentPreview, is_closed: bool) -> Option<String> {
    let would_pay = priced.would_pay.as_ref()?;
    if would_pay.terms.scheme == BY_CHANNEL {
        return None;
    }
    if is_closed {
        return Some("the channel does not pay: it is closed, or its close was asked for".into());
    }
    let mut offers = priced.offers.iter();
    let refused = offers.find(|offer| offer.scheme.as_str() == BY_CHANNEL);
    let why = refused.and_then(|offer| offer.verdict.as_ref().err());
    Some(why.map_or_else(
        || NOT_TAKEN.to_owned(),
        |why| format!("the channel does not pay: {why}"),
    ))
}

/// What an offer to be paid from a channel is called.
const BY_CHANNEL: &str = "stellar/channel";
