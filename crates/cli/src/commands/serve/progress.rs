//! What happens at the gate, as lines for a person.

use coinslot_server::Event;

use crate::output::Output;

/// Prints what becomes of payments. What is asked without paying goes to the log alone.
pub(super) fn show(event: &Event<'_>, output: Output) {
    match event {
        Event::Settled { transaction, .. } => {
            output.note(&format!("✓ paid in transaction {transaction}"));
        }
        Event::Delivered { status, .. } if !status.is_success() => {
            output.note(&format!("· a paid request was answered with {status}"));
        }
        Event::Replayed { .. } => {
            output.note("· the same payment again, answered as before");
        }
        Event::Refused { reason } | Event::SettlementFailed { reason, .. } => {
            output.note(&format!("· a payment was refused: {reason}"));
        }
        Event::SettlementPending { .. } => {
            output.note("· the outcome of a settlement is not known yet");
        }
        Event::Unavailable { what } => {
            output.note(&format!("· the {} did not answer", what.as_str()));
        }
        _ => {}
    }
}
