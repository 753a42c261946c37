//! What is set aside.

use serde::{Deserialize, Serialize};

/// Fees set aside for a settlement, by the hour in which that was done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Reservation {
    pub(super) parts: Vec<Part>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Part {
    pub(super) hour: i64,
    pub(super) stroops: u64,
}

impl Reservation {
    /// What is set aside, in stroops.
    pub(crate) fn stroops(&self) -> u64 {
        self.parts
            .iter()
            .fold(0, |sum, part| sum.saturating_add(part.stroops))
    }
}
