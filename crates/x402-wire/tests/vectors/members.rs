//! Members: which are needed, which values they take, and what an error says of them.

use coinslot_x402_wire::{
    HeaderErrorKind, PaymentPayload, PaymentRequired, PaymentRequirements, ResourceInfo,
    SettleResponse, SupportedResponse, VerifyResponse,
};
use serde_json::{Value, json};

use crate::{
    decoded, header, payload, payload_from, required, required_from, requirements, settled,
    settled_from, with,
};

#[test]
fn optional_members_may_be_absent_and_some_null() {
    for pointer in [
        "/error",
        "/extensions",
        "/resource/description",
        "/resource/mimeType",
        "/accepts/0/extra",
    ] {
        assert!(
            required_from(&with(required(), pointer, None)).is_ok(),
            "{pointer}"
        );
    }
    for pointer in ["/extensions", "/accepts/0/extra"] {
        let demand = required_from(&with(required(), pointer, Value::Null)).expect(pointer);
        assert_eq!(decoded(&demand.to_header()).pointer(pointer), None);
    }
    for pointer in [
        "/error",
        "/resource",
        "/resource/url",
        "/resource/description",
        "/resource/mimeType",
        "/accepts",
        "/accepts/0/amount",
    ] {
        assert!(
            required_from(&with(required(), pointer, Value::Null)).is_err(),
            "{pointer}"
        );
    }
    for pointer in ["/resource", "/extensions"] {
        assert!(
            payload_from(&with(payload(), pointer, None)).is_ok(),
            "{pointer}"
        );
    }
    assert!(payload_from(&with(payload(), "/resource", Value::Null)).is_err());
    for pointer in [
        "/errorReason",
        "/errorMessage",
        "/payer",
        "/amount",
        "/extensions",
    ] {
        assert!(
            settled_from(&with(settled(), pointer, Value::Null)).is_ok(),
            "{pointer}"
        );
    }
}

#[test]
fn required_members_are_required() {
    for pointer in [
        "/x402Version",
        "/resource",
        "/resource/url",
        "/accepts",
        "/accepts/0/scheme",
        "/accepts/0/network",
        "/accepts/0/amount",
        "/accepts/0/asset",
        "/accepts/0/payTo",
        "/accepts/0/maxTimeoutSeconds",
    ] {
        let error = required_from(&with(required(), pointer, None)).expect_err(pointer);
        let (_, name) = pointer.rsplit_once('/').expect("a pointer");
        assert_eq!(error.kind(), HeaderErrorKind::Shape);
        assert!(
            error
                .to_string()
                .contains(&format!("missing field `{name}`")),
            "{error}"
        );
    }
    for pointer in ["/x402Version", "/accepted", "/payload"] {
        assert!(
            payload_from(&with(payload(), pointer, None)).is_err(),
            "{pointer}"
        );
    }
    for pointer in ["/success", "/transaction", "/network"] {
        assert!(
            settled_from(&with(settled(), pointer, None)).is_err(),
            "{pointer}"
        );
    }
}

#[test]
fn unknown_members_are_skipped() {
    let mut message = required();
    for pointer in ["/more", "/resource/more", "/accepts/0/more"] {
        message = with(message, pointer, json!({"a": [1, "x"]}));
    }
    assert_eq!(required_from(&message), required_from(&required()));
}

#[test]
fn values_that_are_refused_are_named() {
    for (pointer, value) in [
        ("/accepts/0/amount", json!(10000)),
        ("/accepts/0/amount", json!(["10000"])),
        ("/accepts/0/amount", json!("0x2710")),
        ("/accepts/0/amount", json!("+10000")),
        ("/accepts/0/amount", json!(" 10000")),
        ("/accepts/0/amount", json!("1e4")),
        ("/accepts/0/amount", json!("010000")),
        ("/accepts/0/amount", json!("")),
        (
            "/accepts/0/amount",
            json!("170141183460469231731687303715884105728"),
        ),
        ("/accepts/0/scheme", json!("")),
        ("/accepts/0/asset", json!("")),
        ("/accepts/0/payTo", json!("")),
        ("/accepts/0/payTo", json!(7)),
        ("/accepts/0/maxTimeoutSeconds", json!(0)),
        ("/accepts/0/maxTimeoutSeconds", json!(-1)),
        ("/accepts/0/maxTimeoutSeconds", json!(1.5)),
        ("/accepts/0/maxTimeoutSeconds", json!("60")),
        ("/accepts/0/extra", json!("text")),
        ("/resource/url", json!("")),
        ("/extensions", json!("text")),
    ] {
        let error = required_from(&with(required(), pointer, value.clone())).expect_err(pointer);
        assert_eq!(error.kind(), HeaderErrorKind::Shape, "{pointer} {value}");
        let place = pointer
            .trim_start_matches('/')
            .replace("/0", "[0]")
            .replace('/', ".");
        assert!(
            error
                .detail()
                .is_some_and(|detail| detail.starts_with(&format!("{place}: "))),
            "{pointer}: {error}"
        );
    }
}

