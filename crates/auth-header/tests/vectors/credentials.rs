//! `Authorization`.

use coinslot_auth_header::ParseErrorKind::{
    AfterCredential, CommaExpected, ControlCharacter, DuplicateParameter, NotAscii, SpaceExpected,
    TokenExpected, Unterminated, ValueExpected,
};
use coinslot_auth_header::{Credential, scheme_of};

use crate::{Row, pairs};

#[test]
fn credentials_that_are_accepted() {
    let table: &[(&str, Row<'_>)] = &[
        // RFC 7617 §2
        (
            "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
            ("Basic", Some("QWxhZGRpbjpvcGVuIHNlc2FtZQ=="), &[]),
        ),
        // RFC 6750 §2.1
        (
            "Bearer mF_9.B5f-4.1JqM",
            ("Bearer", Some("mF_9.B5f-4.1JqM"), &[]),
        ),
        // RFC 7616 §3.9.1, shortened
        (
            r#"Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", algorithm=MD5, nc=00000001, qop=auth"#,
            (
                "Digest",
                None,
                &[
                    ("username", "Mufasa"),
                    ("realm", "http-auth@example.org"),
                    ("uri", "/dir/index.html"),
                    ("algorithm", "MD5"),
                    ("nc", "00000001"),
                    ("qop", "auth"),
                ],
            ),
        ),
        (
            "Payment eyJpZCI6IjEifQ",
            ("Payment", Some("eyJpZCI6IjEifQ"), &[]),
        ),
        (
            "PAYMENT  eyJpZCI6IjEifQ== ",
            ("PAYMENT", Some("eyJpZCI6IjEifQ=="), &[]),
        ),
        (" Payment", ("Payment", None, &[])),
        ("Payment ", ("Payment", None, &[])),
        ("Payment ,", ("Payment", None, &[])),
        ("A ,, a = b , ,", ("A", None, &[("a", "b")])),
        (
            r#"A a="b, C d=\"e\"""#,
            ("A", None, &[("a", r#"b, C d="e""#)]),
        ),
    ];
    for (value, (scheme, token68, parameters)) in table {
        let credential =
            Credential::parse(value).unwrap_or_else(|error| panic!("{value}: {error}"));
        assert_eq!(credential.scheme().as_str(), *scheme, "{value}");
        assert_eq!(credential.token68(), *token68, "{value}");
        assert_eq!(pairs(credential.parameters()), *parameters, "{value}");
        assert_eq!(scheme_of(value), Some(credential.scheme()), "{value}");
        for (name, value) in *parameters {
            assert_eq!(
                credential.parameter(&name.to_ascii_uppercase()),
                Some(*value)
            );
        }
    }
}

#[test]
fn credentials_that_are_refused() {
    for (value, kind, position) in [
        ("", TokenExpected, 0),
        (" \t ", TokenExpected, 0),
        (",Basic a", TokenExpected, 0),
        ("\"Basic\" a", TokenExpected, 0),
        ("Basic a b", CommaExpected, 8),
        ("Basic a=b c=d", CommaExpected, 10),
        ("Basic\ta", SpaceExpected, 6),
        ("Basic:a", SpaceExpected, 5),
        ("Basic=a", SpaceExpected, 5),
        ("Basic a!", ValueExpected, 8),
        ("Basic a=b, a=c", DuplicateParameter, 11),
        ("Basic a=\"b", Unterminated, 8),
        ("Basic a=\"\r\n\"", ControlCharacter, 9),
        ("Basic a=b, \"c\"", TokenExpected, 11),
        ("Basic YW\u{e9}", NotAscii, 8),
        ("Basic YWJj\nX-Paid: yes", CommaExpected, 10),
    ] {
        let error = Credential::parse(value).expect_err(value);
        assert_eq!(
            (error.kind(), error.position()),
            (kind, position),
            "{value:?}"
        );
    }
}

#[test]
fn a_header_carries_one_credential() {
    for (value, position) in [
        ("Bearer abc, Payment def", 10),
        ("Bearer abc,", 10),
        ("Bearer,", 6),
        ("Bearer, Payment def", 6),
        ("Digest a=b, Payment def", 12),
        ("Digest a=b, Payment", 12),
        ("Bearer , Payment def", 9),
    ] {
        let error = Credential::parse(value).expect_err(value);
        assert_eq!(
            (error.kind(), error.position()),
            (AfterCredential, position),
            "{value}"
        );
        assert_eq!(
            error.to_string(),
            format!("the header goes on after its one credential, at byte {position}")
        );
    }
}

#[test]
fn a_scheme_is_seen_without_reading_on() {
    for (value, scheme) in [
        ("Bearer abc", Some("Bearer")),
        ("Bearer", Some("Bearer")),
        (" \tBearer\t", Some("Bearer")),
        ("Bearer \"never closed", Some("Bearer")),
        ("Bearer, Basic", None),
        ("Bearer=abc", None),
        ("Bearer\"abc\"", None),
        ("Bearer\u{a0}abc", None),
        ("Bearer\nabc", None),
        (",Bearer", None),
        ("", None),
        (" ", None),
    ] {
        assert_eq!(
            scheme_of(value).map(|scheme| scheme.as_str()),
            scheme,
            "{value:?}"
        );
    }
}
