//! The messages of the Machine Payments Protocol, their headers and the texts in them.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use coinslot_auth_header::Challenges;
use coinslot_mpp_wire::{
    AcceptPayment, BodyDigest, Challenge, ChallengeSecrets, Credential, DidPkh, EncodedRequest,
    HeaderError, IntentName, MAX_ACCEPT_PAYMENT_BYTES, MAX_BODY_BYTES, MAX_HEADER_BYTES,
    MAX_RECEIPT_BYTES, MAX_REQUEST_BYTES, MethodName, Opaque, Problem, Quality, Receipt, Timestamp,
    mcp,
    stellar::{
        ChannelPayload, ChannelRequest, ChannelStanding, ChargePayload, ChargeRequest, NamedChannel,
    },
};
use serde_json::Value;

use crate::{memory, text};

/// Canonical, bounded, differential (the grammar alone finds the same parameters), model (a foreign id is never ours).
pub(crate) fn mpp_challenge(data: &[u8]) {
    let Some(header) = text(data) else { return };
    request_and_opaque(header);
    match memory::at_most(allowance(header.len()), || Challenge::from_header(header)) {
        Ok(challenge) => {
            let challenges = Challenges::parse(header).expect("the grammar");
            let first = challenges.of("Payment").next().expect("a challenge");
            for (name, value) in [
                ("id", Some(challenge.id())),
                ("realm", Some(challenge.realm())),
                ("method", Some(challenge.method().as_str())),
                ("intent", Some(challenge.intent().as_str())),
                ("request", Some(challenge.request().as_str())),
                ("description", challenge.description()),
                ("digest", challenge.digest().map(BodyDigest::as_str)),
                ("expires", challenge.expires().map(Timestamp::as_str)),
                ("opaque", challenge.opaque().map(Opaque::as_str)),
            ] {
                assert_eq!(first.parameter(name), value, "{name}");
            }
            let written = challenge.to_header();
            assert!(
                written
                    .bytes()
                    .all(|byte| matches!(byte, b'\t' | b' '..=b'~'))
            );
            let again = Challenge::from_header(&written).expect("what we write can be read");
            assert_eq!(again, challenge);
            assert_eq!(again.to_header(), written);
            assert_eq!(
                challenge.slots().to_string().matches('|').count(),
                6 + challenge.realm().matches('|').count()
            );
            let _ = (
                challenge.request().read::<ChargeRequest>(),
                challenge.request().read::<ChannelRequest>(),
            );
            if let Ok(native) = mcp::Challenge::try_from(&challenge) {
                let same = Challenge::try_from(native);
                assert!(same.is_err() || same.is_ok_and(|same| same.id() == challenge.id()));
            }
            let secrets = ChallengeSecrets::new([7; 32]).expect("long enough");
            assert!(
                secrets.verify(challenge).is_err(),
                "a stranger's id is ours"
            );
        }
        Err(error) => check_sentence(&error),
    }
}

/// Exact: what is accepted is kept as it came. Model: strict base64url of a JSON object.
fn request_and_opaque(encoded: &str) {
    let json = BASE64_URL_SAFE_NO_PAD.decode(encoded).ok();
    let value = json.and_then(|json| serde_json::from_slice::<Value>(&json).ok());
    match memory::at_most(allowance(encoded.len()), || EncodedRequest::parse(encoded)) {
        Ok(request) => {
            assert!(encoded.len() <= MAX_REQUEST_BYTES);
            assert_eq!(request.as_str(), encoded);
            let value = value.expect("JSON");
            assert!(value.is_object());
            if let Ok(object) = request.object() {
                assert_eq!(Value::Object(object.clone()), value);
                if let Ok(canonical) = EncodedRequest::from_object(&object) {
                    assert_eq!(canonical.object(), Ok(object.clone()));
                    assert_eq!(EncodedRequest::from_object(&object), Ok(canonical));
                }
            }
        }
        Err(error) => check_sentence(&error),
    }
    if let Ok(opaque) = Opaque::parse(encoded) {
        assert_eq!(opaque.as_str(), encoded);
        if let Ok(entries) = opaque.entries() {
            assert!(entries.len() <= encoded.len());
        }
    }
}

