//! `coinslot fetch --channel` and `coinslot channel request-close`, at a seller that takes vouchers.

use serde_json::Value;

use crate::channel::{Opened, units};
use crate::support::{Run, Running, Town, run_in};

/// A buyer with a channel, who has no account's key any more, and where it can buy.
struct Buyer {
    own: Opened,
    server: Running,
    url: String,
}

impl Buyer {
    fn come() -> Self {
        let own = Opened::with("1d");
        let (server, url) = sell(&own.town);
        own.town.forget("STELLAR_SECRET_KEY");
        Self { own, server, url }
    }

    fn fetch(&self, arguments: &[&str]) -> Run {
        let from = ["--json", "--channel", &self.own.channel, &self.url];
        self.own.town.fetch(&[&from[..], arguments].concat())
    }

    /// Asks for the close of the channel, with the key of this file.
    fn close(&self, url: &str, key: &str) -> Run {
        let fixed = ["--url", url, "--commitment-key-file", key];
        self.own.run("request-close", &fixed)
    }

    /// A file beside `channel.key`.
    fn write(&self, name: &str, text: &str) {
        let file = self.own.town.folder.path().join(name);
        std::fs::write(file, text).expect("written");
    }
}

fn sell(town: &Town) -> (Running, String) {
    let fixed = ["serve", "--json", "--channel", "--listen", "127.0.0.1:0"];
    let (server, ready) = Running::start(town.folder.path(), &fixed);
    let url = ready["resource"].as_str().expect("it says what it sells");
    (server, url.to_owned())
}

const KEY: [&str; 2] = ["--commitment-key-file", "channel.key"];

fn assert_fails(run: &Run, code: i32, words: &str) {
    assert_eq!(run.code, code, "{}", run.stderr);
    assert!(run.stderr.contains(words), "{words} in {}", run.stderr);
}

#[test]
fn requests_are_paid_from_a_channel_until_its_seller_closes_it() {
    let buyer = Buyer::come();
    // A dry run needs no key at all.
    let preview = buyer.fetch(&["--dry-run"]);
    assert_eq!(preview.code, 0, "{}", preview.stderr);
    let preview = preview.json();
    assert_eq!(preview["outcome"], "would-pay");
    assert_eq!(preview["wouldPay"]["scheme"], "stellar/channel");
    assert_eq!(preview["wouldPay"]["amountBaseUnits"], "10000");
    assert_eq!(
        preview["wouldPay"]["payTo"],
        buyer.own.town.setting("STELLAR_RECIPIENT")
    );
    assert_eq!(units(&preview["channel"], "spent"), "0");
    assert_eq!(preview["channel"]["voucher"], Value::Null);

    for (spent, remaining) in [("10000", "19990000"), ("20000", "19980000")] {
        let bought = buyer.fetch(&KEY);
        assert_eq!(bought.code, 0, "{}", bought.stderr);
        let bought = bought.json();
        assert_eq!(bought["body"]["protocol"], "mpp");
        assert_eq!(bought["payment"]["payer"], buyer.own.channel.as_str());
        assert_eq!(bought["payment"]["amountBaseUnits"], "10000");
        let channel = &bought["channel"];
        assert_eq!(channel["channel"], buyer.own.channel.as_str());
        assert_eq!(units(channel, "voucher"), spent);
        assert_eq!(units(channel, "spent"), spent);
        assert_eq!(units(channel, "remaining"), remaining);
        assert_eq!(units(channel, "deposited"), "20000000");
        assert_eq!(units(channel, "cap"), "10000000");
    }
    let only = ["--protocol", "channel", "--channel", &buyer.own.channel];
    let told = buyer
        .own
        .town
        .fetch(&[&only[..], &KEY, &[&buyer.url]].concat());
    assert_eq!(told.code, 0, "{}", told.stderr);
    for words in [
        "✓ paid 0.001 USDC by a voucher for 0.003 USDC in all",
        "0.003 USDC spent in all, 1.997 USDC remain",
    ] {
        assert!(told.stderr.contains(words), "{words} in {}", told.stderr);
    }

    let elsewhere = buyer.close(&buyer.url.replace("/weather", "/nothing"), "channel.key");
    assert_fails(&elsewhere, 3, "asks for no payment");
    let closed = buyer.close(&buyer.url, "channel.key");
    assert_eq!(closed.code, 0, "{}", closed.stderr);
    let closed = closed.json();
    assert_eq!(closed["channel"], buyer.own.channel.as_str());
    assert_eq!(closed["transaction"].as_str().map(str::len), Some(64));
    assert_eq!(units(&closed, "paid"), "30000");
    assert_eq!(units(&closed, "asked"), "30000");
    assert_eq!(closed["tookMore"], false);
    assert_eq!(units(&closed, "returned"), "19970000");
    assert_eq!(closed["state"], "closed");
    let state = buyer.own.run("state", &[]).json();
    assert_eq!(state["state"], "closed");
    assert_eq!(units(&state, "withdrawn"), "30000");
    assert_eq!(units(&state, "balance"), "0");

    let again = buyer.close(&buyer.url, "channel.key");
    assert_eq!(again.code, 0, "{}", again.stderr);
    let again = again.json();
    for name in ["transaction", "paid", "asked", "returned", "state"] {
        assert_eq!(again[name], closed[name], "{name}");
    }
    assert_fails(&buyer.fetch(&KEY), 4, "is closed");
    assert_eq!(buyer.server.stop(), Some(0));
}

