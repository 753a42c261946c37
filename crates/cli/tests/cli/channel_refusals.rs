//! What `coinslot channel` says when something is wrong, and its exit codes.

use coinslot_channel_commitment::CommitmentKey;
use coinslot_usdc_amount::BaseUnits;
use serde_json::Value;

use crate::channel::{NEW_KEY, Opened, open as open_channel};
use crate::support::{Town, run, run_in};

#[test]
fn what_is_wrong_is_said_before_anything_is_sent() {
    let town = Town::found();
    let folder = town.folder.path();
    std::fs::write(folder.join("taken.key"), "mine").expect("written");
    let (buyer, sponsor) = (
        town.setting("STELLAR_SECRET_KEY"),
        town.setting("FACILITATOR_SPONSOR_KEYS"),
    );
    let bare = town.bare_account();
    let key = CommitmentKey::from_seed([9; 32]).public_key().to_string();
    let other_secret = CommitmentKey::from_seed([8; 32]).expose_secret();
    let with_key = ["--deposit", "$1", "--commitment-key", &key];
    let open = |more: &[&'static str]| [&NEW_KEY[..], more].concat();
    let cases: &[(&[&str], i32, &str)] = &[
        (&["--deposit", "$1"], 3, "no commitment key"),
        (&with_key[..2], 3, "--generate-key FILE"),
        (&open(&["--deposit", "1.5"]), 2, "--deposit"),
        (&open(&["--deposit", "0"]), 2, "more than nothing"),
        (&open(&["--deposit", "bash.5"]), 2, "in single quotes, as"),
        (&open(&["--deposit", "$0.00000001"]), 2, "--deposit"),
        (
            &open(&["--deposit", "$11"]),
            3,
            "has 10 USDC, and is to deposit 11 USDC",
        ),
        (
            &open(&["--deposit", "$1", "--waiting-period", "0"]),
            2,
            "at most a year",
        ),
        (
            &open(&["--deposit", "$1", "--max-fee", "1e3"]),
            2,
            "--max-fee",
        ),
        (
            &open(&["--deposit", "$1", "--max-fee", "0.01"]),
            4,
            "--max-fee allows 0.01 XLM",
        ),
        (
            &open(&["--deposit", "$1", "--salt", "12"]),
            2,
            "64 hexadecimal digits",
        ),
        (
            &open(&["--deposit", "$1", "--factory", "GABC"]),
            2,
            "--factory",
        ),
        (
            &open(&["--deposit", "$1", "--recipient", "SABC"]),
            3,
            "--recipient",
        ),
        (
            &open(&["--deposit", "$1", "--network", "stellar:pubnet"]),
            3,
            "agree",
        ),
        (
            &open(&["--deposit", "$1", "--rpc-url", "http://127.0.0.1:1"]),
            7,
            "the Stellar RPC",
        ),
        (
            &["--deposit", "$1", "--generate-key", "taken.key"],
            3,
            "is left as it is",
        ),
        (
            &["--deposit", "$1", "--commitment-key", "12"],
            3,
            "64 hexadecimal digits, not 2",
        ),
        (
            &[&with_key[..], &["--commitment-secret", &other_secret]].concat(),
            3,
            "another key",
        ),
        (
            &[&with_key[..], &["--generate-key", "x.key"]].concat(),
            2,
            "cannot be used with",
        ),
        (
            &[&with_key[..], &["--recipient", &bare]].concat(),
            3,
            "could never pay it",
        ),
        (
            &[&with_key[..], &["--secret-key", &sponsor]].concat(),
            3,
            "no trustline to USDC",
        ),
        (
            &[&with_key[..], &["--fee-payer", &buyer]].concat(),
            3,
            "has not enough XLM",
        ),
    ];
    for (flags, code, words) in cases {
        let wrong = run_in(folder, &[&["channel", "open"], *flags].concat());
        assert_eq!(wrong.code, *code, "{flags:?}: {}", wrong.stderr);
        assert!(wrong.stderr.contains(words), "{flags:?}: {}", wrong.stderr);
        for secret in [&buyer, &sponsor, &other_secret] {
            assert!(!wrong.stderr.contains(secret.as_str()), "{}", wrong.stderr);
        }
        assert!(!folder.join("channel.key").exists(), "{flags:?}");
    }
    let untouched = std::fs::read_to_string(folder.join("taken.key"));
    assert_eq!(untouched.ok().as_deref(), Some("mine"));
    let opened = open_channel(&town, &NEW_KEY);
    assert_eq!(opened.code, 0, "{}", opened.stderr);
    assert_ne!(
        opened.json()["codeTransaction"],
        Value::Null,
        "not even the code was stored before"
    );
}

#[test]
fn a_channel_listens_to_its_own_parties_only() {
    let own = Opened::with("1d");
    let sponsor = own.town.setting("FACILITATOR_SPONSOR_KEYS");
    let (good, bad) = (own.voucher(140), own.voucher(141));
    let beyond = own.voucher(20_000_001);
    let cases: &[(&str, &[&str], i32, &str)] = &[
        (
            "top-up",
            &["$1", "--secret-key", &sponsor],
            3,
            "the channel's funder is",
        ),
        (
            "close-start",
            &["--secret-key", &sponsor],
            3,
            "the channel's funder is",
        ),
        ("refund", &["--secret-key", "S"], 3, "STELLAR_SECRET_KEY"),
        ("top-up", &["$100"], 5, "not enough of the token"),
        (
            "settle",
            &["--recipient-secret-key", &sponsor],
            3,
            "the channel's recipient is",
        ),
        (
            "settle",
            &["--amount", "140", "--signature", &bad],
            5,
            "the signature is not by",
        ),
        (
            "settle",
            &["--amount", "20000001", "--signature", &beyond],
            5,
            "more than was deposited",
        ),
        (
            "settle",
            &["--amount", "140", "--signature", "00"],
            2,
            "--signature",
        ),
        ("settle", &["--amount", "140"], 2, "--signature"),
        ("settle", &[], 3, "there is no file payments.db"),
        ("close", &["--store", "memory:"], 3, "gone with the seller"),
        (
            "settle",
            &[
                "--amount",
                "140",
                "--signature",
                &good,
                "--max-fee",
                "0.001",
            ],
            4,
            "--max-fee",
        ),
        (
            "state",
            &["--store", "sqlite:no.db"],
            3,
            "there is no file no.db",
        ),
        (
            "state",
            &["--rpc-url", "http://127.0.0.1:1"],
            7,
            "the Stellar RPC",
        ),
    ];
    for (command, flags, code, words) in cases {
        let wrong = own.run(command, flags);
        assert_eq!(wrong.code, *code, "{command} {flags:?}: {}", wrong.stderr);
        assert!(
            wrong.stderr.contains(words),
            "{command} {flags:?}: {}",
            wrong.stderr
        );
        if *code != 2 {
            let told: Value = serde_json::from_str(&wrong.stderr).expect("JSON");
            assert_eq!(told["error"]["exitCode"], *code);
        }
        assert!(!wrong.stderr.contains(&sponsor), "{}", wrong.stderr);
    }
    let state = own.run("state", &[]).json();
    assert_eq!(state["withdrawn"]["baseUnits"], BaseUnits::ZERO.to_string());

    let usdc = own.town.ready("usdcContract");
    for (address, code, words) in [
        ("C", 2, "the channel"),
        (
            "CA3D5KRYM6CB7OWQ6TWYRR3Z4T7GNZLKERYNZGGA5SOAOPIFY6YQGAXE",
            3,
            "there is no contract",
        ),
        (usdc, 3, "is no channel"),
    ] {
        let wrong = run_in(own.town.folder.path(), &["channel", "state", address]);
        assert_eq!(wrong.code, code, "{}", wrong.stderr);
        assert!(wrong.stderr.contains(words), "{}", wrong.stderr);
    }
    let nobody = run(&["channel", "refund", &own.channel]);
    assert_eq!(nobody.code, 3, "{}", nobody.stderr);
    assert!(
        nobody.stderr.contains("set STELLAR_SECRET_KEY"),
        "{}",
        nobody.stderr
    );
}
