//! The traits that the public types promise, and what they do not print.

use core::fmt::Debug;

use coinslot_mpp_wire::stellar::{
    ChannelAction, ChannelDetails, ChannelPayload, ChannelRequest, ChargeDetails, ChargePayload,
    ChargeRequest, CredentialType,
};
use coinslot_mpp_wire::{
    AcceptPayment, AcceptPaymentError, BindingError, BodyDigest, BodyDigestError, BoundChallenge,
    Challenge, ChallengeId, ChallengeSecrets, Credential, DidPkh, DidPkhError, EncodedRequest,
    EntryExists, HeaderError, IntentName, Issuer, JsonError, MethodName, NameError, Opaque,
    OpaqueData, Payload, PaymentRange, Problem, ProblemKind, Quality, Receipt, SecretError, Terms,
    Timestamp, TimestampError, jcs, mcp,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;

fn message<T: Clone + Debug + Eq + Serialize + DeserializeOwned + Send + Sync + Unpin + 'static>() {
}
fn written<T: Clone + Debug + Eq + Serialize + Send + Sync + Unpin + 'static>() {}
fn value<T: Clone + Debug + Send + Sync + Unpin + 'static>() {}
fn error<T: core::error::Error + Clone + Eq + Send + Sync + 'static>() {}

#[test]
fn types_keep_their_traits() {
    message::<Challenge>();
    message::<Receipt>();
    message::<Problem>();
    message::<Payload>();
    message::<(MethodName, IntentName, Timestamp, BodyDigest)>();
    message::<(ChargeRequest, ChargeDetails, ChargePayload, CredentialType)>();
    message::<(
        ChannelRequest,
        ChannelDetails,
        ChannelPayload,
        ChannelAction,
    )>();
    message::<(mcp::Challenge, mcp::Credential, mcp::Receipt)>();
    message::<(mcp::RpcError, mcp::ErrorData, mcp::Failure)>();
    message::<(mcp::Capabilities, mcp::MethodCapability)>();
    written::<(Credential, EncodedRequest, Opaque)>();
    value::<(AcceptPayment, PaymentRange, Quality, DidPkh)>();
    value::<(BoundChallenge, ChallengeId, ChallengeSecrets)>();
    value::<(Issuer, Terms, OpaqueData, ProblemKind)>();
    error::<HeaderError>();
    error::<JsonError>();
    error::<BindingError>();
    error::<SecretError>();
    error::<jcs::JcsError>();
    error::<mcp::EncodeError>();
    error::<AcceptPaymentError>();
    error::<NameError>();
    error::<TimestampError>();
    error::<BodyDigestError>();
    error::<DidPkhError>();
    error::<EntryExists>();
}

#[test]
fn debug_prints_no_secret_and_nothing_that_pays() {
    let secrets =
        ChallengeSecrets::new(b"S3CRET-S3CRET-S3CRET-S3CRET-S3CRET").expect("long enough");
    let request = EncodedRequest::parse("eyJhIjoiMSJ9").expect("a request");
    let terms =
        Terms::new("shop", MethodName::stellar(), IntentName::charge(), request).expect("terms");
    let issuer = Issuer::new(&secrets, terms);
    let expires = Timestamp::from_unix_seconds(1_767_700_800).expect("a time");
    let opaque = OpaqueData::new([1; 16])
        .with("session", "S3CRET")
        .expect("new");
    let challenge = issuer.mint(expires, &opaque, None).to_challenge();
    let signed = ChargePayload::Transaction {
        transaction: "S3CRET".into(),
    };
    let voucher = ChannelPayload {
        action: ChannelAction::Voucher,
        amount: "7".parse().expect("an amount"),
        signature: [0x53; 64],
    };
    let credential = Credential::new(challenge.clone(), &signed);
    let over_rpc = mcp::Credential::try_from(&credential).expect("an object");
    for (debug, shown) in [
        (format!("{secrets:?}"), "1 secrets"),
        (format!("{issuer:?}"), "shop"),
        (format!("{challenge:?}"), "shop"),
        (format!("{credential:#?}"), "shop"),
        (format!("{over_rpc:?}"), "shop"),
        (format!("{signed:?}"), "transaction"),
        (format!("{voucher:?}"), "Voucher"),
    ] {
        assert!(
            !debug.contains("S3CRET") && !debug.contains("83, 83"),
            "{debug}"
        );
        assert!(debug.contains(shown), "{debug}");
    }
}

#[test]
fn kinds_of_problems_have_one_name_each() {
    for (index, kind) in ProblemKind::ALL.iter().enumerate() {
        let problem = kind.problem();
        assert_eq!(problem.kind(), Some(*kind));
        assert_eq!(problem.status, Some(kind.status()));
        assert!(
            ProblemKind::ALL[..index]
                .iter()
                .all(|other| other.code() != kind.code())
        );
    }
    assert_eq!(
        json!(ProblemKind::SettlementFailed.because("the balance is too low")),
        json!({
            "type": "https://paymentauth.org/problems/settlement-failed",
            "title": "Settlement Failed",
            "status": 402,
            "detail": "Payment settlement failed: the balance is too low.",
        })
    );
}

#[cfg(feature = "schemars")]
#[test]
fn every_message_has_a_schema() {
    fn required<T: schemars::JsonSchema>() -> Vec<String> {
        let schema = schemars::schema_for!(T).to_value();
        let names = schema["required"].as_array().cloned().unwrap_or_default();
        let mut names: Vec<_> = names
            .iter()
            .filter_map(|name| name.as_str().map(str::to_owned))
            .collect();
        names.sort();
        names
    }
    let challenge = ["id", "intent", "method", "realm", "request"];
    assert_eq!(required::<Challenge>(), challenge);
    assert_eq!(required::<mcp::Challenge>(), challenge);
    assert_eq!(required::<Credential>(), ["challenge", "payload"]);
    assert_eq!(required::<mcp::Credential>(), ["challenge", "payload"]);
    assert_eq!(
        required::<Receipt>(),
        ["method", "reference", "status", "timestamp"]
    );
    assert_eq!(
        required::<mcp::Receipt>(),
        ["challengeId", "method", "status", "timestamp"]
    );
    assert_eq!(required::<Problem>(), ["type"]);
    assert_eq!(required::<mcp::RpcError>(), ["code", "message"]);
    assert_eq!(required::<mcp::Capabilities>(), ["methods"]);
    assert_eq!(
        required::<ChargeRequest>(),
        ["amount", "currency", "recipient"]
    );
    assert_eq!(required::<ChannelRequest>(), ["amount", "channel"]);
    assert_eq!(
        required::<ChannelPayload>(),
        ["action", "amount", "signature"]
    );
    let payload = schemars::schema_for!(ChargePayload).to_value();
    assert_eq!(
        payload["oneOf"].as_array().map(Vec::len),
        Some(3),
        "{payload:#}"
    );
}
