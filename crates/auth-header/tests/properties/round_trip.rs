//! Our reader and our writer.

use coinslot_auth_header::{
    Challenge, Challenges, Credential, Scheme, WriteError, WriteErrorKind, scheme_of,
};
use proptest::prelude::*;

use crate::spelling::{Meaning, meaning, meaning_of, spelled, token};

proptest! {
    #[test]
    fn what_is_written_is_read(meaning in meaning()) {
        let written: Vec<String> = write(&meaning)?.iter().map(ToString::to_string).collect();
        let line = written.join(", ");
        let read = Challenges::parse(&line)?;
        prop_assert_eq!(meaning_of(&read), meaning.clone());
        prop_assert_eq!(read.to_string(), line.as_str());
        let lines = Challenges::parse_lines(&written)?;
        prop_assert_eq!(&lines, &read);
        for challenge in written {
            let credential = Credential::parse(&challenge)?;
            prop_assert_eq!(credential.to_string(), challenge);
        }
    }

    #[test]
    fn a_list_says_the_same_however_it_is_spelled((meaning, line) in spelled()) {
        let read = Challenges::parse(&line)?;
        prop_assert_eq!(meaning_of(&read), meaning);
        let canonical = read.to_string();
        let again = Challenges::parse(&canonical)?;
        prop_assert_eq!(again.to_string(), canonical.as_str());
        prop_assert_eq!(&again, &read);
    }

    #[test]
    fn a_token68_is_written_and_read(scheme in token(), token in "[-a-zA-Z0-9._~+/]{1,40}={0,3}") {
        let credential = Credential::new(&scheme)?.with_token68(&token)?;
        let written = credential.to_string();
        prop_assert_eq!(&written, &format!("{scheme} {token}"));
        prop_assert_eq!(Credential::parse(&written)?, credential);
        let challenge = Challenge::new(&scheme)?.with_token68(&token)?;
        prop_assert_eq!(challenge.to_string(), written.as_str());
        let both = format!("{written} , {written}");
        let read = Challenges::parse(&both)?;
        prop_assert_eq!(read.into_iter().collect::<Vec<_>>(), vec![challenge.clone(), challenge]);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "[aA ,=\"\\\\\t/é]{0,40}|\\PC{0,40}") {
        if let Err(error) = Challenges::parse(&text) {
            prop_assert!(error.position() <= text.len());
        }
        if let Err(error) = Credential::parse(&text) {
            prop_assert!(error.position() <= text.len());
        }
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in any::<Vec<u8>>()) {
        let list = Challenges::parse(&bytes);
        prop_assert!(list.is_err() || bytes.is_ascii());
        let credential = Credential::parse(&bytes);
        prop_assert!(credential.is_err() || bytes.is_ascii());
        prop_assert!(scheme_of(&bytes).is_none_or(|scheme| Scheme::new(scheme.as_str()).is_ok()));
    }

    #[test]
    fn a_credential_is_the_one_challenge_of_its_text(text in "[aB =,\"\t]{0,12}") {
        if let Ok(credential) = Credential::parse(&text) {
            let challenges = Challenges::parse(&text)?;
            prop_assert_eq!(challenges.len(), 1);
            prop_assert_eq!(challenges.to_string(), credential.to_string());
            prop_assert_eq!(scheme_of(&text), Some(credential.scheme()));
        }
    }

    #[test]
    fn lines_are_read_as_their_list(lines in prop::collection::vec("[aB =,\"\t]{0,8}", 0..4)) {
        let alone: Result<Vec<_>, _> = lines.iter().map(Challenges::parse).collect();
        let together = Challenges::parse_lines(&lines);
        prop_assert_eq!(alone.is_ok(), together.is_ok());
        if let Ok(together) = together {
            let joined = lines.join(", ");
            prop_assert_eq!(together, Challenges::parse(&joined)?);
        } else if let Err(error) = together {
            let first = lines.iter().position(|line| Challenges::parse(line).is_err());
            prop_assert_eq!(Some(error.line()), first);
        }
    }

    #[test]
    fn a_value_is_written_when_a_header_can_hold_it(value in "[ -~]{0,20}[\t\r\n\u{0}\u{7f}éa]{0,2}[ -~]{0,20}") {
        let first = value.chars().position(|character| !matches!(character, '\t' | ' '..='~'));
        let written = Challenge::new("A")?.with("a", value.as_str());
        match (first, written) {
            (None, Ok(challenge)) => {
                let bytes = challenge.to_string().into_bytes();
                prop_assert!(bytes.iter().all(|byte| matches!(byte, b'\t' | b' '..=b'~')));
            }
            (Some(position), Err(error)) => {
                prop_assert_eq!((error.kind(), error.position()), (WriteErrorKind::Value, position));
            }
            (first, written) => prop_assert!(false, "{first:?} and {written:?}"),
        }
    }

    #[test]
    fn a_scheme_is_a_token(name in token(), other in "[ -~é]{0,4}") {
        prop_assert!(Scheme::new(&name)? == name.to_ascii_uppercase().as_str());
        let line = format!("{other} a=b");
        let read = Challenges::parse(&line);
        let is_scheme = read.is_ok_and(|list| meaning_of(&list) == [(other.clone(), vec![("a".to_owned(), "b".to_owned())])]);
        prop_assert_eq!(Scheme::new(&other).is_ok(), is_scheme);
    }
}

fn write(meaning: &Meaning) -> Result<Vec<Challenge<'_>>, WriteError> {
    meaning
        .iter()
        .map(|(scheme, parameters)| {
            parameters
                .iter()
                .try_fold(Challenge::new(scheme)?, |challenge, (name, value)| {
                    challenge.with(name, value.as_str())
                })
        })
        .collect()
}
