//! Challenges and credentials of HTTP authentication.

use std::{collections::BTreeSet, fmt::Display};

use coinslot_auth_header::{
    Challenges, Credential, MAX_HEADER_BYTES, Parameters, ParseError, ParseErrorKind, scheme_of,
};

use crate::memory;

/// Model, canonical, bounded; as one line, and as the lines that `\n` makes of it.
pub(crate) fn auth_challenges(data: &[u8]) {
    let most = 80 * data.len() + 4096;
    let read = memory::at_most(most, || Challenges::parse(data));
    check(data, &read, &list(challenge));
    let lines: Vec<&[u8]> = data.split(|byte| *byte == b'\n').collect();
    let together = memory::at_most(most, || Challenges::parse_lines(lines.iter().copied()));
    match &together {
        Ok(together) => {
            let joined = lines.join(&b", "[..]);
            if joined.len() <= MAX_HEADER_BYTES {
                assert_eq!(Ok(together), Challenges::parse(&joined).as_ref());
            }
        }
        Err(error) => assert!(error.position() <= lines[error.line()].len()),
    }
    for challenge in read.iter().flatten() {
        assert!(named_once(challenge.parameters()));
        assert!(challenge.token68().is_none() || challenge.parameters().len() == 0);
    }
    if let Ok(read) = &read {
        let written = written(read);
        if written.len() <= MAX_HEADER_BYTES {
            let again = Challenges::parse(&written).expect("what was written is read");
            assert_eq!(&again, read);
            assert_eq!(again.to_string(), written);
        }
    }
}

/// As [`auth_challenges`]; the scheme is the one that is seen without reading on.
pub(crate) fn auth_credential(data: &[u8]) {
    let most = 80 * data.len() + 4096;
    let read = memory::at_most(most, || Credential::parse(data));
    check(data, &read, &challenge());
    let scheme = memory::at_most(0, || scheme_of(data));
    let Ok(read) = &read else { return };
    assert_eq!(scheme, Some(read.scheme()));
    assert!(named_once(read.parameters()));
    let written = written(read);
    if written.len() <= MAX_HEADER_BYTES {
        let again = Credential::parse(&written).expect("what was written is read");
        assert_eq!(&again, read);
        assert_eq!(again.to_string(), written);
    }
}

/// What is read is what the grammar derives, duplicates and limits apart.
fn check<T>(data: &[u8], read: &Result<T, ParseError>, grammar: &Rule) {
    if let Err(error) = read {
        assert_eq!(error.line(), 0);
        assert!(error.position() <= data.len());
        let beyond_grammar = matches!(
            error.kind(),
            ParseErrorKind::DuplicateParameter
                | ParseErrorKind::TooLong
                | ParseErrorKind::TooManyChallenges
                | ParseErrorKind::TooManyParameters
        );
        if beyond_grammar {
            return;
        }
    }
    if data.len() <= LONGEST_FOR_MODEL {
        let value = without_whitespace(data);
        let ends = grammar.ends(value, &BTreeSet::from([0]));
        assert_eq!(read.is_ok(), ends.contains(&value.len()), "{data:?}");
    }
}

/// Whitespace around a value is no part of it.
fn without_whitespace(data: &[u8]) -> &[u8] {
    let outside = |byte: &u8| !matches!(byte, b' ' | b'\t');
    let start = data.iter().position(outside).unwrap_or(data.len());
    let end = data
        .iter()
        .rposition(outside)
        .map_or(start, |last| last + 1);
    &data[start..end]
}

/// A header's value is without line breaks, whatever it was read from.
fn written(message: &impl Display) -> String {
    let written = message.to_string();
    let in_header = |byte: u8| matches!(byte, b'\t' | b' '..=b'~');
    assert!(written.bytes().all(in_header), "{written:?}");
    written
}

fn named_once(parameters: Parameters<'_, '_>) -> bool {
    let mut seen = BTreeSet::new();
    parameters
        .into_iter()
        .all(|(name, _)| seen.insert(name.to_ascii_lowercase()))
}

