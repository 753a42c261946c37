//! One task at a time pays for one logical request.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

use crate::logical_request::RequestId;

/// The turns of this process. Between processes the journal's compare-and-set decides.
#[derive(Default)]
pub(crate) struct Turns(Mutex<HashMap<RequestId, Weak<AsyncMutex<()>>>>);

/// Whoever holds it is the only one in this process who pays for the request.
pub(crate) struct Turn {
    _guard: OwnedMutexGuard<()>,
}

impl Turns {
    /// Waits for the turn.
    pub(crate) async fn wait(&self, id: &RequestId) -> Turn {
        Turn {
            _guard: self.of(id).lock_owned().await,
        }
    }

    /// Takes the turn if nobody has it.
    pub(crate) fn try_take(&self, id: &RequestId) -> Option<Turn> {
        Some(Turn {
            _guard: self.of(id).try_lock_owned().ok()?,
        })
    }

    fn of(&self, id: &RequestId) -> Arc<AsyncMutex<()>> {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        turns.retain(|_, turn| turn.strong_count() > 0);
        if let Some(turn) = turns.get(id).and_then(Weak::upgrade) {
            return turn;
        }
        let turn = Arc::new(AsyncMutex::new(()));
        turns.insert(id.clone(), Arc::downgrade(&turn));
        turn
    }
}
