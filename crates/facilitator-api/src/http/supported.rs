//! `/supported`, kept for a while and asked for by one caller at a time.

use std::time::Duration;

use coinslot_x402_wire::SupportedResponse;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::FacilitatorError;

/// The last answer, and the last failure.
pub(super) struct SupportedCache {
    age: Duration,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    answer: Option<(Instant, SupportedResponse)>,
    failure: Option<(Instant, FacilitatorError)>,
}

impl SupportedCache {
    pub(super) fn new(age: Duration) -> Self {
        Self {
            age,
            state: Mutex::default(),
        }
    }

    /// The last answer, however old.
    pub(super) async fn last(&self) -> Option<SupportedResponse> {
        let state = self.state.lock().await;
        state.answer.as_ref().map(|(_, answer)| answer.clone())
    }

    /// The last answer if it is young enough, or what `ask` answers. Of callers that come at
    /// once, one asks, and the others get what it got.
    pub(super) async fn fetch(
        &self,
        ask: impl AsyncFnOnce() -> Result<SupportedResponse, FacilitatorError>,
    ) -> Result<SupportedResponse, FacilitatorError> {
        let came = Instant::now();
        let mut state = self.state.lock().await;
        match &state.answer {
            Some((when, answer)) if when.elapsed() < self.age => return Ok(answer.clone()),
            _ => {}
        }
        match &state.failure {
            Some((when, error)) if *when >= came => return Err(error.again()),
            _ => {}
        }
        match ask().await {
            Ok(answer) => {
                state.answer = Some((Instant::now(), answer.clone()));
                state.failure = None;
                Ok(answer)
            }
            Err(error) => {
                state.failure = Some((Instant::now(), error.again()));
                Err(error)
            }
        }
    }
}
