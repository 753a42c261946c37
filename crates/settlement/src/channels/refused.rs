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

#[cfg(test)]
mod tests {
    use coinslot_mpp_wire::ProblemKind;

    use super::*;

    /// What another thread left behind when it panicked is still there: it is not taken for nothing.
    #[test]
    fn a_poisoned_lock_still_refuses() {
        let lately = RefusedLately::default();
        let (id, refusal) = (
            ContractId::from_bytes([1; 32]),
            ChannelRefusal {
                kind: ProblemKind::ChannelNotFound,
                why: "gone".to_owned(),
            },
        );
        lately.remember(id, &refusal);
        let panicked = std::thread::scope(|scope| {
            let holds = scope.spawn(|| {
                let _held = lately.0.lock();
                panic!("while it holds the lock");
            });
            holds.join()
        });
        assert!(panicked.is_err() && lately.0.is_poisoned());
        assert_eq!(lately.find(&id), Some(refusal));
    }
}
