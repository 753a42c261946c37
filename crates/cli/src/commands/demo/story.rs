//! What happened, for people and for machines.

use std::fmt;
use std::time::{Duration, Instant};

use coinslot_client::{PaymentReceipt, ReceiptSummary};
use coinslot_usdc_amount::{BaseUnits, Decimals};
use serde::Serialize;

use super::channel::ChannelStory;
use super::parts::{Balances, Parts};
use super::seller::VOUCHER_UNITS;
use super::way::Way;
use crate::exit::{Failure, Kind};

/// One purchase.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Purchase {
    way: Way,
    weather: serde_json::Value,
    receipt: ReceiptSummary,
    milliseconds: f64,
}

/// The whole story.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Story {
    buyer: String,
    second_buyer: String,
    seller: String,
    before: Balances,
    after: Balances,
    /// Paid by the sponsor.
    network_fees_stroops: i64,
    /// Paid by the second buyer.
    second_buyer_fees_stroops: i64,
    purchases: Vec<Purchase>,
    channel: ChannelStory,
    seconds: f64,
}

impl Purchase {
    pub(super) async fn read(
        way: Way,
        response: reqwest::Response,
        start: Instant,
    ) -> Result<Self, Failure> {
        let status = response.status();
        let receipt = response
            .extensions()
            .get::<PaymentReceipt>()
            .map(PaymentReceipt::summary);
        let body = response
            .bytes()
            .await
            .map_err(|error| Failure::http(&error.into()))?;
        let milliseconds = start.elapsed().div_duration_f64(Duration::from_millis(1));
        match receipt {
            Some(receipt) if status.is_success() => Ok(Self {
                way,
                weather: serde_json::from_slice(&body).map_err(|error| Failure::encode(&error))?,
                receipt,
                milliseconds,
            }),
            _ => Err(Failure::new(
                Kind::HttpStatus,
                format!("the seller answered {status} without a receipt"),
            )),
        }
    }

    pub(super) fn report(&self) -> &serde_json::Value {
        &self.weather
    }

    pub(super) fn amount(&self) -> &str {
        &self.receipt.amount
    }

    pub(super) fn transaction(&self) -> &str {
        self.receipt.transaction.as_deref().unwrap_or("unknown")
    }

    pub(super) fn milliseconds(&self) -> f64 {
        self.milliseconds
    }

    fn paid(&self) -> Option<BaseUnits> {
        self.receipt.amount_base_units.parse().ok()
    }
}

impl Story {
    pub(super) fn new(
        parts: &Parts,
        (before, after): (Balances, Balances),
        purchases: Vec<Purchase>,
        channel: ChannelStory,
        took: Duration,
    ) -> Self {
        Self {
            buyer: parts.buyer().to_string(),
            second_buyer: parts.second_buyer().to_string(),
            seller: parts.seller().to_string(),
            second_buyer_fees_stroops: before
                .second_buyer_stroops
                .saturating_sub(after.second_buyer_stroops),
            network_fees_stroops: before.sponsor_stroops.saturating_sub(after.sponsor_stroops),
            before,
            after,
            purchases,
            channel,
            seconds: took.as_secs_f64(),
        }
    }

    /// The balances must add up to the unit: what the buyers lost is what the seller got and what the receipts say, and the XLM of the
    /// first buyer did not move.
    pub(super) fn check(&self) -> Result<(), Failure> {
        let (before, after) = (&self.before, &self.after);
        let first = before.buyer_usdc.checked_sub(after.buyer_usdc);
        let second = before
            .second_buyer_usdc
            .checked_sub(after.second_buyer_usdc);
        let lost = first
            .zip(second)
            .and_then(|(first, second)| first.checked_add(second));
        let got = after.seller_usdc.checked_sub(before.seller_usdc);
        let receipts = self
            .purchases
            .iter()
            .try_fold(BaseUnits::ZERO, |sum, purchase| {
                sum.checked_add(purchase.paid()?)
            });
        if lost.is_some()
            && lost == got
            && lost == receipts
            && before.buyer_stroops == after.buyer_stroops
            && self.second_buyer_fees_stroops > 0
            && self.channel.adds_up(VOUCHER_UNITS)
        {
            return Ok(());
        }
        Err(Failure::new(
            Kind::Unexpected,
            "the balances do not add up: please report this with the output above",
        ))
    }
}

impl fmt::Display for Story {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (before, after) = (&self.before, &self.after);
        writeln!(f)?;
        writeln!(f, "{:<22}{:>16}{:>16}", "", "before", "after")?;
        let rows = [
            (
                "buyer, USDC",
                usdc(before.buyer_usdc),
                usdc(after.buyer_usdc),
            ),
            (
                "buyer, XLM",
                xlm(before.buyer_stroops),
                xlm(after.buyer_stroops),
            ),
            (
                "second buyer, USDC",
                usdc(before.second_buyer_usdc),
                usdc(after.second_buyer_usdc),
            ),
            (
                "second buyer, XLM",
                xlm(before.second_buyer_stroops),
                xlm(after.second_buyer_stroops),
            ),
            (
                "seller, USDC",
                usdc(before.seller_usdc),
                usdc(after.seller_usdc),
            ),
            (
                "sponsor, XLM",
                xlm(before.sponsor_stroops),
                xlm(after.sponsor_stroops),
            ),
        ];
        for (who, before, after) in rows {
            writeln!(f, "{who:<22}{before:>16}{after:>16}")?;
        }
        writeln!(f)?;
        if let Some(last) = self.purchases.last() {
            let receipt = &last.receipt;
            writeln!(
                f,
                "the last receipt: {} from {} to {}",
                receipt.amount, receipt.payer, receipt.pay_to
            )?;
            writeln!(f, "transaction {}", last.transaction())?;
            writeln!(f)?;
        }
        writeln!(f, "{}", self.channel)?;
        writeln!(f)?;
        write!(
            f,
            "{} purchases for {} USDC, network fees of {} XLM paid by the sponsor and {} XLM by the second buyer, {:.2} s in all",
            self.purchases.len(),
            after
                .seller_usdc
                .checked_sub(before.seller_usdc)
                .map(usdc)
                .unwrap_or_default(),
            xlm(self.network_fees_stroops),
            xlm(self.second_buyer_fees_stroops),
            self.seconds
        )
    }
}

fn usdc(units: BaseUnits) -> String {
    units.to_decimal(Decimals::USDC_STELLAR).to_string()
}

/// Lumens have 7 decimals too.
fn xlm(stroops: i64) -> String {
    u64::try_from(stroops).map_or_else(
        |_| format!("-{stroops} stroops"),
        |stroops| usdc(BaseUnits::from_u64(stroops)),
    )
}
