//! The local network as `coinslot local` runs it: how soon it is ready, how many transfers a second it takes, in how much memory.
//!
//! Each transfer is simulated, signed with what the simulation found, and submitted, over HTTP, as a client would do it.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use coinslot_benchmarks::ratio::{self, Ratio, Target};
use coinslot_caip2_network::StellarNetwork;
use coinslot_soroban_authorization::{
    ClassicAsset, SecretKey, Transfer, TransferTransaction, sac_contract_id,
};
use coinslot_stellar_address::Address;
use coinslot_stellar_ledger::{Ledger, RpcLedger, RpcOptions, Simulation, Submission};

#[tokio::main]
async fn main() {
    let started = Instant::now();
    let network = Network::start();
    let ready = started.elapsed();
    let rate = transfers_a_second(&network.url).await;
    let memory = network.peak_memory_bytes();
    println!(
        "ready after {ready:.1?}; {rate:.0} transfers a second; {} MiB at most",
        memory >> 20
    );
    let figures = [
        (
            "`coinslot local` until it is ready",
            "1 s",
            ready.as_secs_f64(),
            Target::AtMost(1.0),
        ),
        (
            "transfers a second, simulated and submitted",
            "1,000",
            over(rate, 1_000.0),
            Target::AtLeast(1.0),
        ),
        (
            "its memory at the most, after that",
            "64 MiB",
            over(memory_mib(memory), 64.0),
            Target::AtMost(1.0),
        ),
    ];
    let ratios = figures.map(|(what, peer, ratio, target)| Ratio {
        what: what.into(),
        peer: peer.into(),
        ratio,
        target: Some(target),
    });
    ratio::keep("local_network", &ratios).expect("the build folder can be written");
}

/// A running `coinslot local`, ended when dropped.
struct Network {
    process: Child,
    url: String,
}

impl Network {
    fn start() -> Self {
        let mut process = Command::new(program())
            .args(["local", "--json", "--bind", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("`cargo build --release -p coinslot-cli` makes the program that is measured");
        let mut line = String::new();
        let stdout = process.stdout.take().expect("it is piped");
        BufReader::new(stdout)
            .read_line(&mut line)
            .expect("it says when it is ready");
        let ready: serde_json::Value = serde_json::from_str(&line).expect("it says so in JSON");
        let url = ready["rpcUrl"]
            .as_str()
            .expect("it names its address")
            .to_owned();
        Self { process, url }
    }

    fn peak_memory_bytes(&self) -> u64 {
        let path = format!("/proc/{}/status", self.process.id());
        let status = std::fs::read_to_string(path).expect("it is still running");
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .expect("Linux tells");
        let kibibytes: u64 = line
            .trim()
            .trim_end_matches(" kB")
            .parse()
            .expect("a number");
        kibibytes * 1024
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        // It is ended already when this fails.
        let _ = self.process.kill().and_then(|()| self.process.wait());
    }
}

/// `coinslot` beside the folder in which this benchmark was built.
fn program() -> PathBuf {
    let benchmark = std::env::current_exe().expect("it runs");
    let folder = benchmark
        .ancestors()
        .nth(2)
        .expect("it lies in target/release/deps");
    folder.join("coinslot")
}

async fn transfers_a_second(url: &str) -> f64 {
    let over = Arc::new(AtomicBool::new(false));
    let count = Arc::new(AtomicU32::new(0));
    let ledger =
        Arc::new(RpcLedger::new([url], RpcOptions::default()).expect("a loopback address"));
    let mut payers = Vec::new();
    for number in 0..PAYERS {
        let key = SecretKey::from_seed([number + 1; 32]);
        let answer = reqwest::get(format!("{url}/friendbot?addr={}", key.account_id()))
            .await
            .expect("friendbot answers");
        assert!(answer.status().is_success());
        let account = ledger
            .account(&key.account_id())
            .await
            .expect("the RPC answers")
            .expect("it was funded");
        payers.push((key, account.sequence));
    }
    let start = Instant::now();
    let tasks: Vec<_> = payers
        .into_iter()
        .map(|(key, mut sequence)| {
            let (over, count, ledger) =
                (Arc::clone(&over), Arc::clone(&count), Arc::clone(&ledger));
            tokio::spawn(async move {
                while !over.load(Ordering::Relaxed) {
                    sequence += 1;
                    transfer(ledger.as_ref(), &key, sequence).await;
                    count.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    tokio::time::sleep(STRETCH).await;
    over.store(true, Ordering::Relaxed);
    for task in tasks {
        task.await.expect("every transfer was taken");
    }
    self::over(
        f64::from(count.load(Ordering::Relaxed)),
        start.elapsed().as_secs_f64(),
    )
}

async fn transfer(ledger: &RpcLedger, key: &SecretKey, sequence: i64) {
    let network = StellarNetwork::Testnet.network_id();
    let payee = SecretKey::from_seed([PAYERS; 32]).account_id();
    let mut transaction = TransferTransaction {
        source: key.account_id(),
        sequence,
        fee: 100,
        max_time: None,
        transfer: Transfer {
            token: sac_contract_id(&network, &ClassicAsset::Native),
            from: Address::Account(key.account_id()),
            to: Address::Account(payee),
            amount: 1,
        },
        auth: Vec::new(),
        resources: None,
    };
    let simulation = ledger
        .simulate(&transaction.to_envelope())
        .await
        .expect("the RPC answers");
    let Simulation::Succeeded {
        resources,
        min_resource_fee,
        auth,
        ..
    } = simulation
    else {
        panic!("the transfer is possible: {simulation:?}")
    };
    transaction.fee = u32::try_from(min_resource_fee).expect("a small fee") + 100;
    transaction.auth = auth;
    transaction.resources = Some(resources.with_resource_fee(min_resource_fee));
    let mut envelope = transaction.to_envelope();
    envelope.sign(key, &network).expect("the key signs");
    let submission = ledger.submit(&envelope).await.expect("the RPC answers");
    assert!(
        matches!(submission, Submission::Pending { .. }),
        "{submission:?}"
    );
}

#[expect(clippy::float_arithmetic, reason = "a ratio is a quotient")]
fn over(value: f64, bound: f64) -> f64 {
    value / bound
}

fn memory_mib(bytes: u64) -> f64 {
    over(
        f64::from(u32::try_from(bytes >> 10).unwrap_or(u32::MAX)),
        1024.0,
    )
}

const PAYERS: u8 = 16;
const STRETCH: Duration = Duration::from_secs(5);
