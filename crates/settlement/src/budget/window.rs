//! Spending by the hour.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The hours (since 1970) in which something was spent, and how much, in stroops.
///
/// As JSON: `{"486183":43800,"486184":87600}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Window(BTreeMap<i64, u64>);

impl Window {
    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(bytes)
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        // A map from integers to integers cannot fail to serialise.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// What counts in the hour `now`: the last 24 whole hours and the hour before them, of which a
    /// part is less than a day ago. Hours that lie ahead (a clock that was set back) count too.
    pub(super) fn spent(&self, now: i64) -> u64 {
        self.0
            .range(now.saturating_sub(HOURS)..)
            .fold(0, |sum, (_, stroops)| sum.saturating_add(*stroops))
    }

    pub(super) fn add(&mut self, hour: i64, stroops: u64) {
        self.0.retain(|past, _| *past >= hour.saturating_sub(HOURS));
        let spent = self.0.entry(hour).or_default();
        *spent = spent.saturating_add(stroops);
    }

    pub(super) fn subtract(&mut self, hour: i64, stroops: u64) {
        if let Some(spent) = self.0.get_mut(&hour) {
            *spent = spent.saturating_sub(stroops);
        }
    }
}

const HOURS: i64 = 24;
