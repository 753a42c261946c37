//! Channels that were looked up and refused lately, so that asking again costs nothing.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use coinslot_stellar_address::ContractId;
use tokio::time::Instant;

use super::ChannelRefusal;

#[derive(Default)]
pub(super) struct RefusedLately(Mutex<HashMap<ContractId, (Instant, ChannelRefusal)>>);

impl RefusedLately {
    pub(super) fn find(&self, id: &ContractId) -> Option<ChannelRefusal> {
        let lately = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, refusal) = lately.get(id)?;
        (at.elapsed() < FOR).then(|| refusal.clone())
    }

    pub(super) fn remember(&self, id: ContractId, refusal: &ChannelRefusal) {
        let mut lately = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lately.len() >= MOST {
            lately.retain(|_, (at, _)| at.elapsed() < FOR);
        }
        if lately.len() < MOST {
            lately.insert(id, (Instant::now(), refusal.clone()));
        }
    }
}

/// A channel that was topped up or deployed just now is taken soon.
const FOR: Duration = Duration::from_secs(5);
const MOST: usize = 1024;
