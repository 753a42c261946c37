//! The traits that the public types promise.

use core::fmt::{Debug, Display};
use core::hash::{BuildHasher, Hash};

use coinslot_auth_header::{
    Challenge, Challenges, Credential, Parameters, ParseError, ParseErrorKind, Scheme, WriteError,
    WriteErrorKind, scheme_of,
};

fn shared<T: Send + Sync + Unpin>() {}
fn value<T: Clone + Debug + Eq>() {}
fn text<T: Display>() {}
fn error<T: core::error::Error + Send + Sync + Copy + Eq + 'static>() {}
fn kind<T: Copy + Debug + Eq + Hash + 'static>() {}

#[test]
fn types_keep_their_traits() {
    shared::<(Challenge<'_>, Challenges<'_>, Credential<'_>)>();
    shared::<(Parameters<'_, '_>, Scheme<'_>)>();
    value::<(Challenge<'_>, Challenges<'_>, Credential<'_>, Scheme<'_>)>();
    text::<Challenge<'_>>();
    text::<Challenges<'_>>();
    text::<Credential<'_>>();
    text::<Scheme<'_>>();
    error::<ParseError>();
    error::<WriteError>();
    kind::<ParseErrorKind>();
    kind::<WriteErrorKind>();
}

#[test]
fn what_is_read_outlives_the_list_it_was_read_from() {
    let line = String::from(r#"Payment id="x1", Basic abc="#);
    let (scheme, names, token) = {
        let challenges = Challenges::parse(&line).expect("a list");
        let payment = challenges.iter().next().expect("a challenge");
        let names: Vec<&str> = payment.parameters().map(|(name, _)| name).collect();
        let basic = challenges.of("basic").next().expect("a challenge");
        (payment.scheme().as_str(), names, basic.token68())
    };
    assert_eq!(
        (scheme, names, token),
        ("Payment", vec!["id"], Some("abc="))
    );
}

#[test]
fn anything_that_gives_bytes_is_read() {
    let owned = String::from("Basic a=b");
    for challenges in [
        Challenges::parse("Basic a=b"),
        Challenges::parse(&owned),
        Challenges::parse(b"Basic a=b"),
        Challenges::parse(owned.as_bytes()),
        Challenges::parse_lines(["Basic a=b"]),
        Challenges::parse_lines([owned.as_bytes()]),
        Challenges::parse_lines(vec![&owned]),
    ] {
        assert_eq!(challenges.expect("a list").to_string(), r#"Basic a="b""#);
    }
    assert!(Credential::parse(b"Basic a").is_ok());
    assert_eq!(scheme_of(b"Basic \xff"), Some(scheme("basic")));
}

#[test]
fn lists_are_iterated_over_in_both_ways() {
    let challenges = Challenges::parse("A, B, C").expect("a list");
    let borrowed: Vec<&str> = (&challenges)
        .into_iter()
        .map(|challenge| challenge.scheme().as_str())
        .collect();
    let owned: Vec<Challenge<'_>> = challenges.into_iter().collect();
    assert_eq!(borrowed, ["A", "B", "C"]);
    assert_eq!(owned.len(), 3);
    assert_eq!(owned[2].parameters().len(), 0);
}

#[test]
fn schemes_and_names_are_equal_in_any_case_and_values_are_not() {
    assert_eq!(scheme("Payment"), scheme("pAYMENT"));
    assert_ne!(scheme("Payment"), scheme("Payments"));
    let state = std::hash::RandomState::new();
    assert_eq!(
        state.hash_one(scheme("Payment")),
        state.hash_one(scheme("PAYMENT"))
    );

    let list = |line: &'static str| Challenges::parse(line).expect(line);
    assert_eq!(list("Payment id=x"), list(r#"PAYMENT ID="x""#));
    assert_ne!(list("Payment id=x"), list("Payment id=X"));
    assert_ne!(list("Payment id=x"), list("Payment a=x"));
    assert_ne!(list("Payment abc"), list("Payment ABC"));
}

#[test]
fn no_secret_is_printed() {
    let token = Credential::parse("Payment c2VjcmV0").expect("a credential");
    assert_eq!(format!("{token:?}"), "Credential(Payment, 8 bytes)");
    let digest = r#"Digest username="Mufasa", response="753927fa0e85d155""#;
    let digest = Credential::parse(digest).expect("a credential");
    assert_eq!(
        format!("{digest:?} {:?}", digest.parameters()),
        r#"Credential(Digest, ["username", "response"]) ["username", "response"]"#
    );
    let error = Credential::parse(r#"Payment c2VjcmV0 c2VjcmV0"#).expect_err("two tokens");
    assert!(!format!("{error} {error:?}").contains("c2V"));
}

#[test]
fn challenges_are_printed_as_they_are_written() {
    let challenges = Challenges::parse("Basic realm=a, Negotiate").expect("a list");
    assert_eq!(
        format!("{challenges:?}"),
        r#"[Challenge(Basic realm="a"), Challenge(Negotiate)]"#
    );
    assert_eq!(format!("{:?}", scheme("Basic")), "Scheme(Basic)");
    assert_eq!(format!("{:>7}", scheme("Basic")), "  Basic");
}

fn scheme(name: &str) -> Scheme<'_> {
    Scheme::try_from(name).expect(name)
}
