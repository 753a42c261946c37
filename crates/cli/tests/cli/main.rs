//! The command as a user runs it: the program itself, its output and its exit codes.

mod channel;
mod channel_buyer;
mod channel_factory;
mod channel_refusals;
mod channel_seller;
mod inspect;
mod local;
mod serve;
mod support;

use serde_json::Value;
use support::{Run, Shop, run, run_in};

#[test]
fn the_demonstration_adds_up() {
    let demo = run(&["demo", "--json", "--purchases", "2"]);
    assert_eq!(demo.code, 0, "{}", demo.stderr);
    let story = demo.json();
    assert_eq!(story["before"]["buyerUsdc"], "10000000");
    assert_eq!(story["after"]["buyerUsdc"], "9970000");
    assert_eq!(story["before"]["secondBuyerUsdc"], "10000000");
    assert_eq!(story["after"]["secondBuyerUsdc"], "9980000");
    assert_eq!(story["after"]["sellerUsdc"], "50000");
    assert_eq!(story["before"]["buyerStroops"], 0);
    assert_eq!(story["after"]["buyerStroops"], 0);
    for fees in ["networkFeesStroops", "secondBuyerFeesStroops"] {
        assert!(story[fees].as_i64().is_some_and(|fees| fees > 0), "{fees}");
    }
    let ways: Vec<&str> = purchases(&story)
        .iter()
        .filter_map(|purchase| purchase["way"].as_str())
        .collect();
    assert_eq!(
        ways,
        ["x402", "x402", "mpp-sponsored", "mpp-pull", "mpp-push"]
    );
    let mut hashes: Vec<&str> = purchases(&story)
        .iter()
        .filter_map(|purchase| purchase["receipt"]["transaction"].as_str())
        .filter(|hash| hash.len() == 64)
        .collect();
    hashes.sort_unstable();
    hashes.dedup();
    assert_eq!(hashes.len(), ways.len(), "{hashes:?}");
}

#[test]
fn the_demonstration_tells_its_story_to_people() {
    let demo = run(&["demo", "--purchases", "1"]);
    assert_eq!(demo.code, 0, "{}", demo.stderr);
    assert!(
        demo.stderr.contains("who asks $0.001 for GET /weather")
            && demo.stderr.contains("by MPP charge (push)"),
        "{}",
        demo.stderr
    );
    assert!(
        demo.stdout.contains("the last receipt: 0.001 USDC from G"),
        "{}",
        demo.stdout
    );
}

#[test]
fn a_purchase_from_keys_to_receipt() {
    let shop = Shop::open();
    let url = shop.url();

    let preview = shop.fetch(&["--dry-run", "--json", &url]);
    assert_eq!(preview.code, 0, "{}", preview.stderr);
    let preview = preview.json();
    assert_eq!(preview["outcome"], "would-pay");
    assert_eq!(preview["wouldPay"]["amountBaseUnits"], "10000");
    assert_eq!(shop.served(), 0, "a dry run pays nothing");

    let dear = shop.fetch(&["--max-payment", "$0.0009", &url]);
    assert_eq!((dear.code, shop.served()), (4, 0), "{}", dear.stderr);

    let dear = shop.fetch(&["--dry-run", "--max-payment", "$0.0009", &url]);
    assert_eq!(dear.code, 4, "{}", dear.stderr);
    // What was paid for must have somewhere to go.
    let nowhere = shop.fetch(&["-o", "/nonexistent/x", &url]);
    assert_eq!((nowhere.code, shop.served()), (2, 0), "{}", nowhere.stderr);
    let wrong = shop.fetch(&["--json", "--no-such-flag", &url]);
    let failure: Value = serde_json::from_str(&wrong.stderr).expect("JSON");
    assert_eq!(
        (wrong.code, &failure["error"]["kind"]),
        (2, &"usage".into())
    );

    let bought = shop.fetch(&["--json", &url]);
    assert_eq!(bought.code, 0, "{}", bought.stderr);
    let bought = bought.json();
    assert_eq!(bought["body"]["sky"], "clear");
    assert_eq!(bought["payment"]["amount"], "0.001 USDC");
    assert_eq!(
        bought["payment"]["transaction"].as_str().map(str::len),
        Some(64)
    );
    assert_eq!(shop.served(), 1);

    let plain = shop.fetch(&[&url]);
    assert_eq!(
        (plain.code, plain.stdout.as_str()),
        (0, r#"{"sky":"clear"}"#),
        "{}",
        plain.stderr
    );
    assert!(
        plain.stderr.contains("✓ paid 0.001 USDC in transaction "),
        "{}",
        plain.stderr
    );

    let missing = shop.fetch(&[&shop.url_of("/nothing")]);
    assert_eq!(missing.code, 8, "{}", missing.stderr);
    assert!(
        !missing.stderr.contains("SDDD") && missing.stderr.contains("404"),
        "{}",
        missing.stderr
    );

    shop.close();
    let closed = shop.fetch(&[&url]);
    assert_eq!(closed.code, 7, "{}", closed.stderr);
}

#[test]
fn what_is_wrong_is_said_with_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let keyless = run_in(folder.path(), &["fetch", "http://127.0.0.1:1/"]);
    assert_eq!(keyless.code, 3);
    assert!(
        keyless.stderr.contains("set STELLAR_SECRET_KEY"),
        "{}",
        keyless.stderr
    );

    std::fs::write(
        folder.path().join(".env"),
        "STELLAR_SECRET_KEY=SDOESNOTLOOKLIKEAKEY\n",
    )
    .expect("written");
    let wrong = run_in(folder.path(), &["fetch", "http://127.0.0.1:1/"]);
    assert_eq!(wrong.code, 3);
    assert!(
        wrong.stderr.contains("STELLAR_SECRET_KEY") && !wrong.stderr.contains("LOOKLIKE"),
        "{}",
        wrong.stderr
    );

    std::fs::write(folder.path().join(".env"), "this is no setting, secret\n").expect("written");
    let unread = run_in(folder.path(), &["fetch", "http://127.0.0.1:1/"]);
    assert_eq!(unread.code, 3);
    assert!(
        unread.stderr.contains(".env") && !unread.stderr.contains("secret"),
        "{}",
        unread.stderr
    );

    let sponsorless = run(&["facilitator", "--json"]);
    assert_eq!(sponsorless.code, 3, "{}", sponsorless.stderr);
    let error: Value = serde_json::from_str(&sponsorless.stderr).expect("a JSON error");
    assert_eq!(error["error"]["kind"], "configuration");

    assert_eq!(run(&["fetch"]).code, 2);
    assert_eq!(run(&["local", "--bind", "192.0.2.1:8000"]).code, 3);
}

#[test]
fn help_names_commands_settings_and_exit_codes() {
    let help = run(&["--help"]).stdout;
    for word in [
        "local",
        "demo",
        "fetch",
        "serve",
        "facilitator",
        "inspect",
        "STELLAR_NETWORK",
        "FACILITATOR_URL",
        "Exit codes",
    ] {
        assert!(help.contains(word), "{word} is missing in:\n{help}");
    }
    let Run { stdout, .. } = run(&["fetch", "--help"]);
    assert!(
        stdout.contains("--max-payment") && stdout.contains("--dry-run"),
        "{stdout}"
    );
    let Run { stdout, .. } = run(&["serve", "--help"]);
    assert!(
        stdout.contains("MPP_SECRET") && stdout.contains("coinslot serve --protocol mpp"),
        "{stdout}"
    );
}

fn purchases(story: &Value) -> &[Value] {
    story["purchases"].as_array().map_or(&[], Vec::as_slice)
}
