//! Being asked to stop.

use std::future::Future;

/// Ends at SIGINT (Ctrl-C) or SIGTERM. It listens from the call on, not from the first poll: call it before saying that the program is ready,
/// so that whoever waits for that can stop it properly at once.
#[cfg(unix)]
pub(crate) fn requested() -> impl Future<Output = ()> {
    use tokio::signal::unix::{Signal, SignalKind, signal};

    // Without a handler, the default action ends the process.
    async fn received(signal: Option<Signal>) {
        match signal {
            Some(mut signal) => drop(signal.recv().await),
            None => std::future::pending().await,
        }
    }
    let interrupted = signal(SignalKind::interrupt()).ok();
    let terminated = signal(SignalKind::terminate()).ok();
    async {
        tokio::select! {
            () = received(interrupted) => {}
            () = received(terminated) => {}
        }
    }
}

/// Ends at Ctrl-C.
#[cfg(not(unix))]
pub(crate) async fn requested() {
    if tokio::signal::ctrl_c().await.is_err() {
        // Without a handler, the default action ends the process.
        std::future::pending::<()>().await;
    }
}
