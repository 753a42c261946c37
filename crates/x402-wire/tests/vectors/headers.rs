//! Headers: base64, UTF-8, JSON and their limits.

use coinslot_x402_wire::header as names;
use coinslot_x402_wire::header::MAX_HEADER_BYTES;
use coinslot_x402_wire::{
    HeaderErrorKind, JsonErrorKind, MAX_BODY_BYTES, MAX_JSON_DEPTH, PaymentPayload,
    PaymentRequired, PaymentRequirements, ReasonCode, ResourceInfo, SettleResponse,
};

use crate::{
    decoded, header, payload, payload_from, required, required_from, settled, settled_from,
};

#[test]
fn headers_are_read_and_written() {
    assert_eq!(
        decoded(&required_from(&required()).expect("a demand").to_header()),
        required()
    );
    assert_eq!(
        decoded(&payload_from(&payload()).expect("a payment").to_header()),
        payload()
    );
    assert_eq!(
        decoded(&settled_from(&settled()).expect("a settlement").to_header()),
        settled()
    );
    let names = [
        names::PAYMENT_REQUIRED,
        names::PAYMENT_SIGNATURE,
        names::PAYMENT_RESPONSE,
    ];
    assert_eq!(
        names,
        ["payment-required", "payment-signature", "payment-response"]
    );
}

#[test]
fn the_headers_of_the_specification_are_read() {
    let demand = PaymentRequired::from_header("eyJ4NDAyVmVyc2lvbiI6MiwiZXJyb3IiOiJQQVlNRU5ULVNJR05BVFVSRSBoZWFkZXIgaXMgcmVxdWlyZWQiLCJyZXNvdXJjZSI6eyJ1cmwiOiJodHRwczovL2FwaS5leGFtcGxlLmNvbS9wcmVtaXVtLWRhdGEiLCJkZXNjcmlwdGlvbiI6IkFjY2VzcyB0byBwcmVtaXVtIG1hcmtldCBkYXRhIiwibWltZVR5cGUiOiJhcHBsaWNhdGlvbi9qc29uIn0sImFjY2VwdHMiOlt7InNjaGVtZSI6ImV4YWN0IiwibmV0d29yayI6ImVpcDE1NTo4NDUzMiIsImFtb3VudCI6IjEwMDAwIiwiYXNzZXQiOiIweDAzNkNiRDUzODQyYzU0MjY2MzRlNzkyOTU0MWVDMjMxOGYzZENGN2UiLCJwYXlUbyI6IjB4MjA5NjkzQmM2YWZjMEM1MzI4YkEzNkZhRjAzQzUxNEVGMzEyMjg3QyIsIm1heFRpbWVvdXRTZWNvbmRzIjo2MCwiZXh0cmEiOnsibmFtZSI6IlVTREMiLCJ2ZXJzaW9uIjoiMiJ9fV19").expect("a demand");
    assert_eq!(demand.accepts[0].network.as_str(), "eip155:84532");
    assert_eq!(demand.accepts[0].max_timeout_seconds, 60);
    let failure = SettleResponse::from_header("eyJzdWNjZXNzIjpmYWxzZSwiZXJyb3JSZWFzb24iOiJpbnN1ZmZpY2llbnRfZnVuZHMiLCJ0cmFuc2FjdGlvbiI6IiIsIm5ldHdvcmsiOiJlaXAxNTU6ODQ1MzIiLCJwYXllciI6IjB4ODU3YjA2NTE5RTkxZTNBNTQ1Mzg3OTFiRGJiMEUyMjM3M2UzNmI2NiJ9").expect("a settlement");
    assert_eq!(failure.error_reason, Some(ReasonCode::InsufficientFunds));
    assert!(!failure.success && failure.transaction.is_empty());
}

#[test]
fn a_header_is_ascii_whatever_its_message_says() {
    let resource = ResourceInfo::new("https://x.example/\u{7f}").with_description("a\r\nb\0 天気");
    let accepts = vec![PaymentRequirements::new(
        "exact",
        "stellar:pubnet".parse().expect("an id"),
        "1".parse().expect("an amount"),
        "A",
        "P",
        1,
    )];
    let demand = PaymentRequired::new(resource, accepts).with_error("“no”");
    let header = demand.to_header();
    assert!(
        header
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte))
    );
    assert_eq!(PaymentRequired::from_header(&header), Ok(demand));
}

