//! The crate `http-auth` reads the same lists, by RFC 7235 and with a state machine.
//!
//! It and we differ by rule:
//!
//! | | here | `http-auth` | why |
//! |---|---|---|---|
//! | token68 | read | refused | the grammar has it; `Negotiate` uses it |
//! | a parameter named twice | refused | kept | RFC 9110 §11.2: a name occurs once in a challenge |
//! | several spaces after a scheme | read | refused | the grammar says `1*SP` |
//! | no challenge at all | an empty list | refused | RFC 9110 has `#challenge`, RFC 7235 had `1#challenge` |
//! | `A ,a=b` | a parameter of `A` | refused | the list of parameters may begin with an empty element |
//! | whitespace around the value | skipped | refused | RFC 9110 §5.5: it is no part of the value |

use coinslot_auth_header::{Challenges, ParseErrorKind};
use http_auth::parse_challenges;
use proptest::prelude::*;

use crate::spelling::{Meaning, meaning_of, spelled};

proptest! {
    #[test]
    fn http_auth_agrees_on_well_formed_lists((meaning, line) in spelled()) {
        prop_assert_eq!(theirs(&line), Some(meaning.clone()));
        prop_assert_eq!(meaning_of(&Challenges::parse(&line)?), meaning);
    }

    #[test]
    fn http_auth_agrees_on_lists_with_a_mistake(
        (_, line) in spelled(),
        at in any::<prop::sample::Index>(),
        removed in 0_usize..3,
        inserted in "[ \t,=\"\\\\a/\r\n\u{0}]{0,2}",
    ) {
        let start = at.index(line.len() + 1);
        let end = line.len().min(start + removed);
        let mutated = [&line[..start], &inserted, &line[end..]].concat();
        compare(&mutated)?;
    }

    #[test]
    fn http_auth_agrees_on_short_texts(line in "[aB =,\"\\\\\t]{0,12}") {
        compare(&line)?;
    }
}

#[test]
fn http_auth_differs_by_rule() {
    for (line, here) in [
        ("Negotiate abc=", r#"Negotiate abc="#),
        ("A  a=b", r#"A a="b""#),
        ("", ""),
        ("A ,a=b", r#"A a="b""#),
        (" A a=b\t", r#"A a="b""#),
    ] {
        let read = Challenges::parse(line).expect(line);
        assert_eq!((read.to_string().as_str(), theirs(line)), (here, None));
    }
    assert!(Challenges::parse("A a=1, A=2").is_err());
    assert!(theirs("A a=1, A=2").is_some());
}

/// The two readers agree, or differ by a rule of the table.
fn compare(line: &str) -> Result<(), TestCaseError> {
    let line = line.trim_matches([' ', '\t']);
    match (Challenges::parse(line), theirs(line)) {
        (Ok(ours), Some(theirs)) => prop_assert_eq!(meaning_of(&ours), theirs, "{}", line),
        (Err(_), None) => {}
        (Err(error), Some(theirs)) => {
            prop_assert_eq!(error.kind(), ParseErrorKind::DuplicateParameter, "{}", line);
            prop_assert!(theirs.iter().any(names_twice), "{}", line);
        }
        (Ok(ours), None) => {
            let canonical = ours.to_string();
            let token68 = ours.iter().any(|challenge| challenge.token68().is_some());
            if !ours.is_empty() && !token68 {
                let spaces = ["  ", " ,", "\t,"].iter().any(|text| line.contains(text));
                prop_assert!(spaces, "{} is refused", line);
                prop_assert_eq!(theirs(&canonical), Some(meaning_of(&ours)), "{}", line);
            }
        }
    }
    Ok(())
}

fn theirs(line: &str) -> Option<Meaning> {
    let challenges = parse_challenges(line).ok()?;
    let meaning = challenges.iter().map(|challenge| {
        let parameters = challenge.params.iter();
        let owned = parameters.map(|(name, value)| ((*name).to_owned(), value.to_unescaped()));
        (challenge.scheme.to_owned(), owned.collect())
    });
    Some(meaning.collect())
}

fn names_twice((_, parameters): &(String, Vec<(String, String)>)) -> bool {
    parameters.iter().enumerate().any(|(number, (name, _))| {
        let mut before = parameters.iter().take(number);
        before.any(|(other, _)| other.eq_ignore_ascii_case(name))
    })
}
