//! The headers: what may be in them, in both directions.

use coinslot_mpp_wire::{
    AcceptPayment, AcceptPaymentErrorKind, Challenge, Credential, HeaderError, HeaderErrorKind,
    MAX_ACCEPT_PAYMENT_BYTES, MAX_HEADER_BYTES, MAX_JSON_DEPTH, MAX_RANGES, MAX_RECEIPT_BYTES,
    MAX_REQUEST_BYTES, MAX_TEXT_BYTES, Receipt,
};

use super::{Engine, URL_SAFE_NO_PAD, authorization, credential, www_authenticate};

fn refused_challenge(header: &str) -> HeaderError {
    Challenge::from_header(header).expect_err(header)
}

fn refused_credential(header: &str) -> HeaderError {
    Credential::from_header(header).expect_err(header)
}

#[test]
fn sizes_and_depths_have_a_limit() {
    let nested = |depth: usize| ["{\"a\":".repeat(depth), "1".into(), "}".repeat(depth)].concat();
    let request = |json: &str| {
        let request = URL_SAFE_NO_PAD.encode(json);
        format!(
            r#"Payment id="x1", realm="shop", method="stellar", intent="charge", request="{request}""#
        )
    };
    assert!(Challenge::from_header(&request(&nested(MAX_JSON_DEPTH))).is_ok());
    let deep = refused_challenge(&request(&nested(MAX_JSON_DEPTH + 1)));
    assert_eq!(
        (deep.kind(), deep.field()),
        (HeaderErrorKind::TooDeep, Some("request"))
    );

    let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(MAX_REQUEST_BYTES));
    let long = refused_challenge(&request(&long));
    assert_eq!(
        (long.kind(), long.field()),
        (HeaderErrorKind::TooLong, Some("request"))
    );
    let text = "x".repeat(MAX_TEXT_BYTES + 1);
    let long = refused_challenge(&www_authenticate(&format!(r#", description="{text}""#)));
    assert_eq!(
        (long.kind(), long.field()),
        (HeaderErrorKind::TooLong, Some("description"))
    );

    let long = "A".repeat(MAX_HEADER_BYTES);
    assert_eq!(
        refused_challenge(&format!("Payment {long}")).kind(),
        HeaderErrorKind::TooLong
    );
    assert_eq!(
        refused_credential(&format!("Payment {long}")).kind(),
        HeaderErrorKind::TooLong
    );
    let receipt = "A".repeat(MAX_RECEIPT_BYTES + 1);
    let long = Receipt::from_header(&receipt).expect_err("too long");
    assert_eq!(long.kind(), HeaderErrorKind::TooLong);

    let mut deep = credential();
    deep["payload"] = serde_json::from_str(&nested(MAX_JSON_DEPTH)).expect("JSON");
    let deep = refused_credential(&authorization(deep.to_string()));
    assert_eq!(deep.kind(), HeaderErrorKind::TooDeep);

    let long = "stellar/charge,".repeat(MAX_RANGES + 1);
    for long in [long, " ".repeat(MAX_ACCEPT_PAYMENT_BYTES + 1)] {
        let long = long.parse::<AcceptPayment>().expect_err("too long");
        assert_eq!(long.kind(), AcceptPaymentErrorKind::TooLong);
    }
}

#[test]
fn a_header_is_ascii_without_line_breaks_whatever_is_given() {
    for text in [
        "tea\r\nX-Paid: yes",
        "a\nb",
        "a\0b",
        "caf\u{e9}",
        "☕",
        "\u{7f}",
    ] {
        let plain = Challenge::from_header(&www_authenticate("")).expect("a challenge");
        let refused = plain.clone().with_description(text).expect_err(text);
        assert_eq!(
            (refused.kind(), refused.field()),
            (HeaderErrorKind::Value, Some("description"))
        );
        let (method, intent) = (plain.method().clone(), plain.intent().clone());
        for (id, realm, field) in [(text, "shop", "id"), ("x1", text, "realm")] {
            let request = plain.request().clone();
            let refused = Challenge::new(id, realm, method.clone(), intent.clone(), request);
            assert_eq!(refused.expect_err(text).field(), Some(field));
        }
        // A credential cannot smuggle in what a header cannot carry.
        let mut echoed = credential();
        echoed["challenge"]["description"] = text.into();
        assert!(Credential::from_header(&authorization(echoed.to_string())).is_err());
        // Nor can a header itself.
        let header = www_authenticate(&format!(", description=\"{text}\""));
        assert_eq!(refused_challenge(&header).kind(), HeaderErrorKind::Syntax);
    }
}

#[test]
fn what_is_written_is_read_again() {
    let header = www_authenticate(
        r#", description="say \"hi\" \\ there	!", digest="sha-256=:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=:", expires="2026-01-06T12:00:00.123Z", opaque="e30""#,
    );
    let challenge = Challenge::from_header(&header).expect("a challenge");
    assert_eq!(challenge.description(), Some("say \"hi\" \\ there\t!"));
    assert_eq!(challenge.to_header(), header);
    assert!(challenge.digest().expect("a digest").is_of(b"abc"));
}

#[test]
fn other_schemes_and_lines_stand_beside_it() {
    let header = format!(
        r#"Bearer realm="Payment id=x, y", {}, Basic realm="b""#,
        www_authenticate("")
    );
    assert_eq!(
        Challenge::from_header(&header).expect("a challenge").id(),
        "x1"
    );
    let second = www_authenticate("").replace("x1", "x2");
    let all = Challenge::from_headers([header.as_str(), second.as_str()]).expect("two");
    assert_eq!(
        all.iter().map(Challenge::id).collect::<Vec<_>>(),
        ["x1", "x2"]
    );
    for none in ["", "Bearer x", "Basic realm=\"Payment id=x\""] {
        assert_eq!(refused_challenge(none).kind(), HeaderErrorKind::Absent);
        assert_eq!(
            Challenge::from_headers([none]).expect_err(none).kind(),
            HeaderErrorKind::Absent
        );
    }
    let payment = authorization(credential().to_string());
    for header in [
        payment.clone(),
        payment.replace("Payment ", "pAYMENT   "),
        format!("Bearer t, {payment}"),
    ] {
        assert!(Credential::from_header(&header).is_ok(), "{header}");
    }
    for none in ["", "Payment", "Payment ", "Bearer t", "Payments abc"] {
        assert_eq!(
            refused_credential(none).kind(),
            HeaderErrorKind::Absent,
            "{none}"
        );
    }
    let two = refused_credential(&format!("{payment}, {payment}"));
    assert_eq!(two.kind(), HeaderErrorKind::Several);
}

#[test]
fn base64_is_base64url_and_nothing_else() {
    let payment = authorization(credential().to_string());
    for header in [
        format!("{payment}="),
        payment.replace("Payment e", "Payment +"),
        "Payment AA/A".into(),
        "Payment A".into(),
        "Payment AB".into(),
    ] {
        assert_eq!(
            refused_credential(&header).kind(),
            HeaderErrorKind::Base64,
            "{header}"
        );
    }
    for request in [
        "eyJhIjoiMTIifQ==",
        "eyJhIjoiMTIifR",
        "eyJh IjoiMTIifQ",
        "+yJhIjoiMTIifQ",
    ] {
        let header = www_authenticate("").replace("eyJhIjoiMSJ9", request);
        let refused = refused_challenge(&header);
        assert_eq!(
            (refused.kind(), refused.field()),
            (HeaderErrorKind::Base64, Some("request")),
            "{request}"
        );
    }
    let refused = refused_challenge(&www_authenticate(r#", opaque="e30=""#));
    assert_eq!(
        (refused.kind(), refused.position()),
        (HeaderErrorKind::Base64, 3)
    );
    let receipt = Receipt::from_header("eyJ=").expect_err("padded");
    assert_eq!(
        (receipt.kind(), receipt.position()),
        (HeaderErrorKind::Base64, 3)
    );
}

#[test]
fn preferences_are_ranked_by_the_most_specific_range() {
    let accept: AcceptPayment = "*/*;q=0.1, stellar/*;q=0.9 , stellar/charge;q=0"
        .parse()
        .expect("ranges");
    let quality = |method: &str, intent: &str| {
        let (method, intent) = (
            method.parse().expect("a name"),
            intent.parse().expect("a name"),
        );
        accept.quality(&method, &intent).thousandths()
    };
    assert_eq!(quality("stellar", "charge"), 0);
    assert_eq!(quality("stellar", "channel"), 900);
    assert_eq!(quality("tempo", "charge"), 100);
    assert_eq!(
        accept.to_string(),
        "*/*;q=0.1, stellar/*;q=0.9, stellar/charge;q=0"
    );
    for (header, kind, position) in [
        ("", AcceptPaymentErrorKind::Empty, 0),
        (" , ,", AcceptPaymentErrorKind::Empty, 0),
        ("stellar", AcceptPaymentErrorKind::Range, 0),
        ("a/b, Stellar/charge", AcceptPaymentErrorKind::Range, 4),
        ("a/b;q=1.001", AcceptPaymentErrorKind::Quality, 4),
        ("a/b;q=0.1;q=0.2", AcceptPaymentErrorKind::Parameter, 10),
        ("a/b;q", AcceptPaymentErrorKind::Parameter, 4),
    ] {
        let error = header.parse::<AcceptPayment>().expect_err(header);
        assert_eq!(
            (error.kind(), error.position()),
            (kind, position),
            "{header}"
        );
    }
}
