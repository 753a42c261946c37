//! Bodies of the facilitator API.

use coinslot_x402_wire::{
    FacilitatorRequest, ReasonCode, SettleResponse, SupportedResponse, VerifyResponse,
};
use serde_json::{Value, json};

use crate::{payload, requirements};

#[test]
fn facilitator_bodies_are_read_and_written() {
    let request = json!({"x402Version": 2, "paymentPayload": payload(), "paymentRequirements": requirements()});
    let read = FacilitatorRequest::from_json(request.to_string().as_bytes()).expect("a request");
    assert_eq!(read.payment_payload.accepted, read.payment_requirements);
    assert_eq!(
        serde_json::from_slice::<Value>(&read.to_json()).expect("JSON"),
        request
    );

    let verdict = br#"{"isValid":false,"invalidReason":"insufficient_funds","payer":"G","invalidMessage":null}"#;
    let verdict = VerifyResponse::from_json(verdict).expect("a verdict");
    assert_eq!(
        verdict,
        VerifyResponse::invalid(ReasonCode::InsufficientFunds).with_payer("G")
    );
    assert_eq!(
        VerifyResponse::valid("G").to_json(),
        br#"{"isValid":true,"payer":"G"}"#
    );
    for bad in [
        "{}",
        r#"{"isValid":"true"}"#,
        r#"{"isValid":1}"#,
        r#"{"isValid":null}"#,
    ] {
        assert!(VerifyResponse::from_json(bad.as_bytes()).is_err(), "{bad}");
    }

    let network = "stellar:testnet".parse().expect("an id");
    let pending = SettleResponse {
        transaction: "5c".into(),
        ..SettleResponse::failure(ReasonCode::SettlementPending, network)
    };
    assert_eq!(
        pending.to_json(),
        br#"{"success":false,"errorReason":"settlement_pending","transaction":"5c","network":"stellar:testnet"}"#
    );
    assert_eq!(SettleResponse::from_json(&pending.to_json()), Ok(pending));
}

#[test]
fn supported_kinds_of_other_worlds_are_passed_over() {
    let answer = json!({
        "kinds": [
            {"x402Version": 1, "scheme": "exact", "network": "base-sepolia"},
            {"x402Version": 1, "scheme": "exact", "network": "stellar:testnet"},
            {"x402Version": 3, "scheme": "exact", "network": "stellar:testnet"},
            {"x402Version": 2, "scheme": "exact", "network": "algorand:wGHE2Pwdvd7S12BL5FaOP20EGYesN73ktiC1qzkkit8="},
            {"x402Version": 2, "scheme": "exact", "network": "stellar:testnet", "extra": {"areFeesSponsored": true}},
        ],
        "extensions": ["idempotent-settlement"],
        "signers": {"stellar:*": ["G"], "": ["x"], "eip155:8453": []},
    });
    let supported = SupportedResponse::from_json(answer.to_string().as_bytes()).expect("an answer");
    let testnet = "stellar:testnet"
        .parse::<coinslot_caip2_network::ChainId>()
        .expect("an id");
    assert_eq!(supported.kinds.len(), 1);
    assert!(
        supported
            .kind("exact", testnet.as_ref())
            .is_some_and(|kind| kind.extra.is_some())
    );
    assert_eq!(supported.kind("upto", testnet.as_ref()), None);
    assert_eq!(
        supported
            .signers
            .keys()
            .map(|pattern| pattern.as_str())
            .collect::<Vec<_>>(),
        ["eip155:8453", "stellar:*"]
    );
    assert_eq!(
        SupportedResponse::from_json(&supported.to_json()),
        Ok(supported)
    );
    for bad in [
        r#"{}"#,
        r#"{"kinds":{}}"#,
        r#"{"kinds":[{"scheme":"exact","network":"stellar:testnet"}]}"#,
    ] {
        assert!(
            SupportedResponse::from_json(bad.as_bytes()).is_err(),
            "{bad}"
        );
    }
    assert!(
        SupportedResponse::from_json(br#"{"kinds":[]}"#)
            .is_ok_and(|answer| answer.kinds.is_empty())
    );
}
