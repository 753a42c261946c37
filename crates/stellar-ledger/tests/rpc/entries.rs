//! Accounts, trustlines and nonces.

use coinslot_soroban_authorization::{ClassicAsset, LedgerKey as AnyKey};
use coinslot_stellar_address::{Address, MuxedAccountId};
use coinslot_stellar_ledger::{
    AccountFacts, Ledger, LedgerEntry, LedgerError, Malformation, TrustlineFacts, UnavailableReason,
};
use serde_json::{Value, json};
use stellar_xdr::{
    AccountEntry, AlphaNum4, AssetCode4, ContractDataDurability, ContractDataEntry, ExtensionPoint,
    LedgerEntryData, LedgerKey, LedgerKeyAccount, LedgerKeyContractData, LedgerKeyTrustLine,
    ScAddress, ScNonceKey, ScVal, SequenceNumber, TrustLineAsset, TrustLineEntry,
};

use crate::fixtures::{base64, bytes, payee, payer, sponsor, xdr_account};
use crate::node::{always, ledger, node};

fn entries(key: &LedgerKey, data: &LedgerEntryData, live_until: Option<u32>) -> Value {
    json!({"latestLedger": 100, "entries": [{
        "key": base64(key), "xdr": base64(data),
        "lastModifiedLedgerSeq": 90, "liveUntilLedgerSeq": live_until,
    }]})
}

fn nothing() -> Value {
    json!({"latestLedger": 100, "entries": []})
}

fn is_not_asked(error: &LedgerError) -> bool {
    matches!(error, LedgerError::Malformed(answer) if matches!(answer.what, Malformation::NotAsked(_)))
}

fn account() -> (LedgerKey, LedgerEntryData) {
    let account_id = xdr_account(&payer());
    let key = LedgerKey::Account(LedgerKeyAccount {
        account_id: account_id.clone(),
    });
    let entry = AccountEntry {
        account_id,
        balance: 77,
        seq_num: SequenceNumber(1 << 40),
        ..AccountEntry::default()
    };
    (key, LedgerEntryData::Account(entry))
}

#[tokio::test]
async fn accounts() {
    let (key, data) = account();
    let server = always(entries(&key, &data, None)).await;
    let facts = AccountFacts {
        sequence: 1 << 40,
        balance_stroops: 77,
    };
    assert_eq!(
        ledger(&server).account(&payer()).await.unwrap(),
        Some(facts)
    );
    let asked: Value = serde_json::from_str(&server.seen()[0].body).unwrap();
    assert_eq!(asked["params"], json!({"keys": [base64(&key)]}));

    for none in [nothing(), json!({"latestLedger": 100, "entries": null})] {
        let server = always(none).await;
        assert_eq!(ledger(&server).account(&payer()).await.unwrap(), None);
    }
}

#[tokio::test]
async fn entries_that_were_not_asked_for_are_refused() {
    let (key, data) = account();
    let LedgerEntryData::Account(entry) = data.clone() else {
        panic!("it is an account")
    };
    let other = LedgerEntryData::Account(AccountEntry {
        account_id: xdr_account(&payee()),
        ..entry
    });
    let mut twice = entries(&key, &data, None);
    let copy = twice["entries"][0].clone();
    twice["entries"].as_array_mut().unwrap().push(copy);
    let mut other_key = entries(&key, &data, None);
    other_key["entries"][0]["key"] = json!(base64(&LedgerKey::Account(LedgerKeyAccount {
        account_id: xdr_account(&payee()),
    })));
    let contract = LedgerEntryData::ContractData(ContractDataEntry::default());
    for answer in [
        entries(&key, &other, None),
        entries(&key, &contract, None),
        twice,
        other_key,
    ] {
        let server = always(answer).await;
        let error = ledger(&server).account(&payer()).await.unwrap_err();
        assert!(is_not_asked(&error), "{error:?}");
    }
    for xdr in ["", "AAAA", " ", "AAAAAA==\n", "A"] {
        let mut answer = entries(&key, &data, None);
        answer["entries"][0]["xdr"] = json!(xdr);
        let server = always(answer).await;
        let error = ledger(&server).account(&payer()).await.unwrap_err();
        assert!(
            matches!(error, LedgerError::Malformed(_)),
            "{xdr:?} gave {error:?}"
        );
    }
    // A value with something behind it.
    let mut long = entries(&key, &data, None);
    let text = base64(&data);
    let padding = if text.ends_with('=') { "" } else { "AAAA" };
    long["entries"][0]["xdr"] = json!(format!("{}{padding}AAAA", text.replace('=', "A")));
    let server = always(long).await;
    ledger(&server).account(&payer()).await.unwrap_err();
}

