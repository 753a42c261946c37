//! `coinslot serve`: what it sells, and what it says when it cannot.

use coinslot_mpp_wire::stellar::{ChargeRequest, CredentialType};
use coinslot_mpp_wire::{Challenge, ChallengeSecrets};
use coinslot_x402_wire::PaymentRequired;
use reqwest::header::HeaderMap;
use reqwest::{Response, StatusCode};
use serde_json::Value;

use crate::support::{Run, Running, Town, run_in};

/// A listening server, and where it sells.
fn serve(town: &Town, arguments: &[&str]) -> (Running, Value) {
    let fixed = ["serve", "--json", "--listen", "127.0.0.1:0"];
    Running::start(town.folder.path(), &[&fixed, arguments].concat())
}

fn resource(ready: &Value) -> &str {
    ready["resource"].as_str().expect("it says what it sells")
}

fn get(url: &str) -> (StatusCode, HeaderMap) {
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    let answer: Response = runtime.block_on(reqwest::get(url)).expect("an answer");
    (answer.status(), answer.headers().clone())
}

fn x402(headers: &HeaderMap) -> Option<PaymentRequired> {
    let value = headers.get("payment-required")?;
    Some(PaymentRequired::from_header(value.to_str().expect("ASCII")).expect("an offer"))
}

fn challenge(headers: &HeaderMap) -> Option<Challenge> {
    let value = headers.get("www-authenticate")?;
    Some(Challenge::from_header(value.as_bytes()).expect("a challenge"))
}

