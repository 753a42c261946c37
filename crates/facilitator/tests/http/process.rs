//! The program itself: started, killed in the middle of a settlement, and started again.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use coinslot_facilitator_api::{Facilitator as _, HttpFacilitator, Settlement};

use super::world::{PRICE, World};

struct Program {
    child: Child,
    address: String,
}

impl Program {
    fn start(flags: &[String], store: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_coinslot-facilitator"))
            .args(&flags[1..])
            .args(["--listen", "127.0.0.1:0", "--store"])
            .arg(format!("sqlite:{}", store.display()))
            .env_clear()
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        let (found, address) = mpsc::channel();
        std::thread::spawn(move || {
            for line in log.lines().map_while(Result::ok) {
                assert!(!line.contains("SA") || !line.contains("secret"), "{line}");
                let event: serde_json::Value = serde_json::from_str(&line).expect("JSON lines");
                if let Some(address) = event["fields"]["address"].as_str() {
                    let _ = found.send(format!("http://{address}"));
                }
            }
        });
        let address = address.recv_timeout(Duration::from_secs(30)).unwrap();
        Self { child, address }
    }

    fn client(&self) -> HttpFacilitator {
        HttpFacilitator::builder(&self.address)
            .settle_timeout(Duration::from_secs(5))
            .build()
            .unwrap()
    }

    /// The same as `kill -9`.
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    #[cfg(unix)]
    fn terminate(mut self) {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &pid])
                .status()
                .unwrap()
                .success()
        );
        assert!(self.child.wait().unwrap().success());
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_payment_survives_kill_9() {
    let world = World::new().await;
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("facilitator.db");
    let flags = world.flags(&["--answer-seconds", "1"]).await;
    let payment = world.payment(&world.payer().await).await;
    let payment = payment.with_idempotency_key("a-purchase");

    // The transaction lands, and the facilitator does not learn of it before it is killed.
    world.network.fail_next("getTransaction", 1000);
    let program = Program::start(&flags, &store);
    let answer = program.client().settle(&payment).await.unwrap();
    let Settlement::Pending { response, .. } = answer else {
        panic!("{answer:?}")
    };
    program.kill();
    world.network.fail_next("getTransaction", 0);

    let program = Program::start(&flags, &store);
    let settled = loop {
        match program.client().settle(&payment).await.unwrap() {
            Settlement::Confirmed(settled) => break settled,
            Settlement::Pending { .. } => tokio::time::sleep(Duration::from_millis(100)).await,
            Settlement::Failed(failed) => panic!("{failed:?}"),
        }
    };
    assert_eq!(settled.transaction, response.transaction);
    assert_eq!(world.paid().await, u128::from(PRICE));
    program.terminate();

    // And again after a stop: the answer is on record.
    let program = Program::start(&flags, &store);
    let again = program.client().settle(&payment).await.unwrap();
    assert_eq!(again.response().transaction, settled.transaction);
    program.terminate();
    assert_eq!(world.paid().await, u128::from(PRICE));
}

#[test]
fn a_wrong_configuration_is_said_in_a_sentence() {
    let output = Command::new(env!("CARGO_BIN_EXE_coinslot-facilitator"))
        .env_clear()
        .output()
        .unwrap();
    assert!(!output.status.success());
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("STELLAR_SECRET_KEY"), "{message}");
}
