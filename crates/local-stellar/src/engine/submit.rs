//! Submission: a transaction is checked, then waits for a ledger.

use stellar_xdr::TransactionResult;

use super::frame::Frame;
use super::overlay::Overlay;
use super::validate::{Stage, validate};
use super::{Engine, EngineError, fees};

/// What became of a submission.
#[derive(Debug)]
pub(crate) enum Submission {
    /// Accepted; it enters a ledger soon, or has done so already.
    Pending,
    /// The same transaction waits already.
    Duplicate,
    /// Refused; nothing was charged.
    Refused(Box<TransactionResult>),
}

impl Engine {
    /// Checks a transaction against the newest ledger and what is pending, and accepts it if it is valid.
    pub(crate) fn submit(&mut self, frame: Frame) -> Result<Submission, EngineError> {
        if self.pending.contains(&frame) {
            return Ok(Submission::Duplicate);
        }
        let context = self.next_context();
        let stage = Stage::Submission {
            pending_sequence: self.pending.sequence(&frame.source()),
        };
        let overlay = Overlay::new(self.state.entries(), context.sequence);
        if let Err(outcome) = validate(&frame, &overlay, &context, stage) {
            let result = outcome.to_result(&frame, fees::charged_upfront(&frame).max(0))?;
            return Ok(Submission::Refused(Box::new(result)));
        }
        self.pending.push(frame);
        Ok(Submission::Pending)
    }
}
