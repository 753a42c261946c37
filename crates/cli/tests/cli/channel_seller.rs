//! `coinslot serve --channel`, its metrics, and what a seller does with its store.

use std::time::{Duration, Instant};

use coinslot_mpp_wire::stellar::{ChannelAction, ChannelPayload, ChannelRequest};
use coinslot_mpp_wire::{Challenge, Credential};
use reqwest::header::{AUTHORIZATION, HeaderMap};
use serde_json::Value;

use crate::channel::{Opened, units};
use crate::support::{Running, Town, run_in};

/// A seller that takes vouchers, and a channel that pays it.
struct Market {
    own: Opened,
    server: Running,
    ready: Value,
}

impl Market {
    fn open(flags: &[&str]) -> Self {
        let own = Opened::with("1d");
        let (server, ready) = serve(&own.town, flags);
        Self { own, server, ready }
    }

    /// Asks for the resource, and pays with a voucher of this amount.
    fn buy(&self, amount: u64) -> (u16, String, HeaderMap) {
        let url = self.url();
        let challenge = challenge(&url, Some(&self.own.channel));
        let request: ChannelRequest = challenge.request().read().expect("a channel");
        assert_eq!(request.channel, self.own.channel);
        let voucher = self
            .own
            .key()
            .sign_amount(&self.own.template(), amount.into());
        let payload = ChannelPayload {
            action: ChannelAction::Voucher,
            amount: voucher.amount(),
            signature: *voucher.signature(),
        };
        let credential = Credential::new(challenge, &payload).to_header();
        block_on(async {
            let request = reqwest::Client::new()
                .get(url)
                .header(AUTHORIZATION, credential);
            let answer = request.send().await.expect("an answer");
            let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
            (status, answer.text().await.expect("a body"), headers)
        })
    }

    /// Where the resource is, whatever its public address.
    fn url(&self) -> String {
        let server = self.ready["url"].as_str().expect("it says where");
        format!("{server}/weather")
    }

    /// Waits until the metrics have a text, or no longer have it.
    fn wait_for(&self, text: &str, there: bool) {
        let start = Instant::now();
        while self.metrics().contains(text) != there {
            assert!(start.elapsed() < PATIENCE, "{text} in {}", self.metrics());
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn metrics(&self) -> String {
        let url = self.ready["metrics"].as_str().expect("it says where");
        block_on(async {
            let answer = reqwest::get(url).await.expect("an answer");
            answer.text().await.expect("a body")
        })
    }

    /// The value of a channel's metric.
    fn metric(&self, name: &str) -> String {
        let label = format!(
            "coinslot_channel_{name}_base_units{{channel=\"{}\"}} ",
            self.own.channel
        );
        let metrics = self.metrics();
        let line = metrics.lines().find_map(|line| line.strip_prefix(&label));
        line.unwrap_or_else(|| panic!("{label} in {metrics}"))
            .to_owned()
    }
}

fn serve(town: &Town, flags: &[&str]) -> (Running, Value) {
    let fixed = [
        "serve",
        "--json",
        "--channel",
        "--listen",
        "127.0.0.1:0",
        "--metrics-listen",
        "127.0.0.1:0",
    ];
    Running::start(town.folder.path(), &[&fixed, flags].concat())
}

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Runtime::new()
        .expect("threads")
        .block_on(future)
}

/// The challenge for a channel.
fn challenge(url: &str, channel: Option<&str>) -> Challenge {
    block_on(async {
        let request = reqwest::Client::new().get(url);
        let request = match channel {
            Some(channel) => request.header("payment-channel", channel),
            None => request,
        };
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), 402);
        let values = answer.headers().get_all("www-authenticate");
        let lines = values.iter().map(|value| value.to_str().expect("ASCII"));
        let challenges = Challenge::from_headers(lines).expect("challenges");
        let is_channel = |challenge: &Challenge| challenge.intent().as_str() == "channel";
        challenges
            .into_iter()
            .find(is_channel)
            .expect("a channel's")
    })
}