#[test]
fn base64_is_strict() {
    let json = settled().to_string();
    let padded = header([json.as_bytes(), b"  "].concat());
    assert!(padded.ends_with('=') && SettleResponse::from_header(&padded).is_ok());
    let length = padded.len();
    let mut stray_bits = padded.clone().into_bytes();
    let last = padded.trim_end_matches('=').len() - 1;
    stray_bits[last] += 1;
    let stray_bits = String::from_utf8(stray_bits).expect("ASCII");
    for (value, kind, position) in [
        (String::new(), HeaderErrorKind::Empty, 0),
        (
            padded.trim_end_matches('=').to_string(),
            HeaderErrorKind::Base64,
            padded.trim_end_matches('=').len(),
        ),
        (format!("{padded}="), HeaderErrorKind::Base64, last + 1),
        (format!(" {padded}"), HeaderErrorKind::Base64, 0),
        (format!("{padded}\n"), HeaderErrorKind::Base64, last + 1),
        (padded.replacen('e', "-", 1), HeaderErrorKind::Base64, 0),
        (padded.replacen('e', "_", 1), HeaderErrorKind::Base64, 0),
        (padded.replacen('e', "\0", 1), HeaderErrorKind::Base64, 0),
        (padded.replacen('e', "é", 1), HeaderErrorKind::Base64, 0),
        (stray_bits, HeaderErrorKind::Base64, last),
        ("!!!!".into(), HeaderErrorKind::Base64, 0),
        ("abcde".into(), HeaderErrorKind::Base64, 4),
    ] {
        let error = SettleResponse::from_header(&value).expect_err(&value);
        assert_eq!(error.kind(), kind, "{value:?}");
        let near = error.position().abs_diff(position);
        assert!(
            near <= 2 && error.position() <= length.max(value.len()),
            "{value:?}: {}",
            error.position()
        );
    }
}

#[test]
fn text_that_is_not_json_is_refused() {
    let json = settled().to_string();
    let not_utf8 = json.replace("GB2L", "\u{fffd}").into_bytes();
    let not_utf8: Vec<u8> = not_utf8
        .into_iter()
        .map(|byte| if byte == 0xef { 0xff } else { byte })
        .collect();
    for (bytes, kind) in [
        (not_utf8, HeaderErrorKind::Utf8),
        (b"hello".to_vec(), HeaderErrorKind::Json),
        (br#"{"x402Version":2,"#.to_vec(), HeaderErrorKind::Json),
        (format!("{json}{json}").into_bytes(), HeaderErrorKind::Json),
        (
            format!("\u{feff}{json}").into_bytes(),
            HeaderErrorKind::Json,
        ),
        (json.replace('"', "'").into_bytes(), HeaderErrorKind::Json),
        (
            json.replace("f863", "\u{1}").into_bytes(),
            HeaderErrorKind::Json,
        ),
        (
            json.replace("f863", "\\ud800").into_bytes(),
            HeaderErrorKind::Json,
        ),
    ] {
        let error = SettleResponse::from_header(&header(&bytes)).expect_err("not JSON");
        assert_eq!(error.kind(), kind, "{}", String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn sizes_and_depths_have_a_limit() {
    let filled = |length: usize| {
        let bare = payload().to_string().replace("AAAAAgAAAAA=", "");
        payload()
            .to_string()
            .replace("AAAAAgAAAAA=", &"A".repeat(length - bare.len()))
    };
    let most = header(filled(MAX_HEADER_BYTES / 4 * 3));
    assert_eq!(most.len(), MAX_HEADER_BYTES);
    assert!(PaymentPayload::from_header(&most).is_ok());
    let error = PaymentPayload::from_header(&header(filled(MAX_HEADER_BYTES / 4 * 3 + 1)))
        .expect_err("too long");
    assert_eq!(
        (error.kind(), error.position()),
        (HeaderErrorKind::TooLong, MAX_HEADER_BYTES)
    );
    // The cap comes before base64: what is too long is not even looked at.
    let error =
        PaymentPayload::from_header(&"!".repeat(MAX_HEADER_BYTES + 1)).expect_err("too long");
    assert_eq!(error.kind(), HeaderErrorKind::TooLong);

    assert!(PaymentPayload::from_json(filled(MAX_BODY_BYTES).as_bytes()).is_ok());
    let error =
        PaymentPayload::from_json(filled(MAX_BODY_BYTES + 1).as_bytes()).expect_err("too long");
    assert_eq!(error.kind(), JsonErrorKind::TooLong);

    // Two levels are the message and its extensions.
    let nested = |depth: usize| {
        let deep = format!("{}{}", "[".repeat(depth - 2), "]".repeat(depth - 2));
        settled()
            .to_string()
            .replacen('{', &format!(r#"{{"extensions":{{"deep":{deep}}},"#), 1)
    };
    assert!(SettleResponse::from_header(&header(nested(MAX_JSON_DEPTH))).is_ok());
    for depth in [MAX_JSON_DEPTH + 1, 10_000] {
        let error = SettleResponse::from_header(&header(nested(depth))).expect_err("too deep");
        assert_eq!(error.kind(), HeaderErrorKind::TooDeep);
    }
    let skipped = settled().to_string().replacen(
        '{',
        &format!(r#"{{"x":{}{},"#, "[".repeat(70), "]".repeat(70)),
        1,
    );
    assert_eq!(
        SettleResponse::from_json(skipped.as_bytes())
            .expect_err("too deep")
            .kind(),
        JsonErrorKind::TooDeep
    );
    let in_text = settled().to_string().replace("f863", &"[{".repeat(500));
    assert!(SettleResponse::from_header(&header(in_text)).is_ok());
}