#[test]
fn a_message_is_an_object() {
    let array = |message: Value| {
        json!(
            message
                .as_object()
                .expect("an object")
                .values()
                .collect::<Vec<_>>()
        )
    };
    assert!(PaymentRequired::from_json(b"[2,null,{\"url\":\"u\"},[],null]").is_err());
    assert!(
        SettleResponse::from_json(br#"[true,null,null,null,"t","stellar:testnet",null,null]"#)
            .is_err()
    );
    assert!(serde_json::from_str::<VerifyResponse>("[true,null,null,null]").is_err());
    assert!(serde_json::from_value::<ResourceInfo>(json!(["u", "d", "m"])).is_err());
    let r = requirements();
    let in_order = json!([
        r["scheme"],
        r["network"],
        r["amount"],
        r["asset"],
        r["payTo"],
        60,
        null
    ]);
    assert!(serde_json::from_value::<PaymentRequirements>(in_order.clone()).is_err());
    assert!(required_from(&with(required(), "/accepts/0", in_order.clone())).is_err());
    assert!(required_from(&with(required(), "/resource", json!(["u", "d", "m"]))).is_err());
    assert!(payload_from(&with(payload(), "/accepted", in_order)).is_err());
    assert!(payload_from(&with(payload(), "/payload", json!(["AAAA"]))).is_err());
    assert!(payload_from(&with(payload(), "/payload", json!("AAAA"))).is_err());
    assert!(payload_from(&array(payload())).is_err());
    assert!(
        SupportedResponse::from_json(
            br#"{"kinds":[[2,"exact","stellar:testnet",null]],"extensions":[],"signers":{}}"#
        )
        .is_err()
    );
    for text in ["42", "null", "true", "\"text\"", "[]", "{}"] {
        for kind in [
            PaymentRequired::from_header(&header(text))
                .expect_err(text)
                .kind(),
            PaymentPayload::from_header(&header(text))
                .expect_err(text)
                .kind(),
            SettleResponse::from_header(&header(text))
                .expect_err(text)
                .kind(),
        ] {
            assert_eq!(kind, HeaderErrorKind::Shape, "{text}");
        }
    }
}

#[test]
fn offers_on_networks_without_a_caip2_name_are_passed_over() {
    let algorand = with(
        requirements(),
        "/network",
        json!("algorand:SGO1GKSzyE7IEPItTxCByw9x8FmnrCDexi9/cOUJOiI="),
    );
    let both = with(required(), "/accepts", json!([algorand, requirements()]));
    assert_eq!(required_from(&both), required_from(&required()));
    for accepts in [
        json!([algorand]),
        json!([]),
        json!([with(requirements(), "/network", json!("stellar"))]),
    ] {
        let error =
            required_from(&with(required(), "/accepts", accepts)).expect_err("nothing to pay with");
        assert_eq!(error.kind(), HeaderErrorKind::Shape);
    }
    let junk = with(algorand, "/amount", json!("lots"));
    assert!(required_from(&with(required(), "/accepts", json!([junk, requirements()]))).is_err());
    assert!(payload_from(&with(payload(), "/accepted/network", json!("stellar"))).is_err());
}

#[test]
fn no_name_occurs_twice() {
    for text in [
        r#"{"success":true,"success":false,"transaction":"t","network":"stellar:testnet"}"#,
        r#"{"success":true,"transaction":"t","network":"stellar:testnet","extensions":{"a":{"b":[{"c":1,"c":1}]}}}"#,
        r#"{"success":true,"transaction":"t","network":"stellar:testnet","extensions":{"a":1,"\u0061":1}}"#,
    ] {
        let error = SettleResponse::from_header(&header(text)).expect_err(text);
        assert_eq!(error.kind(), HeaderErrorKind::Shape);
    }
    let twice = payload()
        .to_string()
        .replace(r#""payload":{"#, r#""payload":{"transaction":"BBBB","#);
    let error = PaymentPayload::from_header(&header(twice)).expect_err("two transactions");
    assert_eq!(
        error.detail(),
        Some("payload.transaction: an object names a member twice")
    );
    let twice = payload()
        .to_string()
        .replace(r#""amount":"10000""#, r#""amount":"10000","amount":"1""#);
    assert!(PaymentPayload::from_header(&header(twice)).is_err());
    let twice = r#"{"kinds":[],"extensions":[],"signers":{"stellar:*":[],"stellar:*":[]}}"#;
    assert!(SupportedResponse::from_json(twice.as_bytes()).is_err());
}

#[test]
fn errors_repeat_nothing_that_was_sent() {
    let secret = with(payload(), "/payload", json!("S3CRET \" and more"));
    let error = payload_from(&secret).expect_err("a string");
    assert!(
        !error.to_string().contains("S3CRET") && !format!("{error:?}").contains("S3CRET"),
        "{error}"
    );
    let named = payload()
        .to_string()
        .replace("AAAAAgAAAAA=\"", "\",\"S3CRET\":{\"a\":1,\"a\":1}");
    let error = PaymentPayload::from_header(&header(named)).expect_err("a name twice");
    assert!(
        error.to_string().contains("payload.…") && !error.to_string().contains("S3CRET"),
        "{error}"
    );
}
