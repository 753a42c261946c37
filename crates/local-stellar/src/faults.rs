//! Faults on demand, so that tests can see what a client does when the network is not well.

use std::collections::HashMap;
use std::sync::Mutex;

/// What is to go wrong with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The call is not executed; the answer is HTTP 503.
    Fail,
    /// The call is executed, and the connection closed without an answer.
    DropAnswer,
}

/// The faults that are still to come, by RPC method.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<HashMap<String, Planned>>);

#[derive(Debug, Default)]
struct Planned {
    fail: u32,
    drop: u32,
}

impl Faults {
    pub(crate) fn plan(&self, method: &str, fault: Fault, times: u32) {
        let mut planned = self.lock();
        let planned = planned.entry(method.to_owned()).or_default();
        match fault {
            Fault::Fail => planned.fail = times,
            Fault::DropAnswer => planned.drop = times,
        }
    }

    /// The fault of this call, if one was planned for it; failures come before dropped answers.
    pub(crate) fn take(&self, method: &str) -> Option<Fault> {
        let mut planned = self.lock();
        let planned = planned.get_mut(method)?;
        if planned.fail > 0 {
            planned.fail = planned.fail.saturating_sub(1);
            Some(Fault::Fail)
        } else if planned.drop > 0 {
            planned.drop = planned.drop.saturating_sub(1);
            Some(Fault::DropAnswer)
        } else {
            None
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Planned>> {
        self.0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
