//! How much is read and written.

use coinslot_auth_header::{
    Challenge, Challenges, Credential, MAX_CHALLENGES, MAX_HEADER_BYTES, MAX_PARAMETERS,
    ParseErrorKind, WriteErrorKind,
};

#[test]
fn bytes_are_limited_over_all_lines() {
    let longest = format!("A a=\"{}\"", "b".repeat(MAX_HEADER_BYTES - 6));
    assert_eq!(longest.len(), MAX_HEADER_BYTES);
    assert!(Challenges::parse(&longest).is_ok());
    assert!(Credential::parse(&longest).is_ok());

    let longer = format!("{longest} ");
    for error in [
        Challenges::parse(&longer).expect_err("too long"),
        Credential::parse(&longer).expect_err("too long"),
    ] {
        assert_eq!(
            (error.kind(), error.position()),
            (ParseErrorKind::TooLong, MAX_HEADER_BYTES)
        );
    }

    let (one, other) = longest.split_at(MAX_HEADER_BYTES - 3);
    let one = format!("{one}\"");
    assert_eq!(other.len(), 3);
    assert!(Challenges::parse_lines([one.as_str(), ",B"]).is_ok());
    let error = Challenges::parse_lines([one.as_str(), ",B,"]).expect_err("too long");
    assert_eq!(
        (error.kind(), error.line(), error.position()),
        (ParseErrorKind::TooLong, 1, 2)
    );
}

#[test]
fn challenges_are_limited_over_all_lines() {
    let most = vec!["A"; MAX_CHALLENGES];
    let line = most.join(",");
    assert_eq!(
        Challenges::parse(&line).map(|list| list.len()),
        Ok(MAX_CHALLENGES)
    );
    assert_eq!(
        Challenges::parse_lines(most).map(|list| list.len()),
        Ok(MAX_CHALLENGES)
    );
    let error = Challenges::parse(&format!("{line}, A")).map(|list| list.len());
    let error = error.expect_err("too many");
    assert_eq!(
        (error.kind(), error.position()),
        (ParseErrorKind::TooManyChallenges, line.len() + 2)
    );
    let error = Challenges::parse_lines([line.as_str(), "B"]).expect_err("too many");
    assert_eq!(
        (error.kind(), error.line(), error.position()),
        (ParseErrorKind::TooManyChallenges, 1, 0)
    );
}

#[test]
fn parameters_are_limited_in_reading_and_in_writing() {
    let names: Vec<String> = (0..=MAX_PARAMETERS)
        .map(|number| format!("p{number}"))
        .collect();
    let mut challenge = Challenge::new("A").expect("a scheme");
    for name in &names[..MAX_PARAMETERS] {
        challenge = challenge.with(name, "v").expect(name);
    }
    let line = challenge.to_string();
    assert_eq!(
        Challenges::parse(&line).expect("the most").iter().next(),
        Some(&challenge)
    );
    let both = format!("{line}, {line}");
    assert!(Challenges::parse(&both).is_ok(), "each has its own room");

    let last = &names[MAX_PARAMETERS];
    let error = challenge.with(last, "v").expect_err("one too many");
    assert_eq!(error.kind(), WriteErrorKind::TooManyParameters);
    let longer = format!("{line}, {last}=v");
    for error in [
        Challenges::parse(&longer).expect_err("one too many"),
        Credential::parse(&longer).expect_err("one too many"),
    ] {
        assert_eq!(
            (error.kind(), error.position()),
            (ParseErrorKind::TooManyParameters, line.len() + 2)
        );
    }
}