#[test]
fn vouchers_are_served_counted_and_settled_from_the_store() {
    let market = Market::open(&[]);
    let (own, ready) = (&market.own, &market.ready);
    assert_eq!(
        ready["protocols"],
        serde_json::json!(["x402", "mpp", "channel"])
    );
    assert_eq!(
        ready["channels"]["recipient"],
        own.town.setting("STELLAR_RECIPIENT")
    );
    assert_eq!(ready["channels"]["shortestWaitingPeriod"], 17_280);
    assert_eq!(units(&ready["channels"], "settleAmount"), "100000000");
    for amount in [10_000, 20_000] {
        let (status, body, headers) = market.buy(amount);
        assert_eq!(status, 200, "{body}");
        assert!(headers.contains_key("payment-receipt"));
        let body: Value = serde_json::from_str(&body).expect("JSON");
        assert_eq!(body["protocol"], "mpp");
    }
    let (status, ..) = market.buy(20_001);
    assert_eq!(status, 402);
    for (name, value) in [
        ("accepted", "20000"),
        ("spent", "20000"),
        ("exposure", "20000"),
        ("withdrawn", "0"),
    ] {
        assert_eq!(market.metric(name), value, "{name}");
    }
    let metrics = market.metrics();
    for line in [
        r#"coinslot_gate_events_total{event="delivered"} 2"#,
        r#"coinslot_gate_events_total{event="refused"} 1"#,
    ] {
        assert!(metrics.contains(line), "{metrics}");
    }
    assert!(metrics.ends_with("# EOF\n"));

    let store = ["--store", "sqlite:payments.db"];
    let state = own.run("state", &store);
    assert_eq!(state.code, 0, "{}", state.stderr);
    let seller = &state.json()["seller"];
    for name in ["accepted", "spent", "exposure"] {
        assert_eq!(units(seller, name), "20000", "{name}");
    }
    assert_eq!(seller["phase"], "open");
    assert_eq!(seller["refused"], Value::Null);
    assert_eq!(market.server.stop(), Some(0));

    // The store is the default one.
    let settled = own.run("settle", &[]);
    assert_eq!(settled.code, 0, "{}", settled.stderr);
    assert_eq!(units(&settled.json(), "withdrawn"), "20000");
    let again = own.run("settle", &store);
    assert_eq!(again.code, 0, "{}", again.stderr);
    assert_eq!(again.json()["transaction"], Value::Null);
    let state = own.run("state", &store).json();
    assert_eq!(units(&state["seller"], "exposure"), "0");
    let closed = own.run("close", &store);
    assert_eq!(closed.code, 0, "{}", closed.stderr);
    let closed = closed.json();
    assert_eq!(closed["state"], "closed");
    assert_eq!(units(&closed, "balance"), "0");
    let state = own.run("state", &store).json();
    assert_eq!(state["seller"]["phase"]["closed"]["why"], "decidedBySeller");
}

#[test]
fn a_watcher_does_what_is_due_without_the_server() {
    let market = Market::open(&[]);
    assert_eq!(market.buy(10_000).0, 200);
    let Market { own, server, .. } = market;
    assert_eq!(server.stop(), Some(0));
    let folder = own.town.folder.path();
    let fixed = ["channel", "watch", "--json", "--every", "1s"];
    let (watcher, ready) =
        Running::start(folder, &[&fixed[..], &["--settle-amount", "1"]].concat());
    assert_eq!(ready["event"], "watching");
    assert_eq!(ready["recipient"], own.town.setting("STELLAR_RECIPIENT"));
    assert_eq!(ready["channels"][0]["channel"], own.channel.as_str());
    assert_eq!(units(&ready["channels"][0], "exposure"), "10000");
    let settled = watcher.line();
    assert_eq!(settled["event"], "settled");
    assert_eq!(settled["channel"], own.channel.as_str());
    assert_eq!(units(&settled, "withdrawn"), "10000");

    // The funder closes, and the watcher answers.
    let closing = own.run("close-start", &[]);
    assert_eq!(closing.code, 0, "{}", closing.stderr);
    let disputed = watcher.line();
    assert_eq!(disputed["event"], "disputed");
    assert_eq!(
        disputed["effectiveAtLedger"],
        closing.json()["closeEffectiveAtLedger"]
    );
    assert_eq!(watcher.stop(), Some(0));
}

