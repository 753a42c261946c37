use axum::http::{HeaderMap, HeaderValue, header};

use super::*;

const FIRST: &str = "first-key-0123456789";
const SECOND: &str = "second-key-0123456789";

fn keys() -> ApiKeys {
    ApiKeys::new(vec![FIRST.parse().unwrap(), SECOND.parse().unwrap()])
}

fn sent(values: &[&str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append(header::AUTHORIZATION, HeaderValue::from_str(value).unwrap());
    }
    headers
}

#[test]
fn knows_its_keys_by_place() {
    assert_eq!(
        keys().caller(&sent(&[&format!("Bearer {FIRST}")])),
        Some(Caller::Key(0))
    );
    assert_eq!(
        keys().caller(&sent(&[&format!("bearer {SECOND}")])),
        Some(Caller::Key(1))
    );
}

#[test]
fn lets_nobody_else_in() {
    for values in [
        vec![],
        vec![String::new()],
        vec!["Bearer".to_owned()],
        vec!["Bearer ".to_owned()],
        vec![format!("Basic {FIRST}")],
        vec![FIRST.to_owned()],
        vec![format!("Bearer {FIRST}x")],
        vec![format!("Bearer  {FIRST}")],
        vec![format!("Bearer {FIRST} ")],
        vec![format!("Bearer {}", FIRST.to_uppercase())],
        vec![format!("Bearer {FIRST}"), format!("Bearer {SECOND}")],
    ] {
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        assert_eq!(keys().caller(&sent(&values)), None, "{values:?}");
    }
}

#[test]
fn without_keys_everyone_is_let_in() {
    assert_eq!(ApiKeys::default().caller(&sent(&[])), Some(Caller::Anyone));
}

#[test]
fn refuses_keys_that_are_guessed_or_not_sendable() {
    assert_eq!("short".parse::<ApiKey>(), Err(ParseApiKeyError::TooShort));
    assert_eq!(
        "x".repeat(257).parse::<ApiKey>(),
        Err(ParseApiKeyError::TooLong)
    );
    assert_eq!(
        "0123456789abcdef, more".parse::<ApiKey>(),
        Err(ParseApiKeyError::InvalidByte { position: 16 })
    );
}

#[test]
fn is_not_shown() {
    let key: ApiKey = FIRST.parse().unwrap();
    assert_eq!(format!("{key:?}"), "ApiKey([redacted])");
}
