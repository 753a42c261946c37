//! What all requests share.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use coinslot_payment_store::{Clock, SystemClock};
use coinslot_settlement::{LocalFacilitator, Status};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::access::{ApiKeys, CallerLimits};
use crate::request_id::RequestIds;
use crate::{AccessLimits, ApiKey, Metrics};

/// The state behind [`router`](crate::router).
#[derive(Clone)]
pub struct AppState(pub(crate) Arc<Shared>);

pub(crate) struct Shared {
    pub(crate) facilitator: LocalFacilitator,
    pub(crate) keys: ApiKeys,
    pub(crate) limits: CallerLimits,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) request_ids: RequestIds,
    /// The last look at everything that the facilitator depends on.
    status: Mutex<Option<(Instant, Arc<Status>)>>,
}

impl AppState {
    /// State of a facilitator. Without API keys everyone is let in. The `metrics` are those that
    /// the facilitator was built to report to.
    #[must_use]
    pub fn new(
        facilitator: LocalFacilitator,
        api_keys: Vec<ApiKey>,
        limits: AccessLimits,
        metrics: Arc<Metrics>,
    ) -> Self {
        let limits = CallerLimits::new(limits, api_keys.len());
        Self(Arc::new(Shared {
            facilitator,
            keys: ApiKeys::new(api_keys),
            limits,
            metrics,
            request_ids: RequestIds::new(SystemClock.now().as_millis()),
            status: Mutex::default(),
        }))
    }
}

impl Shared {
    /// How everything is, asked at most every few seconds however many ask us.
    pub(crate) async fn status(&self) -> Arc<Status> {
        let mut last = self.status.lock().await;
        if let Some((asked_at, status)) = &*last
            && asked_at.elapsed() < STATUS_AGE
        {
            return Arc::clone(status);
        }
        let status = Arc::new(self.facilitator.status().await);
        *last = Some((Instant::now(), Arc::clone(&status)));
        status
    }
}

impl fmt::Debug for AppState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppState")
            .field("facilitator", &self.0.facilitator)
            .finish_non_exhaustive()
    }
}

const STATUS_AGE: Duration = Duration::from_secs(5);
