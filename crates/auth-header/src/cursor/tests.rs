use alloc::borrow::Cow;

use super::Cursor;
use crate::parse_error::ParseErrorKind as Kind;

fn cursor(text: &str) -> Cursor<'_> {
    Cursor::new(text.as_bytes(), 100).expect(text)
}

#[test]
fn positions_are_those_of_the_value_with_its_whitespace() {
    let mut cursor = cursor(" \t token  =\tvalue \t");
    assert_eq!((cursor.position(), cursor.token()), (3, "token"));
    assert_eq!(cursor.position(), 8);
    assert!(cursor.equals());
    assert_eq!(cursor.position(), 11);
    assert_eq!(cursor.value(), Ok(Cow::Borrowed("value")));
    assert!(cursor.is_at_end());
    assert_eq!(cursor.position(), 17);
}

#[test]
fn the_limit_comes_before_everything() {
    assert!(Cursor::new(b"12345", 5).is_ok());
    let error = Cursor::new(b"\xff23456", 5).err().expect("too long");
    assert_eq!((error.kind(), error.position()), (Kind::TooLong, 5));
}

#[test]
fn what_is_not_ascii_is_found_where_it_is() {
    for (value, position) in [
        (&b"ab\xff"[..], 2),
        ("a\u{e9}".as_bytes(), 1),
        (b"\xe2\x82", 0),
    ] {
        let error = Cursor::new(value, 100).err().expect("not ASCII");
        assert_eq!((error.kind(), error.position()), (Kind::NotAscii, position));
    }
}

#[test]
fn what_is_not_an_equals_sign_leaves_the_cursor_alone() {
    let mut cursor = cursor("a  ,");
    cursor.token();
    assert!(!cursor.equals());
    assert_eq!(cursor.position(), 1);
}

#[test]
fn a_token68_is_the_whole_element_or_nothing() {
    for (text, token) in [
        ("abc", Some("abc")),
        ("a/b+c==", Some("a/b+c==")),
        ("a== ,", Some("a==")),
        ("abc d", None),
        ("a=b", None),
        ("a=\"\"", None),
        ("==", None),
        ("a!", None),
        ("a=!", None),
    ] {
        let mut cursor = cursor(text);
        assert_eq!(cursor.token68(), token, "{text}");
        assert_eq!(cursor.position(), token.map_or(0, str::len), "{text}");
    }
}

#[test]
fn only_a_value_with_escapes_is_copied() {
    let borrowed = cursor(r#""a, b = c""#).value();
    assert!(matches!(borrowed, Ok(Cow::Borrowed("a, b = c"))));
    let owned = cursor(r#""\a\"\\\	""#).value();
    assert!(matches!(&owned, Ok(Cow::Owned(value)) if value == "a\"\\\t"));
}

#[test]
fn quotes_that_are_not_closed_are_named_by_the_first() {
    for text in [r#""abc"#, r#"""#, r#""a\"#, r#""a\""#, r#""a\\\""#] {
        let error = cursor(text).value().expect_err(text);
        assert_eq!((error.kind(), error.position()), (Kind::Unterminated, 0));
    }
}
