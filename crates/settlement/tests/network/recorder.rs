//! Remembers what a facilitator did.

use std::sync::Mutex;

use coinslot_settlement::{SettlementEvent, SettlementObserver};

#[derive(Debug, Default)]
pub(crate) struct Recorder(Mutex<Vec<String>>);

impl Recorder {
    /// How many events begin like this, in their debug form.
    pub(crate) fn count(&self, event: &str) -> usize {
        self.0
            .lock()
            .unwrap()
            .iter()
            .filter(|seen| seen.starts_with(event))
            .count()
    }

    /// How many events contain this, in their debug form.
    pub(crate) fn telling(&self, what: &str) -> usize {
        self.0
            .lock()
            .unwrap()
            .iter()
            .filter(|seen| seen.contains(what))
            .count()
    }
}

impl SettlementObserver for Recorder {
    fn on_event(&self, event: &SettlementEvent<'_>) {
        self.0.lock().unwrap().push(format!("{event:?}"));
    }
}
