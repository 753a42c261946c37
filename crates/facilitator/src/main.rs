//! The program `coinslot-facilitator`.

use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::Parser;
use coinslot_facilitator::{FacilitatorConfig, serve};
use tracing_subscriber::EnvFilter;

/// A self-hosted x402 facilitator for Stellar.
#[derive(Debug, Parser)]
#[command(name = "coinslot-facilitator", version)]
struct Arguments {
    #[command(flatten)]
    config: FacilitatorConfig,

    /// What to log, such as `info` or `coinslot_settlement=debug`.
    #[arg(long, env = "RUST_LOG", default_value = "info", value_name = "FILTER")]
    log: String,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Err(error) = start_log(&arguments.log) {
        return fail(&*error);
    }
    match serve(&arguments.config, asked_to_stop()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

/// For people on a terminal, and as JSON lines otherwise.
fn start_log(filter: &str) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let log = tracing_subscriber::fmt().with_env_filter(EnvFilter::try_new(filter)?);
    if std::io::stderr().is_terminal() {
        log.with_writer(std::io::stderr).try_init()
    } else {
        log.json().with_writer(std::io::stderr).try_init()
    }
}

/// Ends at SIGINT or SIGTERM.
async fn asked_to_stop() {
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            // Without a handler the default action ends the process.
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminated = async {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        () = interrupted => {}
        () = terminated => {}
    }
}

/// Says what is wrong and all that is behind it.
fn fail(error: &dyn std::error::Error) -> ExitCode {
    eprint!("error: {error}");
    let mut source = error.source();
    while let Some(cause) = source {
        eprint!(": {cause}");
        source = cause.source();
    }
    eprintln!();
    ExitCode::FAILURE
}
