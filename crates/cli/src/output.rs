//! What the command prints: results on standard output, progress and failures on standard error.
//!
//! With `--json` a command prints one JSON document on standard output (or one per line, for events), and nothing else there.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::exit::Failure;

/// How this run speaks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    json: bool,
    quiet: bool,
}

impl Output {
    pub(crate) fn new(json: bool, quiet: bool) -> Self {
        Self { json, quiet }
    }

    /// Whether results are JSON documents.
    pub(crate) fn is_json(self) -> bool {
        self.json
    }

    /// Prints a result: `human` for a person, `document` for a machine.
    pub(crate) fn result(self, human: &str, document: &impl Serialize) -> Result<(), Failure> {
        if self.json {
            let text =
                serde_json::to_string_pretty(document).map_err(|error| Failure::encode(&error))?;
            write_stdout(text.as_bytes(), true)
        } else {
            write_stdout(human.as_bytes(), true)
        }
    }

    /// Prints one JSON document on a line of its own: an event of a program that goes on.
    pub(crate) fn line(self, document: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string(document).map_err(|error| Failure::encode(&error))?;
        write_stdout(text.as_bytes(), true)
    }

    /// Prints bytes as they are, such as the body of an answer; on a terminal, the prompt then stands on a line of its own.
    pub(crate) fn raw(self, bytes: &[u8]) -> Result<(), Failure> {
        write_stdout(bytes, ends_line(bytes, std::io::stdout().is_terminal()))
    }

    /// Starts a step that takes a moment; finish it with [`Step::done`].
    pub(crate) fn step(self, what: &str) -> Step {
        let bar = if self.quiet || self.json || !std::io::stderr().is_terminal() {
            None
        } else {
            let bar = ProgressBar::new_spinner();
            bar.set_style(
                ProgressStyle::with_template("{spinner:.cyan} {msg}")
                    .unwrap_or_else(|_| ProgressStyle::default_spinner()),
            );
            bar.set_message(what.to_owned());
            bar.enable_steady_tick(Duration::from_millis(80));
            Some(bar)
        };
        Step {
            bar,
            silent: self.quiet || self.json,
        }
    }

    /// One line about what is going on, for a person.
    pub(crate) fn note(self, line: &str) {
        if !self.quiet && !self.json {
            print_stderr(line);
        }
    }

    /// What a person must not miss, also where no progress is shown; a machine finds it in the result.
    pub(crate) fn warn(self, line: &str) {
        if !self.json {
            print_stderr(line);
        }
    }

    /// Says what went wrong and what to do.
    pub(crate) fn failure(self, failure: &Failure) {
        if self.json {
            let document = serde_json::json!({ "error": { "kind": failure.kind(), "message": failure.to_string(), "exitCode": failure.code() } });
            print_stderr(&document.to_string());
        } else {
            print_stderr(&format!("coinslot: {failure}"));
        }
    }
}

/// A step under way.
#[derive(Debug)]
pub(crate) struct Step {
    bar: Option<ProgressBar>,
    silent: bool,
}

impl Step {
    /// Ends the step with one line that says what came of it.
    pub(crate) fn done(self, line: &str) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        if !self.silent {
            print_stderr(&format!("✓ {line}"));
        }
    }
}

/// Sends log lines to standard error; `verbose` counts the `-v` flags, and `RUST_LOG` wins over it.
pub(crate) fn log_to_stderr(verbose: u8) {
    let level = match verbose {
        0 => "warn",
        1 => "info",
        2 => "debug",
        _ => "trace",
    };
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(level));
    // A second call in one process keeps the first subscriber.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .try_init();
}

/// Whether a newline is added: only for eyes, and where none is.
fn ends_line(bytes: &[u8], is_terminal: bool) -> bool {
    is_terminal && bytes.last().is_some_and(|last| *last != b'\n')
}

fn write_stdout(bytes: &[u8], newline: bool) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    let written = stdout
        .write_all(bytes)
        .and_then(|()| {
            if newline {
                stdout.write_all(b"\n")
            } else {
                Ok(())
            }
        })
        .and_then(|()| stdout.flush());
    match written {
        // A reader that closed the pipe has seen what it wanted.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other.map_err(|error| Failure::write(&error)),
    }
}

fn print_stderr(line: &str) {
    // Nobody is left to tell when standard error is closed.
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_ended_on_a_terminal_only() {
        for (body, terminal, added) in [
            (&b"{}"[..], true, true),
            (b"{}\n", true, false),
            (b"", true, false),
            (b"{}", false, false),
            (b"{}\n", false, false),
        ] {
            assert_eq!(ends_line(body, terminal), added, "{body:?} {terminal}");
        }
    }
}
