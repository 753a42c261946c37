//! The traits that the public types promise, and what they do not print.

use core::fmt::Debug;

use coinslot_x402_wire::{
    EchoError, Extensions, FacilitatorRequest, HeaderError, JsonError, PaymentPayload,
    PaymentRequired, PaymentRequirements, ReasonCode, ResourceInfo, SettleResponse, SupportedKind,
    SupportedResponse, VerifyResponse, X402Version,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

fn message<T: Clone + Debug + Eq + Serialize + DeserializeOwned + Send + Sync + Unpin + 'static>() {
}
fn error<T: core::error::Error + Clone + Eq + Send + Sync + 'static>() {}

#[test]
fn messages_keep_their_traits() {
    message::<PaymentRequired>();
    message::<PaymentRequirements>();
    message::<ResourceInfo>();
    message::<PaymentPayload>();
    message::<SettleResponse>();
    message::<VerifyResponse>();
    message::<FacilitatorRequest>();
    message::<SupportedResponse>();
    message::<SupportedKind>();
    message::<Extensions>();
    message::<ReasonCode>();
    message::<X402Version>();
    error::<HeaderError>();
    error::<JsonError>();
    error::<EchoError>();
}

#[test]
fn debug_prints_neither_what_was_signed_nor_what_extensions_hold() {
    let requirements = PaymentRequirements::new(
        "exact",
        "stellar:testnet".parse().expect("an id"),
        "10000".parse().expect("an amount"),
        "asset",
        "payee",
        60,
    );
    let signed = Map::from_iter([("transaction".to_string(), Value::from("S1GNED"))]);
    let extensions =
        Extensions::new().with("sign-in-with-x", json!({"info": {"signature": "S1GNED"}}));
    let payment = PaymentPayload::new(requirements.clone(), signed).with_extensions(extensions);
    let request = FacilitatorRequest::new(payment.clone(), requirements);
    for debug in [
        format!("{payment:?}"),
        format!("{payment:#?}"),
        format!("{request:?}"),
    ] {
        assert!(!debug.contains("S1GNED"), "{debug}");
        assert!(
            debug.contains("payee") && debug.contains("sign-in-with-x"),
            "{debug}"
        );
    }
}

#[test]
fn every_reason_code_has_one_text() {
    for (index, code) in ReasonCode::KNOWN.iter().enumerate() {
        assert_eq!(&ReasonCode::from(code.as_str()), code);
        assert_eq!(&ReasonCode::from(code.to_string()), code);
        assert!(
            code.as_str()
                .bytes()
                .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
        );
        assert!(
            ReasonCode::KNOWN[..index]
                .iter()
                .all(|other| other.as_str() != code.as_str())
        );
    }
    let other = ReasonCode::from("somebody_elses_code");
    assert_eq!(other, ReasonCode::Other("somebody_elses_code".into()));
    assert_eq!(other.to_string(), "somebody_elses_code");
}

#[cfg(feature = "schemars")]
#[test]
fn every_message_has_a_schema() {
    fn schema<T: schemars::JsonSchema>() -> Value {
        schemars::schema_for!(T).to_value()
    }
    let required = |schema: &Value| {
        let mut names: Vec<_> = schema["required"]
            .as_array()
            .into_iter()
            .flatten()
            .cloned()
            .collect();
        names.sort_by_key(|name| name.to_string());
        json!(names)
    };
    for (schema, names) in [
        (
            schema::<PaymentRequired>(),
            json!(["accepts", "resource", "x402Version"]),
        ),
        (
            schema::<PaymentRequirements>(),
            json!([
                "amount",
                "asset",
                "maxTimeoutSeconds",
                "network",
                "payTo",
                "scheme"
            ]),
        ),
        (schema::<ResourceInfo>(), json!(["url"])),
        (
            schema::<PaymentPayload>(),
            json!(["accepted", "payload", "x402Version"]),
        ),
        (
            schema::<SettleResponse>(),
            json!(["network", "success", "transaction"]),
        ),
        (schema::<VerifyResponse>(), json!(["isValid"])),
        (
            schema::<FacilitatorRequest>(),
            json!(["paymentPayload", "paymentRequirements", "x402Version"]),
        ),
        (
            schema::<SupportedResponse>(),
            json!(["extensions", "kinds", "signers"]),
        ),
        (
            schema::<SupportedKind>(),
            json!(["network", "scheme", "x402Version"]),
        ),
    ] {
        assert_eq!(required(&schema), names, "{schema:#}");
    }
    let requirements = schema::<PaymentRequirements>();
    let amount = &requirements["$defs"]["BaseUnits"];
    assert_eq!(amount["type"], "string", "{requirements:#}");
    assert_eq!(
        requirements["properties"]["amount"]["$ref"],
        "#/$defs/BaseUnits"
    );
    assert_eq!(schema::<X402Version>()["const"], 2);
}
