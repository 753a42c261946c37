//! Members and parameters: which must be there, once, and with which values.

use coinslot_mpp_wire::stellar::{ChannelPayload, ChannelRequest, ChargePayload, ChargeRequest};
use coinslot_mpp_wire::{
    Challenge, Credential, DidPkh, HeaderErrorKind, Payload, Receipt, Timestamp, jcs,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{Engine, URL_SAFE_NO_PAD, authorization, credential, www_authenticate};

#[test]
fn no_name_occurs_twice() {
    for more in [
        r#", id="x2""#,
        r#", ID="x2""#,
        r#", expires="2026-01-06T12:00:00Z", Expires="2030-01-06T12:00:00Z""#,
    ] {
        let refused = Challenge::from_header(&www_authenticate(more)).expect_err(more);
        assert_eq!(refused.kind(), HeaderErrorKind::Syntax, "{more}");
    }
    let plain = credential().to_string();
    for (member, again) in [
        (r#""payload":"#, r#""payload":{},"payload":"#),
        (r#""id":"#, r#""id":"x2","id":"#),
        (r#""source":"#, r#""source":"did:key:z","source":"#),
    ] {
        let twice = plain.replacen(member, again, 1);
        let refused = Credential::from_header(&authorization(twice)).expect_err(member);
        assert_eq!(refused.kind(), HeaderErrorKind::Shape, "{member}");
        assert!(refused.to_string().contains("duplicate field"), "{refused}");
    }
    let twice = URL_SAFE_NO_PAD.encode(
        r#"{"status":"success","method":"stellar","timestamp":"2026-01-06T12:00:00Z","reference":"r","x":1,"x":2}"#,
    );
    assert!(Receipt::from_header(&twice).is_err());
    let payload = credential().to_string().replace(
        r#""transaction":"AA"#,
        r#""transaction":"BB","transaction":"AA"#,
    );
    let credential = Credential::from_header(&authorization(payload)).expect("any object");
    assert!(credential.payload.read::<ChargePayload>().is_err());
    let header =
        www_authenticate("").replace("eyJhIjoiMSJ9", &URL_SAFE_NO_PAD.encode(r#"{"a":1,"a":2}"#));
    let challenge = Challenge::from_header(&header).expect("any object");
    assert!(challenge.request().object().is_err());
}

#[test]
fn what_is_required_is_there_and_has_a_value() {
    let header = www_authenticate("");
    for field in ["id", "realm", "method", "intent", "request"] {
        let refused = Challenge::from_header(&header.replace(field, "x-other")).expect_err(field);
        assert_eq!(
            (refused.kind(), refused.field()),
            (HeaderErrorKind::Missing, Some(field))
        );
        let mut echoed = credential();
        echoed["challenge"]
            .as_object_mut()
            .expect("an object")
            .remove(field);
        let refused = Credential::from_header(&authorization(echoed.to_string())).expect_err(field);
        assert_eq!(
            (refused.kind(), refused.field()),
            (HeaderErrorKind::Missing, Some(field))
        );
    }
    for (from, to, field) in [
        ("\"x1\"", "\"\"", "id"),
        ("\"stellar\"", "\"Stellar\"", "method"),
        ("\"stellar\"", "\"a|b\"", "method"),
        ("\"charge\"", "\"\"", "intent"),
        ("\"charge\"", "\"a|b\"", "intent"),
    ] {
        let refused = Challenge::from_header(&header.replace(from, to)).expect_err(to);
        assert_eq!(
            (refused.kind(), refused.field()),
            (HeaderErrorKind::Value, Some(field))
        );
    }
    for (more, field) in [
        (r#", expires="soon""#, "expires"),
        (r#", expires="2026-02-30T12:00:00Z""#, "expires"),
        (r#", digest="md5=abc""#, "digest"),
        (r#", digest="sha-256=a|b""#, "digest"),
        (r#", opaque="e3|0""#, "opaque"),
    ] {
        let refused = Challenge::from_header(&www_authenticate(more)).expect_err(more);
        assert_eq!(refused.field(), Some(field), "{more}");
    }
    let unknown = Challenge::from_header(&www_authenticate(r#", x-new="1", foo=bar"#));
    assert!(unknown.is_ok(), "{unknown:?}");
}

#[test]
fn a_credential_is_what_the_draft_says() {
    let damaged = |change: fn(&mut Value)| {
        let mut json = credential();
        change(&mut json);
        Credential::from_header(&authorization(json.to_string()))
    };
    assert!(damaged(|_| {}).is_ok());
    assert!(damaged(|json| json["hello"] = 1.into()).is_ok());
    assert!(damaged(|json| json["challenge"]["hello"] = 1.into()).is_ok());
    assert_eq!(
        damaged(|json| json["source"] = "".into())
            .expect("none")
            .source,
        None
    );
    assert_eq!(
        damaged(|json| json["source"] = Value::Null)
            .expect("none")
            .source,
        None
    );
    for change in [
        (|json| json["payload"] = Value::Null) as fn(&mut Value),
        |json| json["payload"] = json!([]),
        |json| json["payload"] = "AAAA".into(),
        |json| json["source"] = 5.into(),
        |json| json["challenge"] = "x1".into(),
        |json| json["challenge"]["request"] = json!({"a": "1"}),
        |json| json["challenge"]["request"] = "WzFd".into(),
        |json| json["challenge"]["opaque"] = 5.into(),
        |json| json["challenge"]["opaque"] = json!({"a": 1}),
        |json| json["challenge"]["expires"] = "never".into(),
        |json| *json = json!([json["challenge"], json["payload"]]),
        |json| json["challenge"] = json!(["x1", "shop", "stellar", "charge", "eyJhIjoiMSJ9"]),
    ] {
        let accepted = damaged(change);
        assert!(accepted.is_err(), "{accepted:?}");
    }
    // Old clients send the entries of `opaque` instead of its text.
    let entries = damaged(|json| json["challenge"]["opaque"] = json!({"z": "1", "nonce": "AAEC"}));
    let opaque = entries
        .expect("entries")
        .challenge
        .opaque()
        .expect("opaque")
        .clone();
    assert_eq!(
        opaque.as_str(),
        URL_SAFE_NO_PAD.encode(r#"{"nonce":"AAEC","z":"1"}"#)
    );
}

#[test]
fn values_that_are_refused_are_named_and_not_repeated() {
    let mut json = credential();
    json["payload"]["transaction"] = "S3CRET".repeat(2_000).into();
    let credential = Credential::from_header(&authorization(json.to_string())).expect("any object");
    let refused = credential
        .payload
        .read::<ChargePayload>()
        .expect_err("too long");
    assert!(
        refused.to_string().ends_with("a transaction is too long"),
        "{refused}"
    );
    for (request, place) in [
        (
            json!({"amount": 5, "currency": "C", "recipient": "G"}),
            "amount: ",
        ),
        (
            json!({"amount": "0x10", "currency": "C", "recipient": "G"}),
            "amount: ",
        ),
        (
            json!({"amount": " 1", "currency": "C", "recipient": "G"}),
            "amount: ",
        ),
        (
            json!({"amount": "+1", "currency": "C", "recipient": "G"}),
            "amount: ",
        ),
        (
            json!({"amount": "1", "currency": "", "recipient": "G"}),
            "currency: ",
        ),
        (
            json!({"amount": "1", "currency": "C"}),
            "missing field `recipient`",
        ),
        (
            json!({"amount": "1", "currency": "C", "recipient": "G", "methodDetails": {"network": "S3CRET"}}),
            "methodDetails.network: ",
        ),
        (
            json!({"amount": "1", "currency": "C", "recipient": "G", "methodDetails": {}}),
            "methodDetails: missing field `network`",
        ),
    ] {
        let encoded =
            coinslot_mpp_wire::EncodedRequest::from_object(request.as_object().expect("an object"));
        let refused = encoded
            .expect("canonical")
            .read::<ChargeRequest>()
            .expect_err(place);
        assert!(
            refused
                .detail()
                .is_some_and(|detail| detail.starts_with(place)),
            "{refused}"
        );
        assert!(!refused.to_string().contains("S3CRET"), "{refused}");
    }
}

#[test]
fn payloads_are_those_of_the_method() {
    let hash = "da4daef4af64048152031b93b1d4f38f1283573d96d1cc1ecfe4f205412fde71";
    let signature = "ab".repeat(64);
    let read = |json: Value| Payload::from(json.as_object().expect("an object").clone());
    let upper = read(
        json!({"type": "signedHash", "hash": hash.to_uppercase(), "sourceSignature": signature}),
    );
    let payload: ChargePayload = upper.read().expect("a payload");
    let ChargePayload::SignedHash { hash: bytes, .. } = &payload else {
        panic!("{payload:?}");
    };
    let message = coinslot_mpp_wire::stellar::signed_hash_message("x1", bytes);
    assert_eq!(message, format!("x1:{hash}"));
    let written = Payload::from(&payload);
    assert_eq!(
        written.json(),
        format!(r#"{{"type":"signedHash","hash":"{hash}","sourceSignature":"{signature}"}}"#)
    );
    fn refuses<T: DeserializeOwned + std::fmt::Debug>(payload: &Payload) {
        let read = payload.read::<T>();
        assert!(read.is_err(), "{read:?}");
    }
    for json in [
        json!({"type": "hash", "hash": format!("0x{hash}")}),
        json!({"type": "hash", "hash": hash[1..]}),
        json!({"type": "hash", "hash": format!("é{}", &hash[2..])}),
        json!({"type": "hash"}),
        json!({"type": "signedHash", "hash": hash}),
        json!({"type": "transaction", "transaction": ""}),
        json!({"type": "transaction"}),
        json!({"type": "xdr", "transaction": "AAAA"}),
        json!({"transaction": "AAAA"}),
    ] {
        refuses::<ChargePayload>(&read(json));
    }
    for json in [
        json!({"action": "open", "amount": "1", "signature": signature}),
        json!({"action": "voucher", "amount": 1, "signature": signature}),
        json!({"action": "voucher", "amount": "-1", "signature": signature}),
        json!({"action": "voucher", "amount": "1", "signature": "ab"}),
        json!({"amount": "1", "signature": signature}),
    ] {
        refuses::<ChannelPayload>(&read(json));
    }
    let request = serde_json::from_value::<ChannelRequest>(json!({"amount": "1", "channel": "C"}));
    assert_eq!(
        request.expect("a request").encode().json(),
        r#"{"amount":"1","channel":"C"}"#
    );
}

#[test]
fn times_are_dates_that_exist() {
    let seconds = |text: &str| text.parse::<Timestamp>().map(|time| time.unix_seconds());
    assert_eq!(seconds("1970-01-01T00:00:00Z"), Ok(0));
    assert_eq!(seconds("2024-02-29T23:59:60.999Z"), Ok(1_709_251_200));
    assert_eq!(seconds("2000-01-01T00:00:00-23:59"), Ok(946_771_140));
    assert_eq!(seconds("1969-12-31T23:59:59Z"), Ok(-1));
    for wrong in [
        "2026-01-06T12:00:00",
        "2026-1-6T12:00:00Z",
        "2026-01-06 12:00:00Z",
        "2026-01-06t12:00:00z",
        "2025-02-29T12:00:00Z",
        "2026-13-06T12:00:00Z",
        "2026-00-06T12:00:00Z",
        "2026-01-06T24:00:00Z",
        "2026-01-06T12:60:00Z",
        "2026-01-06T12:00:61Z",
        "2026-01-06T12:00:00.Z",
        "2026-01-06T12:00:00+0200",
        "2026-01-06T12:00:00+24:00",
        "",
        "never",
        "2026-01-06T12:00:00Zé",
    ] {
        assert!(seconds(wrong).is_err(), "{wrong}");
    }
    assert!(
        Timestamp::from_unix_seconds(253_402_300_799)
            .is_ok_and(|time| time.as_str() == "9999-12-31T23:59:59Z")
    );
    assert!(Timestamp::from_unix_seconds(253_402_300_800).is_err());
}

#[test]
fn payers_are_accounts_on_chains() {
    for wrong in [
        "",
        "did:key:z",
        "did:pkh:stellar:testnet:",
        "did:pkh:stellar:G",
        "did:pkh::testnet:G",
        "did:pkh:stellar:testnet:G G",
    ] {
        assert!(wrong.parse::<DidPkh>().is_err(), "{wrong}");
    }
    let text = "did:pkh:stellar:pubnet:GABC";
    assert_eq!(
        text.parse::<DidPkh>().expect("an account").to_string(),
        text
    );
}

#[test]
fn canonical_json_is_that_of_the_rfc() {
    // RFC 8785, section 3.2.2 and 3.2.3.
    let value: Value = serde_json::from_str(
        r#"{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001,-0.0,9007199254740992,1e21],
            "string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/\u007f","literals":[null,true,false]}"#,
    )
    .expect("JSON");
    assert_eq!(
        jcs::canonical(&value).expect("canonical"),
        "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27,0,9007199254740992,1e+21],\
         \"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\u{7f}\"}"
    );
    let value = json!({"\u{20ac}": 1, "\r": 2, "\u{fb33}": 3, "1": 4, "\u{1f600}": 5, "\u{80}": 6, "\u{f6}": 7});
    let text = jcs::canonical(&value).expect("canonical");
    assert_eq!(
        text,
        "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"\u{f6}\":7,\"\u{20ac}\":1,\"\u{1f600}\":5,\"\u{fb33}\":3}"
    );
    for exact in [
        u64::MAX.to_string(),
        i64::MIN.to_string(),
        "9007199254740993".into(),
        "12345678901234567000".into(),
    ] {
        let number: Value = serde_json::from_str(&exact).expect("a number");
        let wide = exact == "12345678901234567000";
        assert_eq!(jcs::canonical(&number).is_ok(), wide, "{exact}");
    }
}