#[test]
fn caps_hold_and_wrong_keys_sign_nothing() {
    let buyer = Buyer::come();
    assert_fails(&buyer.fetch(&[]), 3, "--commitment-key-file");
    let account = "SD2HE6POY7D6P54CCUJ65SQW3C5SVBHT6PMI3BAQ7UVMBOTK7RI5WORH";
    buyer.write("account.key", account);
    buyer.write("other.key", &"07".repeat(32));
    let with = |file| buyer.fetch(&["--commitment-key-file", file]);
    for wrong in [with("account.key"), buyer.close(&buyer.url, "account.key")] {
        assert_fails(&wrong, 3, "this is a Stellar secret key (S…)");
        assert!(!wrong.stderr.contains(account), "{}", wrong.stderr);
    }
    for wrong in [with("other.key"), buyer.close(&buyer.url, "other.key")] {
        assert_fails(&wrong, 3, "is the key of another channel");
        assert!(!wrong.stderr.contains("0707"), "{}", wrong.stderr);
    }
    assert_fails(&with("nothing.key"), 3, "nothing.key cannot be read");
    for (flags, code, words) in [
        (["--protocol", "x402"], 2, "a channel pays by MPP"),
        (["--channel-cap", "1,5"], 3, "--channel-cap"),
        (["--channel-cap", "zsh.5"], 3, "in single quotes, as"),
        (["--max-payment", ".001"], 3, "in single quotes, as"),
        (["--max-per-day", ""], 3, "in single quotes, as"),
        (["--max-payment", "$0.0009"], 4, ""),
        (["--channel-cap", "$0.0009"], 4, ""),
    ] {
        assert_fails(&buyer.fetch(&[&flags[..], &KEY].concat()), code, words);
    }
    let bare = |flags: &[&str]| buyer.own.town.fetch(&[&[&*buyer.url], flags].concat());
    assert_fails(&bare(&["--protocol", "channel"]), 2, "--channel C…");
    assert_fails(&bare(&KEY), 2, "name it with --channel");

    // The environment has the key, and the cap leaves room for one request.
    let secret = buyer.own.key().expose_secret().to_string();
    let settings = buyer.own.town.folder.path().join(".env");
    let before = std::fs::read_to_string(&settings).expect("it was written");
    buyer.write(
        ".env",
        &format!("{before}\nCOINSLOT_COMMITMENT_KEY={secret}\n"),
    );
    let bought = buyer.fetch(&["--channel-cap", "$0.0015"]);
    assert_eq!(bought.code, 0, "{}", bought.stderr);
    assert_eq!(units(&bought.json()["channel"], "spent"), "10000");
    assert_fails(
        &buyer.fetch(&["--channel-cap", "$0.0015"]),
        4,
        "more than the 15000 base units",
    );

    // The seller shows the voucher to a wallet that has lost it, and the close pays what it shows.
    let url = buyer.url.as_str();
    let closed = buyer
        .own
        .run("request-close", &["--url", url, "--wallet", "new.db"]);
    assert_eq!(closed.code, 0, "{}", closed.stderr);
    assert_eq!(units(&closed.json(), "paid"), "10000");
}

#[test]
fn with_an_account_the_channel_goes_first() {
    let own = Opened::with("1d");
    let (_server, url) = sell(&own.town);
    let from = ["--json", "--channel", &own.channel, &url];
    let fetch = |flags: &[&str]| own.town.fetch(&[&from[..], &KEY, flags].concat());
    for flags in [&[][..], &["--protocol", "mpp"]] {
        let bought = fetch(flags);
        assert_eq!(bought.code, 0, "{}", bought.stderr);
        let bought = bought.json();
        assert_eq!(bought["payment"]["payer"], own.channel.as_str());
        assert_eq!(bought["channel"].get("notUsed"), None);
    }
    // What the channel's cap does not allow, the account pays; not where only the channel may.
    let bought = fetch(&["--channel-cap", "$0.002"]);
    assert_eq!(bought.code, 0, "{}", bought.stderr);
    let bought = bought.json();
    assert_ne!(bought["payment"]["payer"], own.channel.as_str());
    assert_eq!(bought["channel"]["voucher"], Value::Null);
    let why = bought["channel"]["notUsed"].as_str().expect("a reason");
    assert!(why.contains("more than the 20000 base units"), "{why}");
    let only = fetch(&["--channel-cap", "$0.002", "--protocol", "channel"]);
    assert_fails(&only, 4, "more than the 20000 base units");

    // Without its key, vouchers count in the account's budget all the same.
    own.town.forget("STELLAR_SECRET_KEY");
    assert_fails(
        &fetch(&["--max-per-day", "$0.003"]),
        4,
        "0.003 USDC are spent",
    );
    let bought = fetch(&["--max-per-day", "$0.004"]);
    assert_eq!(bought.code, 0, "{}", bought.stderr);
}

