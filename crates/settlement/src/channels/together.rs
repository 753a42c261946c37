//! What is done once for all who ask for it at the same time.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

/// Work that is done by one at a time, and no more often than its pause allows. Its outcome is that
/// of everybody who came before it began.
pub(super) struct Together<T> {
    pause: Duration,
    last: Mutex<Option<Last<T>>>,
}

struct Last<T> {
    began_at: Instant,
    /// Nothing if whoever did it went away.
    outcome: Option<T>,
}

impl<T: Clone> Together<T> {
    pub(super) fn with_pause(pause: Duration) -> Self {
        Self {
            pause,
            last: Mutex::default(),
        }
    }

    /// Does the work for whoever came then, unless that was done since.
    pub(super) async fn run(&self, came_at: Instant, work: impl AsyncFnOnce() -> T) -> T {
        let mut last = self.last.lock().await;
        if let Some(Last { began_at, outcome }) = &*last {
            match outcome {
                Some(outcome) if *began_at >= came_at => return outcome.clone(),
                _ => sleep_until(*began_at + self.pause).await,
            }
        }
        let began_at = Instant::now();
        *last = Some(Last {
            began_at,
            outcome: None,
        });
        let outcome = work().await;
        *last = Some(Last {
            began_at,
            outcome: Some(outcome.clone()),
        });
        outcome
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::time::sleep;

    use super::*;

    const PAUSE: Duration = Duration::from_secs(1);

    async fn work(done: &AtomicUsize) -> usize {
        sleep(PAUSE / 4).await;
        done.fetch_add(1, Ordering::SeqCst) + 1
    }

    #[tokio::test(start_paused = true)]
    async fn who_came_before_it_began_shares_what_comes_of_it() {
        let (together, done) = (Together::with_pause(PAUSE), AtomicUsize::new(0));
        let run = async || {
            together
                .run(Instant::now(), async || work(&done).await)
                .await
        };
        assert_eq!(run().await, 1);
        let began_at = Instant::now();
        assert_eq!(tokio::join!(run(), run(), run()), (2, 2, 2));
        // Three quarters of the pause were left.
        assert_eq!(began_at.elapsed(), PAUSE);
        assert_eq!(run().await, 3);
    }

    #[tokio::test(start_paused = true)]
    async fn who_goes_away_leaves_it_to_the_next_but_not_sooner() {
        let (together, done) = (Together::with_pause(PAUSE), AtomicUsize::new(0));
        let came_at = Instant::now();
        let goes = together.run(came_at, async || work(&done).await);
        assert!(tokio::time::timeout(PAUSE / 8, goes).await.is_err());
        assert_eq!(together.run(came_at, async || work(&done).await).await, 1);
        assert_eq!(came_at.elapsed(), PAUSE + PAUSE / 4);
    }
}
