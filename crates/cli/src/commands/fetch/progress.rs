//! What happens during a payment, as lines for a person.

use coinslot_client::{PaymentEvent, PaymentIdentity, PaymentReceipt, Settlement};

use crate::output::Output;

/// Prints the steps of a payment.
#[derive(Debug)]
pub(super) struct Progress {
    output: Output,
}

impl Progress {
    pub(super) fn new(output: Output) -> Self {
        Self { output }
    }

    pub(super) fn show(&self, event: &PaymentEvent) {
        match event {
            PaymentEvent::Challenge { host, offers, .. } => {
                self.output.note(&format!(
                    "· {host} asks for a payment ({offers} {})",
                    if *offers == 1 { "offer" } else { "offers" }
                ));
            }
            PaymentEvent::Signing { amount, pay_to, .. } => self
                .output
                .note(&format!("· paying {amount} to {}", safe(pay_to))),
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

/// A stranger's text without control characters.
fn safe(text: &str) -> String {
    text.chars().flat_map(char::escape_debug).collect()
}
