//! Versions: 2 is spoken, 1 is recognised, others are refused.

use coinslot_x402_wire::{
    FacilitatorRequest, HeaderError, HeaderErrorKind, JsonErrorKind, X402Version,
};
use serde_json::{Value, json};

use crate::{payload, payload_from, required_from, requirements, with};

#[test]
fn version_1_is_recognised() {
    let demand = json!({
        "x402Version": 1,
        "error": "X-PAYMENT header is required",
        "accepts": [{
            "scheme": "exact", "network": "base-sepolia", "maxAmountRequired": "10000",
            "resource": "https://api.example.com/premium", "description": "Premium", "mimeType": "application/json",
            "payTo": "0x209693Bc6afc0C5328bA36FaF03C514EF312287C", "maxTimeoutSeconds": 60,
            "asset": "0x036CbD53842c5426634e7929541eC2318f3dCF7e", "extra": { "name": "USDC", "version": "2" },
        }],
    });
    let payment = json!({"x402Version": 1, "scheme": "exact", "network": "base-sepolia", "payload": {"signature": "0x2d6a"}});
    let kinds = [
        required_from(&demand).expect_err("version 1"),
        payload_from(&payment).expect_err("version 1"),
        payload_from(&with(payload(), "/x402Version", json!(1))).expect_err("version 1"),
        HeaderError::version_1(),
    ];
    for error in kinds {
        assert_eq!(error.kind(), HeaderErrorKind::Version1);
        let sentence = error.to_string();
        assert!(
            sentence.contains("version 2") && sentence.contains("PAYMENT-SIGNATURE"),
            "{sentence}"
        );
    }
    let request =
        json!({"x402Version": 2, "paymentPayload": payment, "paymentRequirements": requirements()});
    let error = FacilitatorRequest::from_json(request.to_string().as_bytes())
        .expect_err("version 1 inside");
    assert_eq!(error.kind(), JsonErrorKind::Version1);
}

#[test]
fn other_versions_are_refused() {
    for (version, kind) in [
        (json!(0), HeaderErrorKind::UnsupportedVersion),
        (json!(3), HeaderErrorKind::UnsupportedVersion),
        (json!("2"), HeaderErrorKind::Shape),
        (json!(2.5), HeaderErrorKind::Shape),
        (Value::Null, HeaderErrorKind::Shape),
    ] {
        let error =
            payload_from(&with(payload(), "/x402Version", version.clone())).expect_err("a version");
        assert_eq!(error.kind(), kind, "{version}");
    }
    assert_eq!(X402Version::default().to_string(), "2");
}
