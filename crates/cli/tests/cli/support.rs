//! Running the program, and a shop for it to buy at: `coinslot local` and `coinslot facilitator` as processes, and a seller in this one.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::get;
use coinslot_caip2_network::StellarNetwork;
use coinslot_facilitator_api::HttpFacilitator;
use coinslot_payment_store::MemoryStore;
use coinslot_server::{Gate, x402};
use coinslot_soroban_authorization::SecretKey;
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// What a run of the program left.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error} in {}", self.stdout))
    }
}

/// Runs the program in an empty folder.
pub(crate) fn run(arguments: &[&str]) -> Run {
    let folder = tempfile::tempdir().expect("a folder");
    run_in(folder.path(), arguments)
}

/// Runs the program where the folder is all that it knows.
pub(crate) fn run_in(folder: &Path, arguments: &[&str]) -> Run {
    let output = command(folder, arguments)
        .output()
        .expect("the program runs");
    Run {
        code: output.status.code().expect("it ends by itself"),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_coinslot"));
    command
        .env_clear()
        .env("HOME", folder)
        .current_dir(folder)
        .args(arguments)
        .stdin(Stdio::null());
    command
}

/// A local network, and a folder with its keys in `.env`.
pub(crate) struct Town {
    pub(crate) folder: TempDir,
    _network: Running,
    ready: Value,
}

impl Town {
    pub(crate) fn found() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (network, ready) = Running::start(
            folder.path(),
            &[
                "local",
                "--json",
                "--bind",
                "127.0.0.1:0",
                "--env-file",
                ".env",
            ],
        );
        Self {
            folder,
            _network: network,
            ready,
        }
    }

    /// What the network said when it was ready.
    pub(crate) fn ready(&self, name: &str) -> &str {
        self.ready[name].as_str().expect("it is there")
    }

    /// Makes an account without a trustline.
    pub(crate) fn bare_account(&self) -> String {
        let address = SecretKey::from_seed([3; 32]).account_id().to_string();
        self.lumens_for(&address);
        address
    }

    /// Gives the buyer lumens, for the network's fees.
    pub(crate) fn lumens_for_the_buyer(&self) {
        let secret: SecretKey = self.setting("STELLAR_SECRET_KEY").parse().expect("a key");
        self.lumens_for(&secret.account_id().to_string());
    }

    fn lumens_for(&self, address: &str) {
        let url = format!("{}?addr={address}", self.ready("friendbotUrl"));
        let runtime = Runtime::new().expect("threads");
        let answer = runtime.block_on(reqwest::get(url)).expect("an answer");
        assert!(answer.status().is_success());
    }

    /// Takes a line out of `.env`.
    pub(crate) fn forget(&self, name: &str) {
        let path = self.folder.path().join(".env");
        let settings = std::fs::read_to_string(&path).expect("it was written");
        let others = settings.lines().filter(|line| !line.starts_with(name));
        std::fs::write(&path, others.collect::<Vec<_>>().join("\n")).expect("it can be written");
    }

    /// A line of `.env`.
    pub(crate) fn setting(&self, name: &str) -> String {
        let settings =
            std::fs::read_to_string(self.folder.path().join(".env")).expect("it was written");
        let values = settings.lines().filter_map(|line| line.split_once('='));
        let value = values
            .into_iter()
            .find_map(|(found, value)| (found == name).then_some(value));
        value.expect("it is there").to_owned()
    }

    pub(crate) fn fetch(&self, arguments: &[&str]) -> Run {
        run_in(self.folder.path(), &[&["fetch"], arguments].concat())
    }
}

/// A seller of `GET /weather` for $0.001, with everything that takes.
pub(crate) struct Shop {
    town: Town,
    _facilitator: Running,
    runtime: Runtime,
    address: std::net::SocketAddr,
    served: Arc<AtomicU32>,
    server: tokio::task::AbortHandle,
}

impl Shop {
    pub(crate) fn open() -> Self {
        let town = Town::found();
        let (facilitator, ready) = Running::start(
            town.folder.path(),
            &["facilitator", "--json", "--listen", "127.0.0.1:0"],
        );
        let recipient = town.setting("STELLAR_RECIPIENT");
        let runtime = Runtime::new().expect("threads");
        let served = Arc::new(AtomicU32::new(0));
        let url = ready["url"].as_str().expect("it says where it listens");
        let (address, server) = runtime.block_on(sell(url, &recipient, Arc::clone(&served)));
        Self {
            town,
            _facilitator: facilitator,
            runtime,
            address,
            served,
            server,
        }
    }

    pub(crate) fn url(&self) -> String {
        self.url_of("/weather")
    }

