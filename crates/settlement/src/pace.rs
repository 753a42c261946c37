//! How often a submitted transaction is looked for.

use std::time::Duration;

use tokio::time::{Instant, sleep};

/// When to look, and when to look at everything.
pub(crate) struct Pace {
    pause: Duration,
    longest: Duration,
    next_survey: Instant,
}

impl Pace {
    /// Looks at everything after a while.
    pub(crate) fn new(longest: Duration) -> Self {
        Self {
            pause: FIRST_PAUSE.min(longest),
            longest,
            next_survey: Instant::now() + SURVEY_EVERY,
        }
    }

    /// Looks at everything at once.
    pub(crate) fn with_survey(longest: Duration) -> Self {
        Self {
            next_survey: Instant::now(),
            ..Self::new(longest)
        }
    }

    pub(crate) fn survey_is_due(&mut self) -> bool {
        let now = Instant::now();
        let due = now >= self.next_survey;
        if due {
            self.next_survey = now + SURVEY_EVERY.min(self.longest * 2);
        }
        due
    }

    pub(crate) async fn rest(&mut self) {
        sleep(self.pause).await;
        self.pause = (self.pause * 2).min(self.longest);
    }
}

const FIRST_PAUSE: Duration = Duration::from_millis(25);
/// How often everything is asked that could have happened, and the envelope submitted again.
const SURVEY_EVERY: Duration = Duration::from_secs(2);
