//! The one thread that owns the ledger. Work reaches it as closures over a channel; between them it closes ledgers.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::Instant;

use tokio::sync::oneshot;

use crate::engine::{Engine, EngineError};

type Job = Box<dyn FnOnce(&mut Engine) + Send>;

enum Message {
    Job(Job),
    Stop(oneshot::Sender<()>),
}

/// The way to the engine's thread. Clones lead to the same engine.
#[derive(Clone)]
pub(crate) struct EngineHandle {
    messages: Sender<Message>,
}

/// The engine's thread has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the local network has stopped")]
pub(crate) struct Stopped;

/// Room for the contract host's recursion.
const STACK_BYTES: usize = 16 * 1024 * 1024;

impl EngineHandle {
    /// Makes an engine on its own thread and answers when it is ready. `at_end` runs with the engine when it stops.
    pub(crate) async fn start<E: Send + 'static>(
        make: impl FnOnce() -> Result<Engine, E> + Send + 'static,
        at_end: impl FnOnce(&Engine) + Send + 'static,
    ) -> std::io::Result<Result<Self, E>> {
        let (messages, inbox) = mpsc::channel();
        let (ready, is_ready) = oneshot::channel();
        thread::Builder::new()
            .name("local-stellar".to_owned())
            .stack_size(STACK_BYTES)
            .spawn(move || {
                let mut engine = match make() {
                    Ok(engine) => engine,
                    Err(error) => {
                        let _ = ready.send(Err(error));
                        return;
                    }
                };
                if ready.send(Ok(())).is_err() {
                    return;
                }
                let farewell = run(&mut engine, &inbox);
                at_end(&engine);
                if let Some(farewell) = farewell {
                    let _ = farewell.send(());
                }
            })?;
        Ok(match is_ready.await {
            Ok(Ok(())) => Ok(Self { messages }),
            Ok(Err(error)) => Err(error),
            Err(_) => {
                return Err(std::io::Error::other(
                    "the thread of the local network ended while it started",
                ));
            }
        })
    }

    /// Runs work on the engine and answers its result.
    pub(crate) async fn call<R: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Engine) -> R + Send + 'static,
    ) -> Result<R, Stopped> {
        let (answer, result) = oneshot::channel();
        let job: Job = Box::new(move |engine| {
            let _ = answer.send(work(engine));
        });
        self.messages.send(Message::Job(job)).map_err(|_| Stopped)?;
        result.await.map_err(|_| Stopped)
    }

    /// Ends the thread; the answer comes when it has ended.
    pub(crate) fn stop(&self) -> oneshot::Receiver<()> {
        let (farewell, ended) = oneshot::channel();
        let _ = self.messages.send(Message::Stop(farewell));
        ended
    }
}

fn run(engine: &mut Engine, inbox: &mpsc::Receiver<Message>) -> Option<oneshot::Sender<()>> {
    loop {
        let due = engine
            .close_due(Instant::now())
            .unwrap_or_else(|error| report(&error));
        let message = match due {
            None => inbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(due) => inbox.recv_timeout(due.saturating_duration_since(Instant::now())),
        };
        match message {
            Ok(Message::Job(job)) => job(engine),
            Ok(Message::Stop(farewell)) => return Some(farewell),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return None,
        }
    }
}

fn report(error: &EngineError) -> Option<Instant> {
    tracing::error!(%error, "a ledger could not be closed");
    None
}
