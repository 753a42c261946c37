//! What happens during a payment, as lines for a person.

use std::sync::OnceLock;

use coinslot_client::{
    PaymentEvent, PaymentIdentity, PaymentReceipt, PaymentTerms, Protocol, Settlement,
};

use crate::output::Output;

/// Prints the steps of a payment.
#[derive(Debug)]
pub(super) struct Progress {
    output: Output,
    /// Why the channel that was named does not pay.
    not_from_channel: OnceLock<String>,
}

impl Progress {
    pub(super) fn new(output: Output) -> Self {
        Self {
            output,
            not_from_channel: OnceLock::new(),
        }
    }

    /// Why the channel that was named does not pay, if something else does.
    pub(super) fn not_from_channel(&self) -> Option<&str> {
        self.not_from_channel.get().map(String::as_str)
    }

    pub(super) fn show(&self, event: &PaymentEvent) {
        match event {
            PaymentEvent::Challenge { host, offers, .. } => {
                self.output.note(&format!(
                    "· {host} asks for a payment ({offers} {})",
                    if *offers == 1 { "offer" } else { "offers" }
                ));
            }
            PaymentEvent::NotFromChannel { why, .. } => {
                let why = why.as_ref().map(ToString::to_string);
                // A request passes its channel by once.
                let _ = self
                    .not_from_channel
                    .set(why.unwrap_or_else(|| NOT_TAKEN.to_owned()));
            }
            PaymentEvent::Signing { amount, terms, .. } => {
                if let Some(why) = self.not_from_channel() {
                    self.output.warn(&format!(
                        "! {why}\n! paying from your account instead, by {}; with --protocol channel only the channel pays",
                        way(terms)
                    ));
                }
                let pay_to = safe(&terms.pay_to);
                self.output.note(&format!("· paying {amount} to {pay_to}"));
            }
            PaymentEvent::Signed { until, .. } => {
                self.output.note(&format!("· signed, good until {until}"));
            }
            PaymentEvent::Paying { attempt, .. } if *attempt > 1 => {
                self.output
                    .note(&format!("· sending the same payment again (try {attempt})"));
            }
            PaymentEvent::Confirming { wait, .. } => {
                self.output.note(&format!(
                    "· the outcome is not known yet, asking again in {:.1} s",
                    wait.as_secs_f32()
                ));
            }
            PaymentEvent::Settled(receipt) => {
                if let Some(voucher) = voucher(receipt) {
                    self.output.note(&voucher);
                }
                if let Some(hash) = receipt.transaction() {
                    self.output.note(&format!(
                        "✓ paid {} in transaction {hash}, by {}",
                        receipt.amount, receipt.terms.protocol
                    ));
                }
            }
            _ => {}
        }
    }
}

/// What a channel's voucher has paid.
fn voucher(receipt: &PaymentReceipt) -> Option<String> {
    let PaymentIdentity::Voucher { cumulative, .. } = receipt.identity else {
        return None;
    };
    let (paid, all) = (receipt.amount, receipt.amount.unit.amount(cumulative));
    Some(match receipt.settlement {
        Settlement::Accepted => format!("✓ paid {paid} by a voucher for {all} in all"),
        _ => format!("· sent a voucher for {all} in all; no receipt says that it was taken"),
    })
}

/// How it is paid, where a channel could have.
fn way(terms: &PaymentTerms) -> &'static str {
    match terms.protocol {
        Protocol::X402 => "x402",
        Protocol::Mpp => "an MPP charge",
    }
}

/// A stranger's text without control characters.
fn safe(text: &str) -> String {
    text.chars().flat_map(char::escape_debug).collect()
}

/// What there is to say when nothing is wrong with the channel itself.
pub(super) const NOT_TAKEN: &str =
    "the channel does not pay: the seller takes no vouchers of it, or not on terms that you allow";
