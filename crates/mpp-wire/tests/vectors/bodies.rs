//! Receipts, problems, and what travels over JSON-RPC.

use coinslot_mpp_wire::{
    Challenge, ChallengeSecrets, Credential, EncodedRequest, IntentName, Issuer, MethodName,
    OpaqueData, Problem, ProblemKind, Receipt, Terms, Timestamp, mcp,
};
use serde_json::{Value, json};

use super::{Engine, URL_SAFE_NO_PAD};

#[test]
fn receipts_keep_what_methods_add() {
    let json = json!({
        "status": "success", "method": "stellar", "timestamp": "2026-01-06T12:00:00Z", "reference": "r",
        "externalId": "order-9", "subscriptionId": "s", "spent": {"units": [1, "2"]},
    });
    let receipt =
        Receipt::from_header(&URL_SAFE_NO_PAD.encode(json.to_string())).expect("a receipt");
    assert_eq!(receipt.extensions.len(), 2);
    assert_eq!(serde_json::to_value(&receipt).expect("JSON"), json);
    for (member, wrong) in [
        ("status", json!("failed")),
        ("status", Value::Null),
        ("timestamp", json!("6 Jan 2026")),
        ("reference", json!(5)),
        ("reference", Value::Null),
        ("externalId", json!(5)),
    ] {
        let mut json = json.clone();
        json[member] = wrong;
        let refused = Receipt::from_header(&URL_SAFE_NO_PAD.encode(json.to_string()));
        assert!(refused.is_err(), "{refused:?}");
    }
}

#[test]
fn problems_of_others_are_read_with_what_they_add() {
    let body = json!({
        "type": "https://paymentauth.org/problems/verification-failed", "title": 7, "status": "402",
        "detail": "no", "challengeId": "x1", "hint": "try again",
    });
    let problem = Problem::from_json(body.to_string().as_bytes()).expect("a problem");
    assert_eq!(problem.kind(), Some(ProblemKind::VerificationFailed));
    assert_eq!((problem.title, problem.status), (None, None));
    assert_eq!(problem.extensions["hint"], "try again");
    let other = Problem::from_json(b"{}").expect("a problem");
    assert_eq!(
        (other.type_uri.as_str(), other.kind()),
        ("about:blank", None)
    );
    assert!(Problem::from_json(b"[]").is_err());
    let invalid = Problem::invalid_challenge("x1", "already used");
    assert_eq!(
        invalid.detail.as_deref(),
        Some("Challenge \"x1\" is invalid: already used.")
    );
}

#[test]
fn ids_hold_over_json_rpc_as_over_http() {
    let secrets = ChallengeSecrets::new([3; 32]).expect("long enough");
    let request = json!({"z": [1, {"b": null, "a": 1.5}], "amount": "1"});
    let request =
        EncodedRequest::from_object(request.as_object().expect("an object")).expect("canonical");
    let terms =
        Terms::new("shop", MethodName::stellar(), IntentName::charge(), request).expect("terms");
    let issuer = Issuer::new(&secrets, terms);
    let expires = Timestamp::from_unix_seconds(1_767_700_800).expect("a time");
    let challenge = issuer
        .mint(expires, &OpaqueData::new([1; 16]), None)
        .to_challenge();

    let error = mcp::RpcError::payment_required(vec![(&challenge).try_into().expect("an object")]);
    let wire = serde_json::to_value(&error).expect("JSON");
    assert_eq!(wire["code"], -32_042);
    assert_eq!(wire["data"]["httpStatus"], 402);
    assert_eq!(wire["data"]["challenges"][0]["request"]["z"][1]["a"], 1.5);

    // The client sends it back with the members in another order.
    let mut data = serde_json::from_value::<mcp::RpcError>(wire)
        .expect("an error")
        .data
        .expect("data");
    let credential =
        json!({"payload": {"a": 1}, "challenge": data.challenges.remove(0), "source": "did:key:z"});
    let credential: mcp::Credential = serde_json::from_value(credential).expect("a credential");
    let credential = Credential::try_from(credential).expect("a credential");
    assert_eq!(credential.challenge, challenge);
    assert!(issuer.verify(credential.challenge.clone()).is_ok());
    let again = mcp::Credential::try_from(&credential).expect("an object");
    assert_eq!(Credential::try_from(again), Ok(credential));
}

#[test]
fn what_json_rpc_carries_is_checked_too() {
    let challenge = json!({"id": "x1", "realm": "shop", "method": "stellar", "intent": "charge", "request": {"a": "1"}});
    let read = |challenge: Value| -> Result<Challenge, String> {
        let challenge: mcp::Challenge =
            serde_json::from_value(challenge).map_err(|error| error.to_string())?;
        challenge
            .try_into()
            .map_err(|error: mcp::EncodeError| error.to_string())
    };
    assert!(read(challenge.clone()).is_ok());
    for (member, wrong) in [
        ("id", json!("")),
        ("id", json!("a\nb")),
        ("method", json!("Stellar")),
        ("request", json!("eyJhIjoiMSJ9")),
        ("request", json!({"n": 9_007_199_254_740_993_u64})),
        ("opaque", json!("e3|0")),
        ("description", json!("☕")),
        ("expires", json!("soon")),
    ] {
        let mut challenge = challenge.clone();
        challenge[member] = wrong;
        assert!(read(challenge).is_err(), "{member}");
    }
    assert!(serde_json::from_value::<mcp::RpcError>(json!([-32_042, "Payment Required"])).is_err());
    assert!(serde_json::from_value::<mcp::Failure>(json!(["reason"])).is_err());
    let failure = mcp::Failure {
        reason: Some("signature-invalid".into()),
        detail: None,
    };
    let error = mcp::RpcError::verification_failed(Vec::new(), failure);
    assert_eq!(
        serde_json::to_value(error).expect("JSON"),
        json!({"code": -32_043, "message": "Payment Verification Failed", "data": {
            "httpStatus": 402, "challenges": [], "failure": {"reason": "signature-invalid"},
        }})
    );
    let receipt = Receipt::new(
        "stellar",
        "r",
        "2026-01-06T12:00:00Z".parse().expect("a time"),
    );
    assert_eq!(
        serde_json::to_value(mcp::Receipt::new(&receipt, "x1")).expect("JSON"),
        json!({"status": "success", "method": "stellar", "timestamp": "2026-01-06T12:00:00Z", "challengeId": "x1", "reference": "r"})
    );
    let capabilities = json!({"methods": {"stellar": {"intents": ["charge", "channel"]}}});
    let read: mcp::Capabilities =
        serde_json::from_value(capabilities.clone()).expect("capabilities");
    assert_eq!(serde_json::to_value(read).expect("JSON"), capabilities);
}