/// A rule of the grammar, as RFC 9110 writes it: it says at which bytes a text that it derives can end.
enum Rule {
    Byte(fn(u8) -> bool),
    All(Vec<Rule>),
    Either(Vec<Rule>),
    Maybe(Box<Rule>),
    Many(Box<Rule>),
}

impl Rule {
    fn ends(&self, text: &[u8], starts: &BTreeSet<usize>) -> BTreeSet<usize> {
        match self {
            Self::Byte(class) => starts
                .iter()
                .filter(|start| text.get(**start).is_some_and(|byte| class(*byte)))
                .map(|start| start + 1)
                .collect(),
            Self::All(rules) => rules
                .iter()
                .fold(starts.clone(), |starts, rule| rule.ends(text, &starts)),
            Self::Either(rules) => rules
                .iter()
                .flat_map(|rule| rule.ends(text, starts))
                .collect(),
            Self::Maybe(rule) => starts | &rule.ends(text, starts),
            Self::Many(rule) => {
                let mut reached = starts.clone();
                let mut new = starts.clone();
                while !new.is_empty() {
                    new = &rule.ends(text, &new) - &reached;
                    reached.extend(&new);
                }
                reached
            }
        }
    }
}

/// `challenge = auth-scheme [ 1*SP ( token68 / #auth-param ) ]`, and the same for credentials.
fn challenge() -> Rule {
    let content = Rule::Either(vec![token68(), list(auth_param)]);
    let rest = Rule::All(vec![some(|byte| byte == b' '), content]);
    Rule::All(vec![token(), Rule::Maybe(Box::new(rest))])
}

/// `auth-param = token BWS "=" BWS ( token / quoted-string )`
fn auth_param() -> Rule {
    let value = Rule::Either(vec![token(), quoted_string()]);
    let equals = Rule::Byte(|byte| byte == b'=');
    Rule::All(vec![token(), whitespace(), equals, whitespace(), value])
}

/// `token68 = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="`
fn token68() -> Rule {
    let characters = some(|byte| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte));
    let padding = Rule::Many(Box::new(Rule::Byte(|byte| byte == b'=')));
    Rule::All(vec![characters, padding])
}

/// `quoted-string = DQUOTE *( qdtext / quoted-pair ) DQUOTE`
fn quoted_string() -> Rule {
    let quote = || Rule::Byte(|byte| byte == b'"');
    let qdtext = Rule::Byte(|byte| matches!(byte, b'\t' | b' ' | 0x21 | 0x23..=0x5b | 0x5d..=0x7e));
    let quoted_pair = Rule::All(vec![
        Rule::Byte(|byte| byte == b'\\'),
        Rule::Byte(|byte| matches!(byte, b'\t' | b' ' | 0x21..=0x7e)),
    ]);
    let inside = Rule::Many(Box::new(Rule::Either(vec![qdtext, quoted_pair])));
    Rule::All(vec![quote(), inside, quote()])
}

/// `#element = [ element ] *( OWS "," OWS [ element ] )`
fn list(element: fn() -> Rule) -> Rule {
    let comma = Rule::Byte(|byte| byte == b',');
    let maybe = || Rule::Maybe(Box::new(element()));
    let next = Rule::All(vec![whitespace(), comma, whitespace(), maybe()]);
    Rule::All(vec![maybe(), Rule::Many(Box::new(next))])
}

/// `token = 1*tchar`
fn token() -> Rule {
    some(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

/// `OWS = *( SP / HTAB )`
fn whitespace() -> Rule {
    Rule::Many(Box::new(Rule::Byte(|byte| matches!(byte, b' ' | b'\t'))))
}

/// One or more bytes of a class.
fn some(class: fn(u8) -> bool) -> Rule {
    Rule::All(vec![
        Rule::Byte(class),
        Rule::Many(Box::new(Rule::Byte(class))),
    ])
}

const LONGEST_FOR_MODEL: usize = 512;