/// Canonical, bounded, differential; a `Debug` never shows what pays. The input is JSON, or a header's value as it is.
pub(crate) fn mpp_credential(data: &[u8]) {
    let header = match data.first() {
        Some(b'{') => format!("Payment {}", BASE64_URL_SAFE_NO_PAD.encode(data)),
        _ => match text(data) {
            Some(header) => header.to_owned(),
            None => return,
        },
    };
    match memory::at_most(allowance(header.len()), || Credential::from_header(&header)) {
        Ok(credential) => {
            assert!(header.len() <= MAX_HEADER_BYTES);
            let challenges = Challenges::parse(&header).expect("the grammar");
            let mut payments = challenges.of("Payment");
            let token = payments.next().and_then(|payment| payment.token68());
            assert!(payments.next().is_none(), "one of two credentials is taken");
            let json = BASE64_URL_SAFE_NO_PAD.decode(token.expect("a token"));
            let value: Value = serde_json::from_slice(&json.expect("base64url")).expect("JSON");
            assert_eq!(value["challenge"]["id"], credential.challenge.id());
            assert_eq!(
                value["challenge"]["request"],
                credential.challenge.request().as_str()
            );
            assert!(value["payload"].is_object());
            let written = credential.to_header();
            if written.len() <= MAX_HEADER_BYTES {
                let again = Credential::from_header(&written).expect("what we write can be read");
                assert_eq!(again, credential);
                assert_eq!(again.to_header(), written);
            }
            let payload = credential.payload.json();
            if payload.len() > 24 {
                assert!(
                    !format!("{credential:?}").contains(payload),
                    "a payload is printed"
                );
            }
            if let Ok(payload) = credential.payload.read::<ChargePayload>() {
                let written = coinslot_mpp_wire::Payload::from(&payload);
                assert_eq!(written.read::<ChargePayload>(), Ok(payload));
            }
            if let Ok(payload) = credential.payload.read::<ChannelPayload>() {
                let written = coinslot_mpp_wire::Payload::from(&payload);
                assert_eq!(written.read::<ChannelPayload>(), Ok(payload));
            }
        }
        Err(error) => check_sentence(&error),
    }
}

/// Canonical, bounded, differential. The input is JSON, or a header's value as it is.
pub(crate) fn mpp_receipt(data: &[u8]) {
    let header = match data.first() {
        Some(b'{') => BASE64_URL_SAFE_NO_PAD.encode(data),
        _ => match text(data) {
            Some(header) => header.to_owned(),
            None => return,
        },
    };
    match memory::at_most(allowance(header.len()), || Receipt::from_header(&header)) {
        Ok(receipt) => {
            assert!(header.len() <= MAX_RECEIPT_BYTES);
            let json = BASE64_URL_SAFE_NO_PAD.decode(&header).expect("base64url");
            let value: Value = serde_json::from_slice(&json).expect("JSON");
            assert_eq!(serde_json::to_value(&receipt).expect("JSON"), value);
            let written = receipt.to_header();
            if written.len() <= MAX_RECEIPT_BYTES {
                assert_eq!(Receipt::from_header(&written), Ok(receipt));
            }
        }
        Err(error) => check_sentence(&error),
    }
}

