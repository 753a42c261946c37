//! `coinslot channel`, on the embedded network.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use coinslot_caip2_network::StellarNetwork;
use coinslot_channel_commitment::{CommitmentKey, CommitmentTemplate};
use coinslot_stellar_address::ContractId;
use serde_json::Value;

use crate::support::{Run, Town, forgetful, run, run_in};

/// A town with a channel of two dollars from its buyer to its seller, whose key is in `channel.key`.
pub(crate) struct Opened {
    pub(crate) town: Town,
    pub(crate) channel: String,
}

impl Opened {
    pub(crate) fn with(waiting_period: &str) -> Self {
        let town = Town::found();
        let waiting = ["--waiting-period", waiting_period];
        let opened = open(&town, &[&NEW_KEY[..], &waiting].concat());
        assert_eq!(opened.code, 0, "{}", opened.stderr);
        let channel = opened.json()["channel"]
            .as_str()
            .expect("it is there")
            .to_owned();
        Self { town, channel }
    }

    pub(crate) fn run(&self, command: &str, arguments: &[&str]) -> Run {
        let of = ["channel", command, "--json", &self.channel];
        run_in(self.town.folder.path(), &[&of[..], arguments].concat())
    }

    /// What `state` shows to a person.
    fn page(&self, arguments: &[&str]) -> String {
        let of = ["channel", "state", &self.channel];
        let shown = run_in(self.town.folder.path(), &[&of[..], arguments].concat());
        assert_eq!(shown.code, 0, "{}", shown.stderr);
        shown.stdout
    }

    pub(crate) fn key(&self) -> CommitmentKey {
        key_in(&self.town.folder.path().join("channel.key"))
    }

    pub(crate) fn template(&self) -> CommitmentTemplate {
        let channel: ContractId = self.channel.parse().expect("a contract");
        CommitmentTemplate::new(&StellarNetwork::Testnet.network_id(), &channel)
    }

    /// The signature of a voucher, as the wire has it.
    pub(crate) fn voucher(&self, amount: u64) -> String {
        let voucher = self.key().sign_amount(&self.template(), amount.into());
        voucher.signature_hex()
    }
}

/// Opens a channel of two dollars.
pub(crate) fn open(town: &Town, arguments: &[&str]) -> Run {
    let fixed = ["channel", "open", "--json", "--deposit", "$2"];
    run_in(town.folder.path(), &[&fixed[..], arguments].concat())
}

pub(crate) fn key_in(file: &Path) -> CommitmentKey {
    let text = std::fs::read_to_string(file).expect("it was written");
    text.trim().parse().expect("64 digits")
}

pub(crate) fn units<'v>(told: &'v Value, name: &str) -> &'v str {
    told[name]["baseUnits"].as_str().expect("an amount")
}

