//! Friendbot, the faucet, Horizon's calls, and HTTPS.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use coinslot_local_stellar::{CloseMode, LocalStellar};
use coinslot_soroban_authorization::SecretKey;
use serde_json::Value;
use stellar_xdr::Asset;
use support::World;
use support::classic::{Draft, pay};

async fn read(world: &World, path: &str) -> (u16, Value) {
    let url = format!("{}{path}", world.network.rpc_url());
    let response = world.http.get(url).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

async fn post(world: &World, path: &str) -> (u16, Value) {
    let url = format!("{}{path}", world.network.rpc_url());
    let response = world.http.post(url).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn friendbot_funds_once() {
    let world = World::new(LocalStellar::builder()).await;
    let key = SecretKey::from_seed([1; 32]);
    let path = format!("/friendbot?addr={}", key.account_id());
    let (status, answer) = read(&world, &path).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["successful"], true);
    assert!(answer["hash"].is_string() && answer["result_meta_xdr"].is_string());
    assert_eq!(world.stroops(&key).await, 100_000_000_000);
    let (status, answer) = read(&world, &path).await;
    assert_eq!(status, 400);
    assert!(
        answer["detail"]
            .as_str()
            .unwrap()
            .contains("already funded")
    );
    let secret = key.expose_secret();
    for bad in [
        "/friendbot",
        "/friendbot?addr=GABC",
        &format!("/friendbot?addr={secret}"),
    ] {
        let (status, answer) = read(&world, bad).await;
        assert_eq!(status, 400, "{bad}");
        assert!(
            !answer.to_string().contains(&secret),
            "a secret is not repeated"
        );
    }
}

#[tokio::test]
async fn ledgers_are_closed_by_hand() {
    let world = World::new(LocalStellar::builder().close(CloseMode::Manual)).await;
    let before = world.network.latest_ledger().await.unwrap().sequence;
    for (query, closed) in [("", 1), ("?ledgers=1", 2), ("?ledgers=17280", 17_282)] {
        let (status, answer) = post(&world, &format!("/close{query}")).await;
        assert_eq!(
            (status, &answer["latestLedger"]),
            (200, &Value::from(before + closed))
        );
    }
    for bad in ["0", "-1", "120961", "many", ""] {
        let (status, answer) = post(&world, &format!("/close?ledgers={bad}")).await;
        assert_eq!(status, 400, "{bad}");
        assert!(
            answer["detail"].as_str().unwrap().contains("120960"),
            "{answer}"
        );
    }
    let after = world.network.latest_ledger().await.unwrap().sequence;
    assert_eq!(after, before + 17_282);
}

#[tokio::test]
async fn the_faucet_says_what_is_missing() {
    let world = World::new(LocalStellar::builder()).await;
    let key = SecretKey::from_seed([1; 32]);
    let account = key.account_id();
    let path = format!("/faucet?addr={account}");
    let (status, answer) = read(&world, &path).await;
    assert_eq!(status, 400);
    assert!(
        answer["detail"].as_str().unwrap().contains("friendbot"),
        "{answer}"
    );
    world.network.fund(&account).await.unwrap();
    let (_, answer) = read(&world, &path).await;
    assert!(
        answer["detail"].as_str().unwrap().contains("trustline"),
        "{answer}"
    );
    world.network.trust_usdc(&key).await.unwrap();
    let (status, answer) = read(&world, &path).await;
    assert_eq!((status, &answer["amount"]), (200, &Value::from("100")));
    let (status, _) = read(&world, &format!("{path}&amount=2.5")).await;
    assert_eq!(status, 200);
    assert_eq!(world.usdc(&key).await, 1_025_000_000);
    for amount in [
        "0",
        "-1",
        "1e3",
        "1.00000001",
        "1,5",
        "",
        "99999999999999999999",
    ] {
        let (status, _) = read(&world, &format!("{path}&amount={amount}")).await;
        assert_eq!(status, 400, "{amount}");
    }
}

#[tokio::test]
async fn accounts_show_balances_and_signers() {
    let world = World::new(LocalStellar::builder()).await;
    let key = world.payer(12_340_000).await;
    let id = key.account_id().to_string();
    for prefix in ["", "/horizon"] {
        let (status, account) = read(&world, &format!("{prefix}/accounts/{id}")).await;
        assert_eq!(status, 200);
        assert_eq!(account["account_id"], id.as_str());
        let balances = account["balances"].as_array().unwrap();
        assert_eq!(balances[0]["asset_code"], "USDC");
        assert_eq!(balances[0]["balance"], "1.2340000");
        assert_eq!(
            balances[0]["asset_issuer"],
            world.network.usdc_issuer().to_string()
        );
        assert_eq!(balances[1]["asset_type"], "native");
        assert_eq!(account["signers"][0]["weight"], 1);
        assert!(account["sequence"].is_string());
    }
    let nobody = SecretKey::from_seed([8; 32]).account_id();
    let (status, _) = read(&world, &format!("/accounts/{nobody}")).await;
    assert_eq!(status, 404);
    let (status, _) = read(&world, "/accounts/XYZ").await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn ledgers_are_listed() {
    let world = World::new(LocalStellar::builder()).await;
    world.network.advance_ledgers(3).await.unwrap();
    let latest = world.network.latest_ledger().await.unwrap();
    let (status, page) = read(&world, "/ledgers?limit=2&order=desc").await;
    assert_eq!(status, 200);
    let records = page["_embedded"]["records"].as_array().unwrap();
    assert_eq!(records.len(), 2);
    assert_eq!(records[0]["sequence"], latest.sequence);
    assert_eq!(records[0]["prev_hash"], records[1]["hash"]);
    assert!(records[0]["closed_at"].as_str().unwrap().ends_with('Z'));
    let token = records[1]["paging_token"].as_str().unwrap();
    let (_, next) = read(
        &world,
        &format!("/ledgers?limit=1&order=desc&cursor={token}"),
    )
    .await;
    assert_eq!(
        next["_embedded"]["records"][0]["sequence"],
        latest.sequence - 2
    );
    let (_, one) = read(&world, &format!("/ledgers/{}", latest.sequence)).await;
    assert_eq!(one["id"], records[0]["id"]);
    for (path, expected) in [
        ("/ledgers/999999", 404),
        ("/ledgers/x", 400),
        ("/ledgers?limit=0", 400),
        ("/ledgers?order=up", 400),
        ("/ledgers?cursor=x", 400),
    ] {
        assert_eq!(read(&world, path).await.0, expected, "{path}");
    }
    let (_, root) = read(&world, "/").await;
    assert_eq!(
        root["network_passphrase"],
        "Test SDF Network ; September 2015"
    );
}

fn percent(base64: &str) -> String {
    base64
        .replace('+', "%2B")
        .replace('/', "%2F")
        .replace('=', "%3D")
}

#[tokio::test]
async fn transactions_are_submitted_and_shown() {
    let world = World::new(LocalStellar::builder()).await;
    let id = *world.network.network_id().as_bytes();
    let (alice, bob) = (world.payer(0).await, world.payer(0).await);
    let sequence = world.next_sequence(&alice).await;
    let post = async |envelope: String| {
        let response = world
            .http
            .post(format!("{}/transactions", world.network.horizon_url()))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!("tx={}", percent(&envelope)))
            .send()
            .await
            .unwrap();
        let status = response.status().as_u16();
        (status, response.json::<Value>().await.unwrap())
    };
    let payment = Draft::new(&alice, sequence, vec![pay(&bob, Asset::Native, 1)]);
    let envelope = payment.signed(id, &[&alice]);
    let (status, done) = post(envelope.clone()).await;
    assert_eq!(status, 200, "{done}");
    assert_eq!(done["successful"], true);
    assert_eq!(done["source_account"], alice.account_id().to_string());
    assert_eq!(done["fee_charged"], "100");
    let hash = done["hash"].as_str().unwrap();
    let (status, shown) = read(&world, &format!("/transactions/{hash}")).await;
    assert_eq!((status, &shown["ledger"]), (200, &done["ledger"]));
    // The same again is answered with the same.
    assert_eq!(post(envelope).await.1["ledger"], done["ledger"]);

    let stale = Draft::new(&alice, sequence, vec![pay(&bob, Asset::Native, 2)]);
    let (status, refused) = post(stale.signed(id, &[&alice])).await;
    assert_eq!(status, 400);
    let codes = &refused["extras"]["result_codes"];
    assert_eq!(codes["transaction"], "tx_bad_seq", "{refused}");
    let failing = Draft::new(
        &alice,
        sequence + 1,
        vec![pay(&bob, Asset::Native, i64::MAX)],
    );
    let (status, failed) = post(failing.signed(id, &[&alice])).await;
    assert_eq!(status, 400);
    let codes = &failed["extras"]["result_codes"];
    assert_eq!(codes["transaction"], "tx_failed");
    assert_eq!(codes["operations"][0], "op_underfunded");
    assert_eq!(post("rubbish".to_owned()).await.0, 400);
    let (status, _) = read(&world, &format!("/transactions/{}", "00".repeat(32))).await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn https_is_trusted_through_its_own_authority() {
    let world = World::new(LocalStellar::builder().https(true)).await;
    let url = world.network.https_url().unwrap();
    assert!(url.starts_with("https://127.0.0.1:"));
    let strange = world.http.get(format!("{url}/ledgers")).send().await;
    assert!(strange.is_err(), "the authority is nobody's but this run's");
    let pem = world.network.ca_certificate_pem().unwrap();
    let authority = reqwest::Certificate::from_pem(pem.as_bytes()).unwrap();
    let client = reqwest::Client::builder()
        .tls_certs_only([authority])
        .build()
        .unwrap();
    let named = url.replace("127.0.0.1", "localhost");
    for url in [url, named.as_str()] {
        let response = client.get(format!("{url}/ledgers")).send().await.unwrap();
        assert_eq!(response.status().as_u16(), 200);
    }
}