/// Canonical, bounded: problems, and what travels over JSON-RPC.
pub(crate) fn mpp_bodies(data: &[u8]) {
    if let Ok(problem) = memory::at_most(allowance(data.len()), || Problem::from_json(data)) {
        assert!(data.len() <= MAX_BODY_BYTES);
        let written = problem.to_json();
        let again = Problem::from_json(&written).expect("what we write can be read");
        assert_eq!(again, problem);
        assert_eq!(again.to_json(), written);
    }
    if let Ok(error) = serde_json::from_slice::<mcp::RpcError>(data) {
        let written = serde_json::to_vec(&error).expect("JSON");
        assert_eq!(
            serde_json::from_slice::<mcp::RpcError>(&written).expect("JSON"),
            error
        );
    }
    if let Ok(native) = serde_json::from_slice::<mcp::Credential>(data)
        && let Ok(credential) = Credential::try_from(native)
    {
        let native = mcp::Credential::try_from(&credential).expect("canonical JSON");
        assert_eq!(Credential::try_from(native), Ok(credential));
    }
}

/// Canonical, bounded, model (the grammar of one range).
pub(crate) fn accept_payment(data: &[u8]) {
    let Some(value) = text(data) else { return };
    if let Ok(accept) = memory::at_most(allowance(value.len()), || value.parse::<AcceptPayment>()) {
        assert!(value.len() <= MAX_ACCEPT_PAYMENT_BYTES);
        let elements = value
            .split(',')
            .filter(|element| !element.trim().is_empty());
        assert_eq!(elements.count(), accept.ranges().len());
        let written = accept.to_string();
        assert_eq!(written.parse(), Ok(accept));
    }
    if let Ok(quality) = value.parse::<Quality>() {
        let number: f64 = value.parse().expect("a number");
        assert_eq!(f64::from(quality.thousandths()), (number * 1_000.0).round());
        assert_eq!(quality.to_string().parse(), Ok(quality));
    }
}

/// Exact, model: the texts in the messages.
pub(crate) fn mpp_texts(data: &[u8]) {
    let Some(value) = text(data) else { return };
    let allowed = allowance(value.len());
    if let Ok(method) = memory::at_most(allowed, || value.parse::<MethodName>()) {
        assert_eq!(method.as_str(), value);
        assert!(
            value.starts_with(|first: char| first.is_ascii_lowercase()) && !value.contains('|')
        );
    }
    if let Ok(intent) = memory::at_most(allowed, || value.parse::<IntentName>()) {
        assert_eq!(intent.as_str(), value);
        assert!(!value.is_empty() && !value.contains('|'));
    }
    if let Ok(time) = memory::at_most(allowed, || value.parse::<Timestamp>()) {
        assert_eq!(time.as_str(), value);
        if let Ok(seconds) = u64::try_from(time.unix_seconds())
            && let Ok(written) = Timestamp::from_unix_seconds(seconds)
        {
            assert_eq!(written.as_str().parse(), Ok(written.clone()));
            assert_eq!(written.unix_seconds(), time.unix_seconds());
        }
    }
    if let Ok(digest) = memory::at_most(allowed, || value.parse::<BodyDigest>()) {
        assert_eq!(digest.as_str(), value);
        assert!(value.starts_with("sha-256=") && !value.contains('|'));
        let own = BodyDigest::of(data);
        assert!(
            !digest.is_of(data) || value == own.as_str() || value == own.as_str().replace(':', "")
        );
    }
    if let Ok(named) = memory::at_most(allowed, || value.parse::<NamedChannel>()) {
        assert_eq!(named.to_string(), value);
    }
    if let Ok(standing) = memory::at_most(allowed, || value.parse::<ChannelStanding>()) {
        assert_eq!(standing.to_string(), value);
    }
    if let Ok(payer) = memory::at_most(allowed, || value.parse::<DidPkh>()) {
        assert_eq!(payer.to_string(), value);
    }
}

fn check_sentence(error: &HeaderError) {
    let sentence = error.to_string();
    assert!(!sentence.is_empty() && sentence.len() <= 400, "{sentence}");
    assert!(!sentence.contains(['\r', '\n', '\0']), "{sentence:?}");
}

/// An object of one short member takes about 700 bytes for its 6 of JSON.
fn allowance(input: usize) -> usize {
    input.saturating_mul(160).saturating_add(16 * 1_024)
}
