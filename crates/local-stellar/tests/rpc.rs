//! The RPC's answers: the fields that clients read, and how calls are refused.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use coinslot_local_stellar::{CloseMode, LocalStellar, ManualLedgerClock};
use coinslot_stellar_address::AccountId;
use serde_json::{Value, json};
use stellar_xdr::{
    LedgerCloseMeta, LedgerEntryData, LedgerHeader, LedgerKey, LedgerKeyAccount,
    LedgerKeyTrustLine, ScAddress, ScVal, TrustLineAsset,
};
use support::World;
use support::classic::{Draft, asset, pay, read, text, xdr_id};

async fn manual() -> World {
    World::new(
        LocalStellar::builder()
            .close(CloseMode::Manual)
            .clock(ManualLedgerClock::new(1_700_000_000)),
    )
    .await
}

#[tokio::test]
async fn the_network_says_who_it_is() {
    let world = manual().await;
    let health = world.call("getHealth", Value::Null).await;
    assert_eq!(health["status"], "healthy");
    assert!(health["latestLedger"].as_u64() >= health["oldestLedger"].as_u64());
    let network = world.call("getNetwork", Value::Null).await;
    assert_eq!(network["passphrase"], "Test SDF Network ; September 2015");
    assert_eq!(network["protocolVersion"], 30);
    assert_eq!(
        network["friendbotUrl"],
        json!(world.network.friendbot_url())
    );
    let version = world.call("getVersionInfo", Value::Null).await;
    assert_eq!(version["protocolVersion"], 30);
    let stats = world.call("getFeeStats", Value::Null).await;
    for kind in ["sorobanInclusionFee", "inclusionFee"] {
        assert_eq!(stats[kind]["p99"], "100", "{stats}");
    }
}

#[tokio::test]
async fn ledgers_have_headers_that_parse_and_times_that_rise() {
    let world = manual().await;
    let mut last = world.call("getLatestLedger", Value::Null).await;
    for _ in 0..3 {
        world.network.close_ledger().await.unwrap();
        let next = world.call("getLatestLedger", Value::Null).await;
        let header: LedgerHeader = read(next["headerXdr"].as_str().unwrap());
        let before: LedgerHeader = read(last["headerXdr"].as_str().unwrap());
        assert_eq!(header.ledger_seq, before.ledger_seq + 1);
        assert_eq!(json!(header.ledger_seq), next["sequence"]);
        assert_eq!(hex::encode(header.previous_ledger_hash.0), last["id"]);
        assert!(header.scp_value.close_time > before.scp_value.close_time);
        assert_eq!(
            next["closeTime"],
            json!(header.scp_value.close_time.0.to_string())
        );
        let LedgerCloseMeta::V2(meta) = read(next["metadataXdr"].as_str().unwrap()) else {
            panic!("metadata of another version")
        };
        assert_eq!(meta.ledger_header.header, header);
        assert_eq!(hex::encode(meta.ledger_header.hash.0), next["id"]);
        last = next;
    }
}