#[test]
fn a_default_channel_is_offered_to_whoever_names_none() {
    let own = Opened::with("1d");
    let flags = ["--default-channel", &own.channel, "--announce-cumulative"];
    let (server, ready) = serve(&own.town, &flags);
    assert_eq!(ready["channels"]["defaultChannel"], own.channel.as_str());
    let url = ready["resource"].as_str().expect("it says what it sells");
    let request: ChannelRequest = challenge(url, None).request().read().expect("a channel");
    assert_eq!(request.channel, own.channel);
    let details = request.method_details.expect("details");
    assert_eq!(details.cumulative_amount, None, "nothing was paid yet");
    let market = Market { own, server, ready };
    assert_eq!(market.buy(10_000).0, 200);
    let url = market.ready["resource"].as_str().expect("it is there");
    let told = |challenge: Challenge| {
        let request: ChannelRequest = challenge.request().read().expect("a channel");
        request
            .method_details
            .and_then(|details| details.cumulative_amount)
    };
    assert_eq!(told(challenge(url, None)), Some(10_000_u64.into()));
    let Market { own, server, .. } = market;
    assert_eq!(server.stop(), Some(0));
    let (_server, ready) = serve(&own.town, &["--default-channel", &own.channel]);
    let url = ready["resource"].as_str().expect("it is there");
    assert_eq!(
        told(challenge(url, None)),
        None,
        "it is nobody else's matter"
    );
}

#[test]
fn a_server_settles_and_forgets_what_is_over() {
    let market = Market::open(&["--settle-amount", "1"]);
    assert_eq!(market.buy(10_000).0, 200);
    market.wait_for(r#"coinslot_channel_events_total{event="settled"} 1"#, true);
    assert_eq!(market.metric("withdrawn"), "10000");
    assert_eq!(market.metric("exposure"), "0");
    let signature = market.own.voucher(10_000);
    let voucher = ["--amount", "10000", "--signature", &signature];
    let closed = market.own.run("close", &voucher);
    assert_eq!(closed.code, 0, "{}", closed.stderr);
    market.wait_for(&market.own.channel, false);
}

#[test]
fn an_answer_survives_the_server() {
    let public = ["--base-url", "https://shop.example"];
    let market = Market::open(&public);
    assert_eq!(market.buy(10_000).0, 200);
    let Market { own, server, .. } = market;
    assert_eq!(server.stop(), Some(0));
    let (server, ready) = serve(&own.town, &public);
    let market = Market { own, server, ready };
    assert_eq!(market.buy(10_000).0, 200);
    market.wait_for(r#"coinslot_gate_events_total{event="replayed"} 1"#, true);
}

#[test]
fn a_channel_that_the_seller_refuses_is_told_of() {
    let own = Opened::with("1h");
    let folder = own.town.folder.path();
    let (server, _) = serve(&own.town, &[]);
    let state = own.run("state", &["--store", "sqlite:payments.db"]).json();
    let why = state["seller"]["refused"].as_str().expect("a reason");
    assert!(why.contains("720 ledgers, at least 17280"), "{why}");
    let settle = own.run("settle", &[]);
    assert_eq!(settle.code, 5, "{}", settle.stderr);
    assert!(settle.stderr.contains("no voucher"), "{}", settle.stderr);
    assert_eq!(server.stop(), Some(0));

    let (lax, ready) = serve(&own.town, &["--shortest-waiting-period", "1h"]);
    let url = ready["resource"].as_str().expect("it says what it sells");
    let request: ChannelRequest = challenge(url, Some(&own.channel))
        .request()
        .read()
        .expect("a channel");
    assert_eq!(request.channel, own.channel);
    assert_eq!(lax.stop(), Some(0));

    let wrong: &[(&[&str], i32, &str)] = &[
        (
            &["--pay-to", own.town.ready("usdcContract")],
            3,
            "channels pay the account whose key it is",
        ),
        (&["--default-channel", "C"], 3, "--default-channel"),
        (
            &["--recipient-secret-key", "S"],
            3,
            "STELLAR_RECIPIENT_SECRET_KEY",
        ),
        (&["--settle-amount", "1.5"], 2, "--settle-amount"),
        (&["--settle-after", "1"], 2, "--settle-after"),
        (&["--channel-max-fee", "0"], 2, "--channel-max-fee"),
    ];
    for (flags, code, words) in wrong {
        let fixed = ["serve", "--channel", "--listen", "127.0.0.1:0"];
        let refused = run_in(folder, &[&fixed[..], flags].concat());
        assert_eq!(refused.code, *code, "{flags:?}: {}", refused.stderr);
        assert!(
            refused.stderr.contains(words),
            "{flags:?}: {}",
            refused.stderr
        );
    }
    own.town.forget("STELLAR_RECIPIENT_SECRET_KEY");
    let keyless = run_in(folder, &["serve", "--channel"]);
    assert_eq!(keyless.code, 3, "{}", keyless.stderr);
    assert!(
        keyless.stderr.contains("the recipient has to sign"),
        "{}",
        keyless.stderr
    );
}

/// Longer than a look at the chain takes.
const PATIENCE: Duration = Duration::from_secs(30);
