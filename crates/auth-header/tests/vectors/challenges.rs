//! `WWW-Authenticate`.

use coinslot_auth_header::ParseErrorKind::{
    CommaExpected, ControlCharacter, DuplicateParameter, NotAscii, SpaceExpected, StrayParameter,
    TokenExpected, Unterminated, ValueExpected,
};
use coinslot_auth_header::{Challenges, ParseErrorKind};

use crate::{Row, pairs};

#[test]
fn lists_that_are_accepted() {
    let table: &[(&str, &[Row<'_>])] = &[
        // RFC 9110 §11.6.1
        (
            r#"Basic realm="simple", Newauth realm="apps", type=1, title="Login to \"apps\"""#,
            &[
                ("Basic", None, &[("realm", "simple")]),
                (
                    "Newauth",
                    None,
                    &[
                        ("realm", "apps"),
                        ("type", "1"),
                        ("title", r#"Login to "apps""#),
                    ],
                ),
            ],
        ),
        // RFC 7235 §4.1
        (
            r#"Newauth realm="apps", type=1, title="Login to \"apps\"", Basic realm="simple""#,
            &[
                (
                    "Newauth",
                    None,
                    &[
                        ("realm", "apps"),
                        ("type", "1"),
                        ("title", r#"Login to "apps""#),
                    ],
                ),
                ("Basic", None, &[("realm", "simple")]),
            ],
        ),
        // RFC 7617 §2 and §2.1
        (
            r#"Basic realm="WallyWorld""#,
            &[("Basic", None, &[("realm", "WallyWorld")])],
        ),
        (
            r#"Basic realm="foo", charset="UTF-8""#,
            &[("Basic", None, &[("realm", "foo"), ("charset", "UTF-8")])],
        ),
        // RFC 7616 §3.9.1
        (
            r#"Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS""#,
            &[(
                "Digest",
                None,
                &[
                    ("realm", "http-auth@example.org"),
                    ("qop", "auth, auth-int"),
                    ("algorithm", "SHA-256"),
                    ("nonce", "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"),
                    ("opaque", "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"),
                ],
            )],
        ),
        // RFC 6750 §3
        (
            r#"Bearer realm="example", error="invalid_token", error_description="The access token expired""#,
            &[(
                "Bearer",
                None,
                &[
                    ("realm", "example"),
                    ("error", "invalid_token"),
                    ("error_description", "The access token expired"),
                ],
            )],
        ),
        // RFC 4559 §5: a scheme alone, and with a token68.
        ("Negotiate", &[("Negotiate", None, &[])]),
        (
            "Negotiate oYIBtDCCAbA=, NTLM, Basic",
            &[
                ("Negotiate", Some("oYIBtDCCAbA="), &[]),
                ("NTLM", None, &[]),
                ("Basic", None, &[]),
            ],
        ),
        // Nothing, and elements that are empty (RFC 9110 §5.6.1.2).
        ("", &[]),
        (" \t", &[]),
        (" , ,,\t, ", &[]),
        (",\t,A , ,B,", &[("A", None, &[]), ("B", None, &[])]),
        ("A a=b,, ,c=d ,", &[("A", None, &[("a", "b"), ("c", "d")])]),
        // The parameters of a challenge may begin with an empty one.
        ("A ,a=b", &[("A", None, &[("a", "b")])]),
        ("A \t, ,a=b", &[("A", None, &[("a", "b")])]),
        // Whitespace: any number of spaces after a scheme, and BWS around the equals sign.
        (
            "Payment   id = \"x1\" ,realm\t=\tr   ,  method=\"stellar\"",
            &[(
                "Payment",
                None,
                &[("id", "x1"), ("realm", "r"), ("method", "stellar")],
            )],
        ),
        ("A a= b", &[("A", None, &[("a", "b")])]),
        ("A a= \"\"", &[("A", None, &[("a", "")])]),
        ("A\t,B\t", &[("A", None, &[]), ("B", None, &[])]),
        // What looks like a scheme is a parameter when an equals sign follows, however far.
        (
            "A a=b, Payment =c",
            &[("A", None, &[("a", "b"), ("Payment", "c")])],
        ),
        (
            "A a=b, Payment c=d",
            &[("A", None, &[("a", "b")]), ("Payment", None, &[("c", "d")])],
        ),
        ("A b =c", &[("A", None, &[("b", "c")])]),
        // What looks like a parameter is a token68 when nothing follows its equals signs.
        ("A b=", &[("A", Some("b="), &[])]),
        (
            "A b== , C d",
            &[("A", Some("b=="), &[]), ("C", Some("d"), &[])],
        ),
        (
            "A a=b, C d/e+f-._~=",
            &[("A", None, &[("a", "b")]), ("C", Some("d/e+f-._~="), &[])],
        ),
        // Quotes hold what divides lists elsewhere.
        (
            r#"Bearer realm="Payment id=x, Payment id=\"y\", \\", Payment id="x1""#,
            &[
                (
                    "Bearer",
                    None,
                    &[("realm", r#"Payment id=x, Payment id="y", \"#)],
                ),
                ("Payment", None, &[("id", "x1")]),
            ],
        ),
        ("A a=\"\\a\\\t\\ \tb\"", &[("A", None, &[("a", "a\t \tb")])]),
        // Names of one challenge do not count for another; unknown ones are kept, in order and case.
        (
            "A id=1, A id=2, A Z-z=3, aa=4",
            &[
                ("A", None, &[("id", "1")]),
                ("A", None, &[("id", "2")]),
                ("A", None, &[("Z-z", "3"), ("aa", "4")]),
            ],
        ),
        (
            "!#$%&'*+-.^_`|~09azAZ !#$%&'*+-.^_`|~09azAZ=!#$%&'*+-.^_`|~09azAZ",
            &[(
                "!#$%&'*+-.^_`|~09azAZ",
                None,
                &[("!#$%&'*+-.^_`|~09azAZ", "!#$%&'*+-.^_`|~09azAZ")],
            )],
        ),
    ];
    for (line, expected) in table {
        let challenges = Challenges::parse(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        assert_eq!(challenges.len(), expected.len(), "{line}");
        assert_eq!(challenges.is_empty(), expected.is_empty(), "{line}");
        for (challenge, (scheme, token68, parameters)) in challenges.iter().zip(*expected) {
            assert_eq!(challenge.scheme().as_str(), *scheme, "{line}");
            assert_eq!(challenge.token68(), *token68, "{line}");
            assert_eq!(pairs(challenge.parameters()), *parameters, "{line}");
        }
    }
}

#[test]
fn lists_that_are_refused() {
    for (line, kind, position) in [
        // No token where a scheme or a name stands.
        ("=", TokenExpected, 0),
        ("\"Basic\" realm=a", TokenExpected, 0),
        ("A a=b, \"c\"", TokenExpected, 7),
        ("A \"a\"", TokenExpected, 2),
        ("A =b=c", StrayParameter, 0),
        ("A ==", StrayParameter, 0),
        ("A a=b, =c", TokenExpected, 7),
        ("A a=b; c=d", CommaExpected, 5),
        ("A, [B]", TokenExpected, 3),
        // Spaces alone separate a scheme from what follows.
        ("A\ta=b", SpaceExpected, 2),
        ("A \ta=b", SpaceExpected, 3),
        ("A\"a\"", SpaceExpected, 1),
        ("A/1.0", SpaceExpected, 1),
        // Parameters of nobody.
        ("a=b", StrayParameter, 0),
        (" , realm=\"a\", Basic", StrayParameter, 3),
        ("A, a=b", StrayParameter, 3),
        ("A\t, a=b", StrayParameter, 4),
        ("A abc, a=b", StrayParameter, 7),
        ("A abc=, a=b", StrayParameter, 8),
        // Names without values.
        ("A a =", ValueExpected, 5),
        ("A a = ,b=c", ValueExpected, 6),
        ("A a=b, c=", ValueExpected, 9),
        ("A a!", ValueExpected, 4),
        ("A a==b", ValueExpected, 4),
        ("A ,a=", ValueExpected, 5),
        ("A a=\u{0}", ValueExpected, 4),
        // Elements without a comma between them.
        ("A a b", CommaExpected, 4),
        ("A a=b c=d", CommaExpected, 6),
        ("A a=b B c=d", CommaExpected, 6),
        ("A a=\"b\"c", CommaExpected, 7),
        ("A a=b\"c\"", CommaExpected, 5),
        ("A a/b=c", CommaExpected, 3),
        ("A a=b=c", CommaExpected, 5),
        ("A a=b=", CommaExpected, 5),
        // CR and LF begin no new line, also where obs-fold would have them.
        ("A\r\nSet-Cookie: a=b", SpaceExpected, 1),
        ("A a=b\r\n c=d", CommaExpected, 5),
        ("A a=b,\n c=d", TokenExpected, 6),
        ("A\n", SpaceExpected, 1),
    ] {
        refused(line, kind, position);
    }
}

#[test]
fn a_parameter_is_named_once_in_a_challenge() {
    for (line, position) in [
        ("Payment id=\"x1\", id=\"x2\"", 17),
        ("Payment id=x, ID=x", 14),
        ("Payment realm=a, id=x, realM=\"\"", 23),
        ("A id=1, B id=2, id=3", 16),
    ] {
        refused(line, DuplicateParameter, position);
    }
}

#[test]
fn quotes_are_closed_and_hold_no_control_characters() {
    for (line, kind, position) in [
        ("A a=\"", Unterminated, 4),
        ("A a=\"b", Unterminated, 4),
        ("A a=\"b\\\"", Unterminated, 4),
        ("A a=\"b\\", Unterminated, 4),
        ("A a=\"b, B c=\"d\"", CommaExpected, 13),
        ("A a=\"b\", c=\"d, B", Unterminated, 11),
        ("A a=\"b\rc\"", ControlCharacter, 6),
        ("A a=\"b\nc\"", ControlCharacter, 6),
        ("A a=\"\\\n\"", ControlCharacter, 6),
        ("A a=\"\u{0}\"", ControlCharacter, 5),
        ("A a=\"\u{7f}\"", ControlCharacter, 5),
        ("A a=\"\\\u{1b}\"", ControlCharacter, 6),
    ] {
        refused(line, kind, position);
    }
}

#[test]
fn what_is_not_ascii_is_refused() {
    for (line, position) in [
        ("Basic realm=\"caf\u{e9}\"".as_bytes(), 16),
        (b"Basic realm=\"caf\xe9\"", 16),
        (b"Basic realm=\"caf\\\xe9\"", 17),
        (b"\xa0Basic", 0),
        ("Basic\u{2028}".as_bytes(), 5),
        (b"=\xff", 1),
    ] {
        let error = Challenges::parse(line).expect_err("not ASCII");
        assert_eq!((error.kind(), error.position()), (NotAscii, position));
        let error = Challenges::parse_lines([b"Basic", line]).expect_err("not ASCII");
        assert_eq!((error.kind(), error.line()), (NotAscii, 1));
        assert_eq!(error.position(), position);
    }
}

#[test]
fn lines_are_one_list_but_no_challenge_is_in_two() {
    let lines = ["Payment id=\"a\", realm=r", "", "Bearer, Payment id=b"];
    let challenges = Challenges::parse_lines(lines).expect("three lines");
    assert_eq!(
        challenges.to_string(),
        r#"Payment id="a", realm="r", Bearer, Payment id="b""#
    );
    let ids: Vec<_> = challenges
        .of("PAYMENT")
        .map(|challenge| challenge.parameter("Id"))
        .collect();
    assert_eq!(ids, [Some("a"), Some("b")]);
    assert_eq!(challenges.of("Pay").count(), 0);
    assert_eq!(
        Challenges::parse_lines([""; 0]).map(|none| none.len()),
        Ok(0)
    );

    let error = Challenges::parse_lines(["Payment id=a", "realm=r"]).expect_err("a stray one");
    assert_eq!(
        (error.kind(), error.line(), error.position()),
        (StrayParameter, 1, 0)
    );
    let error = Challenges::parse_lines(["A", "B a=\"b", "c\""]).expect_err("a quote");
    assert_eq!(
        (error.kind(), error.line(), error.position()),
        (Unterminated, 1, 4)
    );
    assert_eq!(
        error.to_string(),
        "the header has a quoted string without its end, at byte 4 of line 1"
    );
}

fn refused(line: &str, kind: ParseErrorKind, position: usize) {
    let error = Challenges::parse(line).expect_err(line);
    assert_eq!(
        (error.kind(), error.position(), error.line()),
        (kind, position, 0),
        "{line:?}"
    );
    let sentence = error.to_string();
    assert!(
        sentence.starts_with("the header ") && sentence.ends_with(&format!(", at byte {position}")),
        "{sentence}"
    );
}
