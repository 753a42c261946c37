//! Node scripts of `tests/interop/`, which run unmodified npm packages.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
    time::timeout,
};

use crate::chain::Chain;

/// Runs a script to its end and gives back its answer.
///
/// # Panics
///
/// When the packages are not installed, or the script fails.
pub async fn run(chain: &Chain, script: &str, given: &Value) -> Value {
    let output = timeout(PATIENCE, command(chain, script, given).output()).await;
    let output = output
        .unwrap_or_else(|_| panic!("{script} did not end within {PATIENCE:?}"))
        .expect("node starts");
    let (answer, complaint) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(
        output.status.success(),
        "{script} failed with {}:\n{answer}{complaint}",
        output.status
    );
    let line = answer.lines().last().unwrap_or_default();
    serde_json::from_str(line)
        .unwrap_or_else(|error| panic!("{script} answered {answer:?} ({error}):\n{complaint}"))
}

/// A script that serves until it is dropped.
#[derive(Debug)]
pub struct Service {
    /// Where, without a trailing slash.
    pub url: String,
    // Closing its input ends the script; the process is killed in any case.
    _child: Child,
}

impl Service {
    /// Starts a script that serves.
    ///
    /// # Panics
    ///
    /// When the packages are not installed, or the script does not serve in time.
    pub async fn start(chain: &Chain, script: &str, given: &Value) -> Self {
        let mut command = command(chain, script, given);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node starts");
        let mut lines = BufReader::new(child.stdout.take().expect("an output")).lines();
        let line = timeout(PATIENCE, lines.next_line()).await;
        let line = line
            .unwrap_or_else(|_| panic!("{script} did not serve within {PATIENCE:?}"))
            .expect("an output");
        let line = line.unwrap_or_else(|| panic!("{script} ended before it served"));
        let answer: Value = serde_json::from_str(&line)
            .unwrap_or_else(|error| panic!("{script} answered {line:?} ({error})"));
        Self {
            url: answer["url"].as_str().expect("an address").to_owned(),
            _child: child,
        }
    }
}

fn command(chain: &Chain, script: &str, given: &Value) -> Command {
    let folder = folder();
    assert!(
        folder.join("node_modules/.installed-from.json").is_file(),
        "the npm packages of tests/interop are not installed: run `cargo xtask test`, which installs them"
    );
    let mut command = Command::new("node");
    command
        .arg(script)
        .arg(given.to_string())
        .current_dir(&folder)
        .kill_on_drop(true)
        // Whatever is not on this machine fails at once.
        .env("HTTPS_PROXY", "http://127.0.0.1:9")
        .env("HTTP_PROXY", "http://127.0.0.1:9")
        .env("NO_PROXY", "127.0.0.1,localhost");
    if let Some(certificate) = certificate(chain) {
        command.env("NODE_EXTRA_CA_CERTS", certificate);
    }
    command
}

/// The network's certificate, in a file of this test program's own.
fn certificate(chain: &Chain) -> Option<PathBuf> {
    let pem = chain.local.ca_certificate_pem()?;
    let port = chain.local.https_url()?.rsplit(':').next()?;
    let path = std::env::temp_dir().join(format!("ca-{}-{port}.pem", std::process::id()));
    std::fs::write(&path, pem).expect("a file for the certificate");
    Some(path)
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("interop")
}

const PATIENCE: Duration = Duration::from_secs(120);