#[tokio::test]
async fn trustlines() {
    let issuer = sponsor().account_id();
    let asset: ClassicAsset = format!("USDC:{issuer}").parse().unwrap();
    let xdr_asset = TrustLineAsset::CreditAlphanum4(AlphaNum4 {
        asset_code: AssetCode4(*b"USDC"),
        issuer: xdr_account(&issuer),
    });
    let key = LedgerKey::Trustline(LedgerKeyTrustLine {
        account_id: xdr_account(&payer()),
        asset: xdr_asset.clone(),
    });
    // Authorized; authorized to keep what it has only; with clawback; none.
    for (flags, authorized) in [(1, true), (2, false), (5, true), (4, false), (0, false)] {
        let data = LedgerEntryData::Trustline(TrustLineEntry {
            account_id: xdr_account(&payer()),
            asset: xdr_asset.clone(),
            balance: 5,
            limit: i64::MAX,
            flags,
            ..TrustLineEntry::default()
        });
        let server = always(entries(&key, &data, None)).await;
        let facts = TrustlineFacts {
            balance: 5,
            limit: i64::MAX,
            authorized,
        };
        let found = ledger(&server).trustline(&payer(), &asset).await.unwrap();
        assert_eq!(found, Some(facts), "flags {flags}");
        let longer: ClassicAsset = format!("USDCX:{issuer}").parse().unwrap();
        let error = ledger(&server)
            .trustline(&payer(), &longer)
            .await
            .unwrap_err();
        assert!(is_not_asked(&error), "{error:?}");
    }
    let server = always(nothing()).await;
    assert_eq!(
        ledger(&server).trustline(&payer(), &asset).await.unwrap(),
        None
    );
    let native = ledger(&server)
        .trustline(&payer(), &ClassicAsset::Native)
        .await
        .unwrap();
    assert_eq!(native, None);
    assert_eq!(
        server.seen().len(),
        1,
        "nobody has a trustline to the native asset"
    );
}

#[tokio::test]
async fn nonces() {
    let contract = ScAddress::Account(xdr_account(&payer()));
    let nonce = ScVal::LedgerKeyNonce(ScNonceKey { nonce: -5 });
    let key = LedgerKey::ContractData(LedgerKeyContractData {
        contract: contract.clone(),
        key: nonce.clone(),
        durability: ContractDataDurability::Temporary,
    });
    let data = LedgerEntryData::ContractData(ContractDataEntry {
        ext: ExtensionPoint::V0,
        contract,
        key: nonce,
        durability: ContractDataDurability::Temporary,
        val: ScVal::Void,
    });
    let account = Address::Account(payer());
    let muxed = Address::Muxed(MuxedAccountId::new(payer(), 9));
    for (live_until, used) in [
        (Some(100), true),
        (Some(101), true),
        (Some(99), false),
        (None, true),
    ] {
        let server = always(entries(&key, &data, live_until)).await;
        for payer in [account, muxed] {
            assert_eq!(ledger(&server).nonce_used(&payer, -5).await.unwrap(), used);
        }
        let error = ledger(&server).nonce_used(&account, 5).await.unwrap_err();
        assert!(is_not_asked(&error), "{error:?}");
    }
    let server = always(nothing()).await;
    assert!(!ledger(&server).nonce_used(&account, -5).await.unwrap());
}