    pub(crate) fn url_of(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// How often the handler ran.
    pub(crate) fn served(&self) -> u32 {
        self.served.load(Ordering::SeqCst)
    }

    pub(crate) fn fetch(&self, arguments: &[&str]) -> Run {
        self.town.fetch(arguments)
    }

    /// Stops the seller.
    pub(crate) fn close(&self) {
        self.server.abort();
        self.runtime.block_on(tokio::task::yield_now());
        while std::net::TcpStream::connect(self.address).is_ok() {
            std::thread::yield_now();
        }
    }
}

async fn sell(
    facilitator: &str,
    recipient: &str,
    served: Arc<AtomicU32>,
) -> (std::net::SocketAddr, tokio::task::AbortHandle) {
    let offer = x402::exact("$0.001")
        .and_then(|offer| offer.pay_to(recipient))
        .expect("an offer");
    let gate = Gate::builder()
        .offer(offer.network(StellarNetwork::Testnet))
        .facilitator(
            HttpFacilitator::builder(facilitator)
                .build()
                .expect("an address"),
        )
        .store(Arc::new(MemoryStore::new()))
        .resource_base("http://127.0.0.1")
        .build()
        .await
        .expect("a gate");
    let weather = move || {
        served.fetch_add(1, Ordering::SeqCst);
        async { r#"{"sky":"clear"}"# }
    };
    let router = Router::new().route("/weather", get(weather).layer(gate));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let address = listener.local_addr().expect("it is bound");
    let task = tokio::spawn(async move { axum::serve(listener, router).await });
    (address, task.abort_handle())
}

/// An RPC that has forgotten what contracts told, in front of one that has not; it goes on as long as the tests.
pub(crate) fn forgetful(rpc: &str) -> String {
    let (rpc, listener) = (rpc.to_owned(), std::net::TcpListener::bind("127.0.0.1:0"));
    let listener = listener.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("it is bound"));
    let answer = move |body: String| {
        let rpc = rpc.clone();
        async move {
            let asked: Value = serde_json::from_str(&body).expect("JSON");
            if asked["method"] == "getEvents" {
                let why = "startLedger must be within the ledger range: 900000 - 900001";
                let error = serde_json::json!({ "code": -32600, "message": why });
                return serde_json::json!({ "jsonrpc": "2.0", "id": asked["id"], "error": error })
                    .to_string();
            }
            let request = reqwest::Client::new().post(rpc).body(body);
            let request = request.header("content-type", "application/json");
            let answer = request.send().await.expect("an answer");
            answer.text().await.expect("a body")
        }
    };
    std::thread::spawn(move || {
        Runtime::new().expect("threads").block_on(async {
            listener.set_nonblocking(true).expect("it can be");
            let listener = tokio::net::TcpListener::from_std(listener).expect("it is one");
            let router = Router::new().fallback(answer);
            axum::serve(listener, router).await
        })
    });
    url
}

/// A program that goes on until it is stopped or dropped.
pub(crate) struct Running {
    child: Child,
    lines: Receiver<String>,
    log: PathBuf,
}

impl Running {
    /// Starts it and reads the line that says it is ready.
    pub(crate) fn start(folder: &Path, arguments: &[&str]) -> (Self, Value) {
        let running = Self::spawn(folder, arguments);
        let ready = running.line();
        (running, ready)
    }

    /// Starts it, and waits until standard error has these words.
    pub(crate) fn start_for_a_person(
        folder: &Path,
        arguments: &[&str],
        words: &str,
    ) -> (Self, String) {
        let running = Self::spawn(folder, arguments);
        let start = Instant::now();
        while !running.log().contains(words) {
            assert!(
                start.elapsed() < Duration::from_secs(30),
                "{}",
                running.log()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        let log = running.log();
        (running, log)
    }

    /// Starts what is to fail before it is ready, and gives its exit code and what it said on standard error.
    pub(crate) fn refused(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
        let mut running = Self::spawn(folder, arguments);
        let start = Instant::now();
        loop {
            if let Some(status) = running.child.try_wait().expect("it was started") {
                return (status.code(), running.log());
            }
            assert!(start.elapsed() < Duration::from_secs(30), "it goes on");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn spawn(folder: &Path, arguments: &[&str]) -> Self {
        let log = folder.join(format!("{}.log", arguments[0]));
        let mut child = command(folder, arguments)
            .stdout(Stdio::piped())
            .stderr(File::create(&log).expect("a log"))
            .spawn()
            .expect("the program runs");
        let stdout = child.stdout.take().expect("it is piped");
        Self {
            child,
            lines: lines_of(stdout),
            log,
        }
    }

    /// The next line that it says on standard output.
    pub(crate) fn line(&self) -> Value {
        let line = self.lines.recv_timeout(Duration::from_secs(30));
        let line = line.unwrap_or_else(|error| panic!("{error}: {}", self.log()));
        serde_json::from_str(&line)
            .unwrap_or_else(|error| panic!("{error} in {line:?}, {}", self.log()))
    }

    /// What it said on standard error.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).expect("a log")
    }

    /// Asks it to stop, and gives its exit code.
    pub(crate) fn stop(mut self) -> Option<i32> {
        let process = self.child.id().to_string();
        let told = Command::new("kill").args(["-TERM", &process]).status();
        assert!(told.expect("it can be told").success());
        let start = Instant::now();
        let status = self.child.wait().expect("it ends");
        assert!(start.elapsed() < Duration::from_secs(10), "{}", self.log());
        status.code()
    }
}

/// What a program says, as it says it.
fn lines_of(stdout: ChildStdout) -> Receiver<String> {
    let (sender, lines) = channel();
    std::thread::spawn(move || {
        let lines = BufReader::new(stdout).lines().map_while(Result::ok);
        // Nobody listens any more when this fails.
        lines.for_each(|line| drop(sender.send(line)));
    });
    lines
}

impl Drop for Running {
    fn drop(&mut self) {
        // It is ended already when this fails.
        let _ = self.child.kill().and_then(|()| self.child.wait());
    }
}