#[test]
fn one_endpoint_sells_by_both_protocols() {
    let town = Town::found();
    let (server, ready) = serve(&town, &["--store", "memory:"]);
    assert_eq!(ready["event"], "listening");
    assert_eq!(ready["price"], "$0.001");
    assert_eq!(ready["payTo"], town.setting("STELLAR_RECIPIENT"));
    assert_eq!(ready["protocols"], serde_json::json!(["x402", "mpp"]));
    assert_eq!(
        ready["facilitator"],
        Value::Null,
        "its own sponsors go before the facilitator of the environment"
    );
    assert_eq!(ready["sponsors"].as_array().map(Vec::len), Some(1));
    assert!(
        !server.log().contains("do not survive a restart"),
        "{}: the secret of the environment is taken",
        server.log()
    );

    let url = resource(&ready);
    let (status, headers) = get(url);
    assert_eq!(status, StatusCode::PAYMENT_REQUIRED);
    let offer = x402(&headers).expect("x402");
    assert_eq!(offer.accepts[0].amount.to_string(), "10000");
    assert_eq!(offer.resource.url, url);
    let challenge = challenge(&headers).expect("MPP");
    let request: ChargeRequest = challenge.request().read().expect("a charge");
    assert_eq!(request.recipient, town.setting("STELLAR_RECIPIENT"));
    assert!(request.method_details.expect("details").is_sponsored());

    for protocol in ["x402", "mpp"] {
        let bought = town.fetch(&["--json", "--protocol", protocol, url]);
        assert_eq!(bought.code, 0, "{}", bought.stderr);
        let bought = bought.json();
        assert_eq!(bought["body"]["protocol"], protocol);
        assert_eq!(bought["payment"]["protocol"], protocol);
        assert_eq!(
            bought["payment"]["transaction"].as_str().map(str::len),
            Some(64)
        );
    }
    let pushed = town.fetch(&["--protocol", "mpp", "--mode", "push", url]);
    assert_eq!(pushed.code, 4, "{}", pushed.stderr);
    assert!(
        pushed.stderr.contains("nothing is pushed"),
        "{}",
        pushed.stderr
    );
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn a_random_secret_is_warned_of() {
    let town = Town::found();
    town.forget("MPP_SECRET");
    let (server, _) = serve(&town, &["--store", "memory:"]);
    assert!(
        server.log().contains("do not survive a restart"),
        "{}",
        server.log()
    );
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn without_a_sponsor_buyers_pay_the_fees() {
    let town = Town::found();
    let elsewhere = tempfile::tempdir().expect("a folder");
    let (recipient, rpc) = (
        town.setting("STELLAR_RECIPIENT"),
        town.setting("STELLAR_RPC_URL"),
    );
    let secret = "a secret that is long enough to be one";
    std::fs::write(
        elsewhere.path().join(".env"),
        format!("MPP_SECRET={secret:?}\n"),
    )
    .expect("written");
    let (server, ready) = Running::start(
        elsewhere.path(),
        &[
            "serve",
            "--json",
            "--listen",
            "127.0.0.1:0",
            "--protocol",
            "mpp",
            "--pay-to",
            &recipient,
            "--rpc-url",
            &rpc,
            "--price",
            "0.02",
            "--path",
            "/a/report",
            "--text",
            "all is well",
            "--description",
            "How all is",
            "--realm",
            "reports",
        ],
    );
    assert_eq!(ready["price"], "$0.02");
    assert_eq!(ready["sponsors"], serde_json::json!([]));
    assert_eq!(server.log(), "");
    let (_, headers) = get(resource(&ready));
    assert!(x402(&headers).is_none());
    let challenge = challenge(&headers).expect("MPP");
    assert_eq!(challenge.realm(), "reports");
    let secrets = ChallengeSecrets::new(secret).expect("a secret");
    let request: ChargeRequest = challenge.request().read().expect("a charge");
    assert!(
        secrets.verify(challenge).is_ok(),
        "the challenge is bound by the secret of the environment"
    );
    assert_eq!(request.amount.to_string(), "200000");
    assert_eq!(request.description.as_deref(), Some("How all is"));
    let details = request.method_details.expect("details");
    assert!(!details.is_sponsored() && details.takes(&CredentialType::SignedHash));

    town.lumens_for_the_buyer();
    let limit = ["--protocol", "mpp", "--max-payment", "$0.02"];
    for mode in ["pull", "push"] {
        let bought = town.fetch(&[&limit[..], &["--mode", mode, resource(&ready)]].concat());
        assert_eq!(
            (bought.code, bought.stdout.as_str()),
            (0, "all is well"),
            "{}",
            bought.stderr
        );
        assert!(bought.stderr.contains("by MPP"), "{}", bought.stderr);
    }
    assert_eq!(server.stop(), Some(0));
    assert!(elsewhere.path().join("payments.db").exists());
}

#[test]
fn a_facilitator_that_is_named_settles() {
    let town = Town::found();
    let listen = ["facilitator", "--json", "--listen", "127.0.0.1:0"];
    let (_facilitator, its) = Running::start(town.folder.path(), &listen);
    let its_url = its["url"].as_str().expect("it says where it listens");
    let file = town.folder.path().join("goods.json");
    std::fs::write(&file, r#"{ "answer": 42 }"#).expect("written");
    let named = [
        "--facilitator-url",
        its_url,
        "--json-file",
        "goods.json",
        "--base-url",
        "https://shop.example/",
    ];
    let (_server, ready) = serve(&town, &named);
    assert_eq!(
        ready["facilitator"]
            .as_str()
            .map(|url| url.trim_end_matches('/')),
        Some(its_url)
    );
    assert_eq!(ready["sponsors"], serde_json::json!([]));
    assert_eq!(resource(&ready), "https://shop.example/weather");
    let url = format!("{}/weather", ready["url"].as_str().expect("an address"));
    let (_, headers) = get(&url);
    assert_eq!(
        x402(&headers).expect("x402").resource.url,
        "https://shop.example/weather"
    );
    assert_eq!(challenge(&headers).expect("MPP").realm(), "shop.example");
    let bought = town.fetch(&[&url]);
    assert_eq!(
        (bought.code, bought.stdout.as_str()),
        (0, r#"{ "answer": 42 }"#),
        "{}",
        bought.stderr
    );
}

#[test]
fn what_is_wrong_is_said_before_anything_is_sold() {
    let payee = "GBHU3N4ON2XO5ROEHBOECRTKOOE2MWOMAISZ65YYX32QBNFJ6DKD3HOR";
    let secret = "SD2HE6POY7D6P54CCUJ65SQW3C5SVBHT6PMI3BAQ7UVMBOTK7RI5WORH";
    let pay_to = ["--pay-to", payee, "--store", "memory:"];
    let mpp = [
        &pay_to[..],
        &["--protocol", "mpp", "--rpc-url", "http://127.0.0.1:1"],
    ]
    .concat();
    let cases: &[(&[&str], &[&str], i32, &str)] = &[
        (&[], &[], 3, "set STELLAR_RECIPIENT"),
        (&pay_to, &[], 3, "nobody settles x402 payments"),
        (
            &pay_to,
            &["--sponsor-key", "SOMETHING"],
            3,
            "FACILITATOR_SPONSOR_KEYS",
        ),
        (
            &pay_to,
            &[
                "--sponsor-key",
                secret,
                "--facilitator-url",
                "https://f.example",
            ],
            2,
            "exclude each other",
        ),
        (
            &pay_to,
            &["--facilitator-url", "http://f.example"],
            3,
            "must begin with https://",
        ),
        (
            &pay_to,
            &[
                "--facilitator-url",
                "http://127.0.0.1:1",
                "--protocol",
                "x402",
            ],
            7,
            "the facilitator",
        ),
        (&mpp, &[], 7, "the Stellar RPC did not answer"),
        (&mpp, &["--secret", "too short to be one"], 3, "MPP_SECRET"),
        (&mpp, &["--path", "weather"], 2, "--path begins with /"),
        (&mpp, &["--path", "/{all}"], 2, "--path begins with /"),
        (
            &mpp,
            &["--json-file", "nothing.json"],
            2,
            "nothing.json cannot be read",
        ),
        (
            &mpp,
            &["--json-file", "broken.json"],
            2,
            "broken.json is not JSON",
        ),
        (
            &mpp,
            &["--json-file", "broken.json", "--text", "x"],
            2,
            "cannot be used with",
        ),
        (&mpp, &["--listen", "0.0.0.0:0"], 3, "--base-url"),
        (
            &mpp,
            &["--network", "stellar:futurenet"],
            3,
            "STELLAR_NETWORK",
        ),
        (&mpp, &["--protocol", "cash"], 2, "x402, mpp"),
        (
            &["--pay-to", payee, "--protocol", "mpp"],
            &["--store", "payments.db"],
            3,
            "COINSLOT_STORE",
        ),
    ];
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("broken.json"), "{").expect("written");
    for (common, flags, code, sentence) in cases {
        let Run {
            code: found,
            stderr,
            ..
        } = run_in(folder.path(), &[&["serve"], *common, *flags].concat());
        assert_eq!(found, *code, "{flags:?}: {stderr}");
        assert!(stderr.contains(sentence), "{flags:?}: {stderr}");
        assert!(
            !stderr.contains("SOMETHING")
                && !stderr.contains(secret)
                && !stderr.contains("too short to be one"),
            "{stderr}"
        );
    }
}

#[test]
fn what_only_the_network_can_tell_is_said_too() {
    let town = Town::found();
    let folder = town.folder.path();
    for (flags, sentence) in [
        (["--price", "1,5"], "--price"),
        (["--price", "sh.001"], "in single quotes, as"),
        (["--price", "$0"], "--price"),
        (["--pay-to", "GABC"], "STELLAR_RECIPIENT"),
        (["--network", "stellar:pubnet"], "agree"),
        (["--base-url", "shop.example"], "--base-url"),
    ] {
        let fixed = ["serve", "--store", "memory:", "--listen", "127.0.0.1:0"];
        let wrong = run_in(folder, &[&fixed, &flags[..]].concat());
        assert_eq!(wrong.code, 3, "{flags:?}: {}", wrong.stderr);
        assert!(
            wrong.stderr.starts_with("coinslot: ") && wrong.stderr.contains(sentence),
            "{flags:?}: {}",
            wrong.stderr
        );
    }
    let elsewhere = tempfile::tempdir().expect("a folder");
    let (recipient, rpc) = (
        town.setting("STELLAR_RECIPIENT"),
        town.setting("STELLAR_RPC_URL"),
    );
    let mpp = ["serve", "--protocol", "mpp", "--listen", "127.0.0.1:0"];
    let other = ["--network", "stellar:pubnet", "--rpc-url", &rpc];
    let wrong = run_in(
        elsewhere.path(),
        &[&mpp[..], &other, &["--pay-to", &recipient]].concat(),
    );
    assert_eq!(wrong.code, 3, "{}", wrong.stderr);
    assert!(
        wrong.stderr.contains("serves another network"),
        "{}",
        wrong.stderr
    );

    let (_server, ready) = serve(&town, &["--store", "memory:"]);
    let url = ready["url"].as_str().expect("an address");
    let address = url.trim_start_matches("http://");
    let taken = run_in(
        folder,
        &["serve", "--store", "memory:", "--listen", address],
    );
    assert_eq!(taken.code, 3, "{}", taken.stderr);
    assert!(
        taken.stderr.contains("is another program using it?"),
        "{}",
        taken.stderr
    );
}