fn contract_data(number: u32) -> (LedgerKey, LedgerEntryData) {
    let key = LedgerKeyContractData {
        contract: ScAddress::Account(xdr_account(&payer())),
        key: ScVal::U32(number),
        durability: ContractDataDurability::Persistent,
    };
    let entry = ContractDataEntry {
        ext: ExtensionPoint::V0,
        contract: key.contract.clone(),
        key: key.key.clone(),
        durability: key.durability,
        val: ScVal::Bool(true),
    };
    (
        LedgerKey::ContractData(key),
        LedgerEntryData::ContractData(entry),
    )
}

fn any_key(key: &LedgerKey) -> AnyKey {
    AnyKey::from_xdr(&bytes(key)).unwrap()
}

#[tokio::test]
async fn entries_come_in_the_order_of_their_keys() {
    let all: Vec<_> = (0..3).map(contract_data).collect();
    let keys: Vec<_> = all.iter().map(|(key, _)| any_key(key)).collect();
    let mut answer = entries(&all[2].0, &all[2].1, Some(99));
    let first = entries(&all[0].0, &all[0].1, None)["entries"][0].clone();
    answer["entries"].as_array_mut().unwrap().push(first);
    let server = always(answer).await;
    let found = ledger(&server).entries(&keys).await.unwrap();
    assert_eq!(found.latest_ledger, 100);
    let entry = |at: usize, live_until_ledger| {
        Some(LedgerEntry {
            data: bytes(&all[at].1),
            live_until_ledger,
        })
    };
    assert_eq!(found.found, [entry(0, None), None, entry(2, Some(99))]);
    let asked: Value = serde_json::from_str(&server.seen()[0].body).unwrap();
    let texts: Vec<_> = all.iter().map(|(key, _)| base64(key)).collect();
    assert_eq!(asked["params"], json!({ "keys": texts }));

    let two = [keys[0].clone(), keys[0].clone()];
    let server = always(entries(&all[0].0, &all[0].1, None)).await;
    let found = ledger(&server).entries(&two).await.unwrap().found;
    assert_eq!(found, [entry(0, None), entry(0, None)]);
    let mut twice = entries(&all[0].0, &all[0].1, None);
    let copy = twice["entries"][0].clone();
    twice["entries"].as_array_mut().unwrap().push(copy);
    for lie in [
        entries(&all[0].0, &all[1].1, None),
        entries(&all[1].0, &all[1].1, None),
        entries(&account().0, &account().1, None),
        twice,
    ] {
        let server = always(lie).await;
        let error = ledger(&server).entries(&keys[..1]).await.unwrap_err();
        assert!(is_not_asked(&error), "{error:?}");
    }
}

#[tokio::test]
async fn that_an_entry_is_missing_is_believed_of_a_node_that_is_up_to_date_only() {
    let (key, data) = contract_data(0);
    let keys = [any_key(&key), any_key(&contract_data(1).0)];
    let there = entries(&key, &data, None);
    let server = node(move |call| match call.method.as_str() {
        "getLatestLedger" => call.ok(&json!({"sequence": 101, "protocolVersion": 30})),
        _ => call.ok(&there),
    })
    .await;
    let ledger = ledger(&server);
    ledger.latest_ledger().await.unwrap();
    let error = ledger.entries(&keys).await.unwrap_err();
    assert!(
        matches!(
            error,
            LedgerError::Unavailable {
                reason: UnavailableReason::Behind {
                    latest: 100,
                    seen: 101
                },
                ..
            }
        ),
        "{error:?}"
    );
    let found = ledger.entries(&keys[..1]).await.unwrap().found;
    assert!(found[0].is_some(), "what is there is there");
}
