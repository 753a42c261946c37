//! Whether anything was sent: agreed between the task that sends and the caller that waits.

use std::sync::Arc;

use coinslot_soroban_authorization::TransactionHash;
use tokio::sync::watch;

use super::CallError;

/// How far a call is.
#[derive(Debug)]
pub(super) struct Stage(watch::Sender<State>);

/// **Invariant**: nothing is sent after `CalledOff`, which stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Preparing,
    Sent(Sent),
    CalledOff,
}

/// A transaction that may land.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sent {
    pub(super) transaction: TransactionHash,
    pub(super) max_time: u64,
}

impl Stage {
    /// Says that the call is being sent. Whether it may: nobody has called it off.
    pub(super) fn send(&self, sent: Sent) -> bool {
        self.0.send_if_modified(|state| {
            let may = *state != State::CalledOff;
            if may {
                *state = State::Sent(sent);
            }
            may
        })
    }

    /// Takes back that the call was sent: the network has refused it.
    pub(super) fn take_back(&self) {
        self.0.send_if_modified(|state| {
            let was_sent = matches!(state, State::Sent(_));
            if was_sent {
                *state = State::Preparing;
            }
            was_sent
        });
    }

    pub(super) fn is_called_off(&self) -> bool {
        *self.0.borrow() == State::CalledOff
    }

    /// Waits until the caller has gone.
    pub(super) async fn called_off(&self) {
        let mut state = self.0.subscribe();
        if state
            .wait_for(|state| *state == State::CalledOff)
            .await
            .is_err()
        {
            // There is no sender any more, and so no caller who could go.
            std::future::pending().await
        }
    }

    /// Lets nothing more be sent. What was sent before and may land, if anything was.
    fn call_off(&self) -> Option<Sent> {
        match self.0.send_replace(State::CalledOff) {
            State::Sent(sent) => Some(sent),
            State::Preparing | State::CalledOff => None,
        }
    }
}

impl Default for Stage {
    fn default() -> Self {
        Self(watch::Sender::new(State::default()))
    }
}

/// Who waits for a call. One that goes away calls it off.
pub(super) struct Caller(Arc<Stage>);

impl Caller {
    pub(super) fn new(stage: &Arc<Stage>) -> Self {
        Self(Arc::clone(stage))
    }

    /// Waits no longer. What was sent by now, if anything was; if not, nothing will be.
    pub(super) fn leave(self) -> Option<Sent> {
        self.0.call_off()
    }
}

impl Drop for Caller {
    fn drop(&mut self) {
        self.0.call_off();
    }
}

impl From<Sent> for CallError {
    fn from(sent: Sent) -> Self {
        let Sent {
            transaction,
            max_time,
        } = sent;
        Self::Unknown {
            transaction,
            max_time,
        }
    }
}