#[test]
fn a_channel_lives_from_its_opening_to_its_close() {
    let town = Town::found();
    let opened = open(&town, &[&NEW_KEY[..], &["--waiting-period", "5"]].concat());
    assert_eq!(opened.code, 0, "{}", opened.stderr);
    let told = opened.json();
    assert_eq!(units(&told, "deposit"), "20000000");
    assert_eq!(told["refundWaitingPeriod"], 5);
    assert_eq!(told["commitmentKeyFile"], "channel.key");
    assert_eq!(told["factory"], Value::Null);
    for transaction in ["codeTransaction", "transaction"] {
        assert_eq!(
            told[transaction].as_str().map(str::len),
            Some(64),
            "{transaction}"
        );
    }
    let file = town.folder.path().join("channel.key");
    let mode = std::fs::metadata(&file)
        .expect("it is there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let key = key_in(&file).public_key().to_string();
    assert_eq!(told["commitmentKey"], key.as_str());
    let channel = told["channel"].as_str().expect("it is there").to_owned();
    let own = Opened { town, channel };

    let state = own.run("state", &[]);
    assert_eq!(state.code, 0, "{}", state.stderr);
    let state = state.json();
    assert_eq!(state["state"], "open");
    assert_eq!(state["recipient"], own.town.setting("STELLAR_RECIPIENT"));
    assert_eq!(state["commitmentKey"], key.as_str());
    assert_eq!(state["token"], own.town.ready("usdcContract"));
    assert_eq!(state["codeIsKnown"], true);
    assert_eq!(state["archived"], false);
    assert_eq!(state["closeEffectiveAtLedger"], Value::Null);
    assert!(state["liveUntilLedger"].as_u64() > state["asOfLedger"].as_u64());
    assert_eq!(state.get("seller"), None);
    assert_eq!(units(&state, "returned"), "0");
    let page = own.page(&[]);
    assert!(page.contains("deposited: 2 USDC"), "{page}");
    assert!(!page.contains("returned"), "{page}");

    let more = own.run("top-up", &["$1"]);
    assert_eq!(more.code, 0, "{}", more.stderr);
    assert_eq!(units(&more.json(), "deposited"), "30000000");

    let settled = own.run(
        "settle",
        &["--amount", "140", "--signature", &own.voucher(140)],
    );
    assert_eq!(settled.code, 0, "{}", settled.stderr);
    let settled = settled.json();
    assert_eq!(units(&settled, "withdrawn"), "140");
    assert_eq!(units(&settled, "balance"), "29999860");
    assert_eq!(units(&settled, "deposited"), "30000000");
    let again = own.run(
        "settle",
        &["--amount", "140", "--signature", &own.voucher(140)],
    );
    assert_eq!(again.code, 5, "{}", again.stderr);
    assert!(again.stderr.contains("brings nothing"), "{}", again.stderr);

    let closing = own.run("close-start", &[]);
    assert_eq!(closing.code, 0, "{}", closing.stderr);
    let closing = closing.json();
    assert_eq!(closing["state"], "closing");
    let effective = closing["closeEffectiveAtLedger"]
        .as_u64()
        .expect("a ledger");
    assert_eq!(
        effective,
        closing["asOfLedger"].as_u64().expect("a ledger") + 5
    );
    let page = own.page(&[]);
    assert!(page.contains("deposited: 3 USDC"), "{page}");
    assert!(!page.contains("returned"), "{page}");
    let twice = own.run("close-start", &[]);
    assert_eq!(twice.code, 5, "{}", twice.stderr);
    let words = "ends in 5 ledgers (about 25 seconds); to begin anew would only put it off";
    assert!(twice.stderr.contains(words), "{}", twice.stderr);
    let early = own.run("refund", &[]);
    assert_eq!(early.code, 5, "{}", early.stderr);
    for words in ["RefundWaitingPeriodNotElapsed", "it ends in 5 ledgers"] {
        assert!(early.stderr.contains(words), "{}", early.stderr);
    }
    let late = own.run("top-up", &["1"]);
    assert_eq!(late.code, 5, "{}", late.stderr);

    let closed = own.run(
        "close",
        &["--amount", "$0.5", "--signature", &own.voucher(5_000_000)],
    );
    assert_eq!(closed.code, 0, "{}", closed.stderr);
    let closed = closed.json();
    assert_eq!(closed["state"], "closed");
    assert_eq!(units(&closed, "deposited"), "30000000");
    assert_eq!(units(&closed, "withdrawn"), "5000000");
    assert_eq!(units(&closed, "returned"), "25000000");
    assert_eq!(units(&closed, "balance"), "0");
    let page = own.page(&[]);
    for words in [
        "deposited: 3 USDC",
        "withdrawn: 0.5 USDC",
        "returned: 2.5 USDC",
    ] {
        assert!(page.contains(words), "{words} in {page}");
    }
    let rpc = forgetful(own.town.ready("rpcUrl"));
    let page = own.page(&["--rpc-url", &rpc]);
    assert!(!page.contains("deposited"), "{page}");
    for words in ["withdrawn: 0.5 USDC", "returned: the RPC does not know"] {
        assert!(page.contains(words), "{words} in {page}");
    }
    let over = own.run("close-start", &[]);
    assert_eq!(over.code, 5, "{}", over.stderr);
    assert!(over.stderr.contains("(AlreadyClosed)"), "{}", over.stderr);
}

#[test]
fn a_funder_takes_back_what_is_left() {
    let own = Opened::with("1");
    let nobody = own.run("refund", &[]);
    assert_eq!(nobody.code, 5, "{}", nobody.stderr);
    assert!(nobody.stderr.contains("(NotClosed)"), "{}", nobody.stderr);
    assert_eq!(own.run("close-start", &[]).code, 0);
    // Every submission closes a ledger.
    let voucher = ["--amount", "140", "--signature", &own.voucher(140)];
    assert_eq!(own.run("settle", &voucher).code, 0);
    let page = own.page(&[]);
    let words = "the funder takes the balance back with `coinslot channel refund`";
    for words in ["deposited: 2 USDC", "returned: 0 USDC", words] {
        assert!(page.contains(words), "{words} in {page}");
    }
    let back = own.run("refund", &[]);
    assert_eq!(back.code, 0, "{}", back.stderr);
    assert_eq!(units(&back.json(), "balance"), "0");
    assert_eq!(units(&back.json(), "returned"), "19999860");
    assert_eq!(units(&back.json(), "deposited"), "20000000");
    assert_eq!(back.json()["transaction"].as_str().map(str::len), Some(64));
    let page = own.page(&[]);
    assert!(!page.contains("refund`"), "{page}");
    for words in [
        "state: closed since ledger",
        "balance: 0 USDC",
        "waiting period: 1 ledger (about 5 seconds)",
    ] {
        assert!(page.contains(words), "{page}");
    }
}

#[test]
fn the_same_salt_never_opens_two_channels() {
    let town = Town::found();
    let salt = "ab".repeat(32);
    let key = CommitmentKey::from_seed([9; 32]);
    let public = key.public_key().to_string();
    let fixed = ["--salt", &salt, "--commitment-key", &public];
    let first = open(&town, &fixed);
    assert_eq!(first.code, 0, "{}", first.stderr);
    let first = first.json();
    assert_eq!(first["commitmentKey"], public);
    assert_eq!(first["commitmentKeyFile"], Value::Null);
    let again = open(&town, &fixed);
    assert_eq!(again.code, 0, "{}", again.stderr);
    let again = again.json();
    assert_eq!(again["channel"], first["channel"]);
    assert_eq!(again["transaction"], Value::Null);
    let other = open(&town, &[&fixed[..], &["--waiting-period", "2d"]].concat());
    assert_eq!(other.code, 3, "{}", other.stderr);
    assert!(
        other.stderr.contains("its waiting period is another"),
        "{}",
        other.stderr
    );
    let made = open(&town, &["--salt", &salt, "--generate-key", "late.key"]);
    assert_eq!(made.code, 3, "{}", made.stderr);
    assert!(!town.folder.path().join("late.key").exists());

    // The code is on the ledger by now.
    let second = open(&town, &["--commitment-key", &public]);
    assert_eq!(second.code, 0, "{}", second.stderr);
    let second = second.json();
    assert_eq!(second["codeTransaction"], Value::Null);
    assert_ne!(second["channel"], first["channel"]);
}

#[test]
fn a_stellar_secret_is_no_commitment_key() {
    let town = Town::found();
    let secret = town.setting("STELLAR_SECRET_KEY");
    for (flag, words) in [
        ("--commitment-key", "must never be given as a public key"),
        ("--commitment-secret", "moves all the money of an account"),
    ] {
        let refused = open(&town, &[flag, &secret]);
        assert_eq!(refused.code, 3, "{}", refused.stderr);
        assert!(refused.stderr.contains(words), "{}", refused.stderr);
        assert!(!refused.stderr.contains(&secret), "{}", refused.stderr);
    }
    let help = run(&["channel", "open", "--help"]);
    assert!(help.stdout.contains("64 hex digits"), "{}", help.stdout);
}

pub(crate) const NEW_KEY: [&str; 2] = ["--generate-key", "channel.key"];