#[test]
fn a_seller_who_takes_no_vouchers_is_told_of_before_the_account_pays() {
    let own = Opened::with("1d");
    let fixed = ["serve", "--json", "--listen", "127.0.0.1:0"];
    let (_server, ready) = Running::start(own.town.folder.path(), &fixed);
    let url = ready["resource"].as_str().expect("it says what it sells");
    let from = ["--channel", &own.channel, url];
    let fetch = |flags: &[&str]| own.town.fetch(&[&from[..], &KEY, flags].concat());

    let only = fetch(&["--protocol", "channel"]);
    assert_fails(&only, 4, "this client pays from channels only");
    let preview = fetch(&["--dry-run"]);
    assert_eq!(preview.code, 0, "{}", preview.stderr);
    assert!(preview.stdout.contains(NO_VOUCHERS), "{}", preview.stdout);
    for (flags, way) in [
        (&["--quiet"][..], "by x402"),
        (&["--protocol", "mpp"], "by an MPP charge"),
    ] {
        let bought = fetch(flags);
        assert_eq!(bought.code, 0, "{}", bought.stderr);
        let (told, after) = bought
            .stderr
            .split_once("only the channel pays\n")
            .expect("a warning");
        for words in [NO_VOUCHERS, "paying from your account instead", way] {
            assert!(told.contains(words), "{words} in {}", bought.stderr);
        }
        assert!(!told.contains("· paying"), "{}", bought.stderr);
        assert_eq!(after.is_empty(), flags == ["--quiet"], "{after}");
    }
    let bought = fetch(&["--json"]);
    assert_eq!(bought.code, 0, "{}", bought.stderr);
    assert_eq!(bought.stderr, "");
    let bought = bought.json();
    assert_eq!(bought["payment"]["protocol"], "x402");
    assert_eq!(bought["channel"]["notUsed"], NO_VOUCHERS);
}

const NO_VOUCHERS: &str =
    "the channel does not pay: the seller takes no vouchers of it, or not on terms that you allow";

#[test]
fn nothing_is_signed_for_a_channel_that_is_closing_or_not_of_usdc() {
    let own = Opened::with("1d");
    let (_server, url) = sell(&own.town);
    let fetch = |channel: &str| {
        let from = ["--channel", channel, &url];
        own.town.fetch(&[&from[..], &KEY].concat())
    };
    let closing = own.run("close-start", &[]);
    assert_eq!(closing.code, 0, "{}", closing.stderr);
    assert_fails(
        &fetch(&own.channel),
        4,
        "is being closed; nothing was signed",
    );

    own.town.lumens_for_the_buyer();
    let key = own.key().public_key().to_string();
    let lumens = ["--token", LUMENS, "--commitment-key", &key];
    let folder = own.town.folder.path();
    let fixed = ["channel", "open", "--json", "--deposit", "1000"];
    let opened = run_in(folder, &[&fixed[..], &lumens].concat());
    assert_eq!(opened.code, 0, "{}", opened.stderr);
    let opened = opened.json();
    let channel = opened["channel"].as_str().expect("it is there");
    assert_fails(&fetch(channel), 3, "pays in USDC only");
}

/// The contract of the test network's lumens.
const LUMENS: &str = "CDLZFC3SYJYDZT7K67VZ75HPJVIEUVNIXF47ZG2FB2RMQQVU2HHGCYSC";

#[test]
fn the_buyers_close_is_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let help = run_in(folder.path(), &["channel", "--help"]).stdout;
    let (commands, examples) = help.split_once("Examples:").expect("some");
    let places = [
        "  open ",
        "  state ",
        "  top-up ",
        "  request-close ",
        "  close-start ",
        "  refund ",
        "  settle ",
        "  close ",
        "  watch ",
    ]
    .map(|command| commands.find(command).expect(command));
    assert!(places.is_sorted(), "{help}");
    for command in ["channel open", "fetch --channel", "channel request-close"] {
        assert!(examples.contains(command), "{command} in {help}");
    }
    let help = run_in(folder.path(), &["fetch", "--help"]).stdout;
    for word in [
        "--channel <CONTRACT>",
        "--channel-cap",
        "request-close",
        "coinslot/wallet.db in $XDG_DATA_HOME, or in ~/.local/share",
    ] {
        assert!(help.contains(word), "{word} in {help}");
    }
}
