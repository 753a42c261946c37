//! The peers: the same work done plainly with the libraries underneath.

#![expect(dead_code, reason = "what is parsed is what is measured")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use stellar_xdr::{
    HostFunction, Limits, OperationBody, ReadXdr, ScAddress, ScVal, SorobanAuthorizationEntry,
    TransactionEnvelope,
};

/// A payment payload as a derived type, without a rule.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PlainPayload {
    x402_version: u8,
    resource: Option<PlainResource>,
    accepted: PlainRequirements,
    payload: serde_json::Map<String, serde_json::Value>,
    extensions: Option<serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PlainResource {
    url: String,
    description: Option<String>,
    mime_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PlainRequirements {
    scheme: String,
    network: String,
    amount: String,
    asset: String,
    pay_to: String,
    max_timeout_seconds: u64,
    extra: Option<serde_json::Map<String, serde_json::Value>>,
}

/// Base64 and JSON, and nothing else.
pub(crate) fn decode_header(header: &str) -> PlainPayload {
    let bytes = STANDARD.decode(header).expect("base64");
    serde_json::from_slice(&bytes).expect("a payload")
}

/// What a transfer holds, out of `stellar-xdr`'s types.
pub(crate) struct PlainTransfer {
    contract: ScAddress,
    from: ScAddress,
    to: ScAddress,
    amount: i128,
    auth: Vec<SorobanAuthorizationEntry>,
}

/// `stellar-xdr`'s reader of base64, and the extraction of a transfer.
pub(crate) fn recognise(text: &str) -> PlainTransfer {
    let envelope = TransactionEnvelope::from_xdr_base64(
        text,
        Limits {
            depth: 500,
            len: 100_000,
        },
    )
    .expect("an envelope");
    let TransactionEnvelope::Tx(envelope) = envelope else {
        panic!("not a transaction")
    };
    let operation = envelope
        .tx
        .operations
        .first()
        .expect("an operation")
        .clone();
    let OperationBody::InvokeHostFunction(invocation) = operation.body else {
        panic!("not an invocation")
    };
    let HostFunction::InvokeContract(call) = invocation.host_function else {
        panic!("not a call")
    };
    assert_eq!(call.function_name.0.as_slice(), b"transfer");
    let [
        ScVal::Address(from),
        ScVal::Address(to),
        ScVal::I128(amount),
    ] = call.args.as_slice()
    else {
        panic!("not a transfer")
    };
    PlainTransfer {
        contract: call.contract_address,
        from: from.clone(),
        to: to.clone(),
        amount: i128::from(amount),
        auth: invocation.auth.into_vec(),
    }
}
