//! The streams that a gate serves now, by the ids that their buyers were told.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Running;

/// At most one for each channel.
#[derive(Debug, Default)]
pub(crate) struct Streams(Mutex<HashMap<String, Arc<Running>>>);

impl Streams {
    /// The stream with this id, if it runs here and is at this address.
    pub(crate) fn find(&self, id: &str, url: &str) -> Option<Arc<Running>> {
        let running = self.all().get(id).cloned()?;
        (running.place.url == url).then_some(running)
    }

    pub(super) fn insert(&self, running: &Arc<Running>) {
        self.all()
            .insert(running.place.id.clone(), Arc::clone(running));
    }

    pub(super) fn remove(&self, running: &Running) {
        self.all().remove(&running.place.id);
    }

    fn all(&self) -> MutexGuard<'_, HashMap<String, Arc<Running>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
