//! What is written, and what is not.

use coinslot_auth_header::WriteErrorKind::{
    DuplicateParameter, Name, NotAlone, Scheme as SchemeKind, Token68, Value,
};
use coinslot_auth_header::{Challenge, Challenges, Credential, Scheme, WriteError, WriteErrorKind};

#[test]
fn every_value_is_in_quotes_with_its_escapes() {
    for (value, written) in [
        ("", r#"A a="""#),
        ("1", r#"A a="1""#),
        ("a, B c=d", r#"A a="a, B c=d""#),
        (r#"""#, r#"A a="\"""#),
        (r"\", r#"A a="\\""#),
        (r#"say "\o/""#, r#"A a="say \"\\o/\"""#),
        (r#"\"\""#, r#"A a="\\\"\\\"""#),
        ("\t!~", "A a=\"\t!~\""),
    ] {
        let challenge = Challenge::new("A").and_then(|challenge| challenge.with("a", value));
        let challenge = challenge.expect(value);
        assert_eq!(challenge.to_string(), written);
        let credential = Credential::new("A").and_then(|credential| credential.with("a", value));
        assert_eq!(credential.expect(value).to_string(), written);
        let read = Challenges::parse(written).expect(written);
        assert_eq!(read.iter().next(), Some(&challenge));
    }
}

#[test]
fn schemes_and_token68s_are_written_as_they_are() {
    let negotiate = Challenge::new("nEGOTIATE").expect("a scheme");
    assert_eq!(negotiate.to_string(), "nEGOTIATE");
    let negotiate = negotiate.with_token68("a/b+c==").expect("a token68");
    assert_eq!(negotiate.to_string(), "nEGOTIATE a/b+c==");
    let payment = Credential::new("Payment").and_then(|empty| empty.with_token68("e30"));
    assert_eq!(payment.expect("a token68").to_string(), "Payment e30");
}

#[test]
fn no_line_break_no_control_character_and_nothing_beyond_ascii_is_written() {
    for (value, position) in [
        ("tea\r\nSet-Cookie: a=b", 3),
        ("\n", 0),
        ("a\u{0}", 1),
        ("\u{1b}[2J", 0),
        ("a\u{7f}", 1),
        ("caf\u{e9}", 3),
        ("0123456789abcdef0123456789abcdef\u{2028}", 32),
    ] {
        for error in [
            Challenge::new("A")
                .and_then(|challenge| challenge.with("a", value))
                .err(),
            Credential::new("A")
                .and_then(|credential| credential.with("a", value))
                .err(),
        ] {
            let error = error.expect(value);
            assert_eq!((error.kind(), error.position()), (Value, position));
        }
    }
}

#[test]
fn names_are_tokens_and_stand_once() {
    for (name, position) in [
        ("", 0),
        ("a b", 1),
        ("a=", 1),
        ("\"a\"", 0),
        ("na\u{ef}f", 2),
    ] {
        let error = Challenge::new(name).expect_err(name);
        assert_eq!((error.kind(), error.position()), (SchemeKind, position));
        assert_eq!(Credential::new(name), Err(error));
        assert_eq!(Scheme::new(name), Err(error));
        let error = challenge().with(name, "v").expect_err(name);
        assert_eq!((error.kind(), error.position()), (Name, position));
    }
    for name in ["a", "A"] {
        let error = challenge()
            .with("a", "1")
            .and_then(|one| one.with(name, "2"));
        assert_eq!(error.expect_err(name).kind(), DuplicateParameter);
    }
}

#[test]
fn a_token68_is_of_its_alphabet_and_alone() {
    for (token, position) in [
        ("", 0),
        ("=", 0),
        ("a b", 1),
        ("a=b", 1),
        ("a,", 1),
        ("ab\u{e9}", 2),
    ] {
        let error = challenge().with_token68(token).expect_err(token);
        assert_eq!((error.kind(), error.position()), (Token68, position));
    }
    let kind = |result: Result<Challenge<'static>, WriteError>| result.expect_err("two").kind();
    assert_eq!(
        kind(
            challenge()
                .with("a", "b")
                .and_then(|one| one.with_token68("c"))
        ),
        NotAlone
    );
    let token = challenge().with_token68("c").expect("a token68");
    assert_eq!(kind(token.clone().with_token68("c")), NotAlone);
    assert_eq!(kind(token.with("a", "b")), NotAlone);
}

#[test]
fn an_error_says_what_to_write_instead() {
    for (error, kind, sentence) in [
        (
            challenge().with("a", "b\n").err(),
            Value,
            "a parameter's value is ASCII without control characters: byte 1 is not",
        ),
        (
            challenge().with("a:", "b").err(),
            Name,
            "a parameter's name is a token: byte 1 is not of one",
        ),
        (
            Challenge::new("A ").err(),
            SchemeKind,
            "an authentication scheme is a token: byte 1 is not of one",
        ),
        (
            challenge().with_token68("a!").err(),
            Token68,
            "a token68 is made of A-Z, a-z, 0-9 and '-._~+/', with '=' at its end: byte 1 is not",
        ),
    ] {
        let error: WriteError = error.expect(sentence);
        let found: WriteErrorKind = error.kind();
        assert_eq!((found, error.to_string().as_str()), (kind, sentence));
    }
}

fn challenge() -> Challenge<'static> {
    Challenge::new("A").expect("a scheme")
}