#[tokio::test]
async fn entries_are_found_by_key() {
    let world = manual().await;
    let payer = world.payer(12_345).await;
    let id = xdr_id(&payer.account_id());
    let stellar_xdr::Asset::CreditAlphanum4(mut usdc) = asset(*b"USDC", &payer) else {
        panic!("USDC is of four letters")
    };
    usdc.issuer = xdr_id(&world.network.usdc_issuer());
    let account = LedgerKey::Account(LedgerKeyAccount {
        account_id: id.clone(),
    });
    let line = LedgerKey::Trustline(LedgerKeyTrustLine {
        account_id: id,
        asset: TrustLineAsset::CreditAlphanum4(usdc),
    });
    let missing = LedgerKey::Account(LedgerKeyAccount {
        account_id: xdr_id(&AccountId::from_bytes([9; 32])),
    });
    let keys = [text(&account), text(&missing), text(&line)];
    let found = world
        .call("getLedgerEntries", json!({ "keys": keys }))
        .await;
    let entries = found["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 2, "{found}");
    assert_eq!(entries[0]["key"], json!(keys[0]));
    let LedgerEntryData::Trustline(line) = read(entries[1]["xdr"].as_str().unwrap()) else {
        panic!("{found}")
    };
    assert_eq!(line.balance, 12_345);
    assert!(entries[0]["lastModifiedLedgerSeq"].is_u64());
    let none = world
        .call("getLedgerEntries", json!({ "keys": [keys[1]] }))
        .await;
    assert_eq!(none["entries"], json!([]));
    for bad in [
        json!({ "keys": [] }),
        json!({ "keys": ["AAAA"] }),
        json!({}),
        json!([1]),
    ] {
        assert_eq!(world.error("getLedgerEntries", bad).await["code"], -32602);
    }
}

#[tokio::test]
async fn transactions_and_events_are_paged() {
    let world = manual().await;
    let (payer, payee) = (world.payer(1_000).await, world.payer(0).await);
    let sponsor = world.network.create_funded_account().await.unwrap();
    let start = world.network.latest_ledger().await.unwrap().sequence;
    for nonce in 1..=3 {
        let transfer = world.transfer(&payer, &payee, i128::from(nonce));
        let entry = world.authorise(&payer, &transfer, nonce).await;
        let envelope = world.sponsored(&sponsor, &transfer, entry).await;
        assert_eq!(world.send(&envelope).await["status"], "PENDING");
        world.network.close_ledger().await.unwrap();
    }

    let page = world
        .call(
            "getTransactions",
            json!({ "startLedger": start + 1, "pagination": { "limit": 2 } }),
        )
        .await;
    assert_eq!(page["transactions"].as_array().unwrap().len(), 2);
    let rest = world
        .call(
            "getTransactions",
            json!({ "pagination": { "limit": 2, "cursor": page["cursor"] } }),
        )
        .await;
    let rest = rest["transactions"].as_array().unwrap();
    assert_eq!(rest.len(), 1);
    assert_eq!(rest[0]["status"], "SUCCESS");
    assert!(rest[0]["createdAt"].is_u64() && rest[0]["txHash"].is_string());

    let symbol = text(&ScVal::Symbol(stellar_xdr::ScSymbol(
        "transfer".try_into().unwrap(),
    )));
    let from = text(&ScVal::Address(ScAddress::Account(xdr_id(
        &payer.account_id(),
    ))));
    let usdc = world.network.usdc_contract().to_string();
    let query = |topics: Value, limit: u32| {
        json!({
            "startLedger": start + 1,
            "filters": [{ "type": "contract", "contractIds": [usdc], "topics": topics }],
            "pagination": { "limit": limit },
        })
    };
    for (topics, count) in [
        (json!([[symbol, from, "*", "*"]]), 3),
        (json!([[symbol, from, "**"]]), 3),
        (json!([["*", from]]), 0),
        (json!([[symbol, symbol, "**"]]), 0),
        (json!([]), 3),
    ] {
        let found = world.call("getEvents", query(topics.clone(), 10)).await;
        assert_eq!(found["events"].as_array().unwrap().len(), count, "{topics}");
    }
    let page = world.call("getEvents", query(json!([]), 2)).await;
    let event = &page["events"][1];
    assert_eq!(event["type"], "contract");
    assert_eq!(event["contractId"], json!(usdc));
    assert_eq!(event["topic"].as_array().unwrap().len(), 4);
    assert_eq!(event["id"], page["cursor"]);
    assert!(event["txHash"].is_string() && event["ledgerClosedAt"].is_string());
    let rest = world
        .call(
            "getEvents",
            json!({
                "filters": [{ "type": "contract", "contractIds": [usdc] }],
                "pagination": { "limit": 2, "cursor": page["cursor"] },
            }),
        )
        .await;
    assert_eq!(rest["events"].as_array().unwrap().len(), 1);
    let after = world
        .call(
            "getEvents",
            json!({ "pagination": { "cursor": rest["cursor"] } }),
        )
        .await;
    assert_eq!(after["events"], json!([]));

    for bad in [
        json!({ "startLedger": 1_000_000 }),
        json!({}),
        json!({ "startLedger": start, "pagination": { "cursor": page["cursor"] } }),
        json!({ "startLedger": start, "filters": [{ "contractIds": ["GABC"] }] }),
        json!({ "startLedger": start, "filters": [{ "type": "diagnostic" }] }),
        json!({ "startLedger": start, "filters": [{ "topics": [[]] }] }),
        json!({ "startLedger": start, "pagination": { "limit": 0 } }),
    ] {
        assert_eq!(
            world.error("getEvents", bad.clone()).await["code"],
            -32602,
            "{bad}"
        );
    }
}

#[tokio::test]
async fn what_is_no_call_is_refused() {
    let world = manual().await;
    assert_eq!(world.error("getLedgers2", json!({})).await["code"], -32601);
    for (method, params) in [
        ("sendTransaction", json!({ "transaction": "not base64" })),
        ("sendTransaction", json!({ "transaction": "AAAA" })),
        ("sendTransaction", json!({})),
        ("simulateTransaction", json!({ "transaction": "" })),
        ("getTransaction", json!({ "hash": "abc" })),
        ("getTransactions", json!({ "startLedger": 0 })),
        ("getLatestLedger2", json!(7)),
    ] {
        let code = world.error(method, params.clone()).await["code"].clone();
        assert!(
            code == -32602 || code == -32601,
            "{method} {params}: {code}"
        );
    }
    let xdr_json = world
        .error(
            "getTransaction",
            json!({ "hash": "00".repeat(32), "xdrFormat": "json" }),
        )
        .await;
    assert_eq!(xdr_json["code"], -32602);
    for (body, code) in [
        ("{", -32700),
        ("[]", -32600),
        (r#"{"jsonrpc":"1.0","id":1,"method":"getHealth"}"#, -32600),
    ] {
        let answer: Value = world
            .http
            .post(world.network.rpc_url())
            .body(body)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        assert_eq!(answer["error"]["code"], code, "{body}");
    }
    let unknown = world
        .call("getTransaction", json!({ "hash": "00".repeat(32) }))
        .await;
    assert_eq!(unknown["status"], "NOT_FOUND");
}

#[tokio::test]
async fn trailing_bytes_and_bombs_are_refused() {
    let world = manual().await;
    let key = world.network.create_funded_account().await.unwrap();
    let id = *world.network.network_id().as_bytes();
    let good = Draft::new(&key, 1, vec![pay(&key, stellar_xdr::Asset::Native, 1)]).signed(id, &[]);
    use base64::Engine as _;
    let engine = base64::engine::general_purpose::STANDARD;
    let bytes = engine.decode(&good).unwrap();
    let longer = engine.encode([bytes.as_slice(), &[0; 4]].concat());
    let spaced = format!("{good} ");
    // An authorization tree of ten thousand nested vectors.
    let bomb = engine.encode([[0, 0, 0, 16, 0, 0, 0, 1, 0, 0, 0, 1]; 10_000].concat());
    for text in [longer, spaced, bomb] {
        let error = world
            .error("sendTransaction", json!({ "transaction": text }))
            .await;
        assert_eq!(error["code"], -32602);
    }
}
