//! The `coinslot` command: a local network, a demonstration, a paying fetch, a paid endpoint, a facilitator,
//! payment channels, and an explainer.
//!
//! `main` loads `.env`, reads the arguments, runs one command and turns its error into a sentence and an exit code.

mod arguments;
mod channel_events;
mod commands;
mod dollars;
mod environment;
mod exit;
mod inspect;
mod network;
mod output;
mod secret;
mod shutdown;
mod wallet;

use std::process::ExitCode;

use crate::arguments::{Arguments, Command};
use crate::exit::Failure;
use crate::output::Output;

fn main() -> ExitCode {
    let env_file = environment::load();
    let arguments = Arguments::read();
    let output = Output::new(arguments.json, arguments.quiet);
    let result = env_file
        .map_err(Failure::from)
        .and_then(|()| run(arguments, &output));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output.failure(&failure);
            failure.code().into()
        }
    }
}

fn run(arguments: Arguments, output: &Output) -> Result<(), Failure> {
    output::log_to_stderr(arguments.verbose);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::runtime(&error))?;
    runtime.block_on(async {
        match arguments.command {
            #[cfg(feature = "local")]
            Command::Local(local) => commands::local::run(local, output).await,
            #[cfg(feature = "local")]
            Command::Demo(demo) => commands::demo::run(demo, output).await,
            Command::Channel(channel) => commands::channel::run(*channel, output).await,
            Command::Fetch(fetch) => commands::fetch::run(*fetch, output).await,
            Command::Serve(serve) => commands::serve::run(*serve, output).await,
            Command::Facilitator(facilitator) => {
                commands::facilitator::run(*facilitator, output).await
            }
            Command::Inspect(inspect) => commands::inspect::run(&inspect, output),
        }
    })
}
