//! The gate: what stands before a paid route.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use coinslot_payment_store::{Scope, StoreError};

use crate::GateBuilder;
use crate::shared::Shared;

/// Charges for a route. A [`Layer`](tower_layer::Layer), and cheap to clone.
///
/// Build it with [`Gate::builder`], and put it directly on the route that it prices: a gate that
/// matched paths by itself could be walked around.
#[derive(Clone)]
pub struct Gate(pub(crate) Arc<Shared>);

impl Gate {
    /// A gate to be configured.
    #[must_use]
    pub fn builder() -> GateBuilder {
        GateBuilder::new()
    }

    /// Forgets the payments, and the answers recorded with them, that were settled or failed and
    /// have not changed for `keep`; answers how many. Call it now and then.
    ///
    /// Less than the answers' time and the longest validity of a signature is never kept, so that
    /// no payment is forgotten that the chain would still take.
    ///
    /// # Errors
    /// The store's.
    pub async fn purge(&self, keep: Duration) -> Result<u64, StoreError> {
        let keep = keep.max(self.0.record.ttl).max(SHORTEST_KEEP);
        let before = self.0.clock.now().saturating_sub(keep);
        self.0.store.purge(Scope::Delivery, before).await
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// Twice the longest `maxTimeoutSeconds` that an offer can have.
const SHORTEST_KEEP: Duration = Duration::from_secs(2 * 60 * 60);
