//! A place in a header's value, and the smallest things that can be read from it.

use alloc::borrow::Cow;
use alloc::string::String;

use crate::grammar::{
    is_qdtext, is_tchar, is_text, is_token68, is_whitespace, long_run, short_run,
};
use crate::parse_error::{ParseError, ParseErrorKind as Kind};

/// What is left of a value.
#[derive(Clone, Copy)]
pub(crate) struct Cursor<'a> {
    rest: &'a str,
    length: usize,
}

impl<'a> Cursor<'a> {
    /// The start of a value of at most `most` bytes.
    ///
    /// Whitespace around a value is no part of it (RFC 9110 §5.5).
    pub(crate) fn new(value: &'a [u8], most: usize) -> Result<Self, ParseError> {
        if value.len() > most {
            return Err(ParseError::new(Kind::TooLong, most));
        }
        let ascii = value.is_ascii().then_some(value);
        let Some(text) = ascii.and_then(|value| core::str::from_utf8(value).ok()) else {
            let position = short_run(value, |byte| byte.is_ascii());
            return Err(ParseError::new(Kind::NotAscii, position));
        };
        let mut cursor = Self {
            rest: text.trim_end_matches([' ', '\t']),
            length: 0,
        };
        cursor.length = cursor.rest.len();
        cursor.skip_whitespace();
        Ok(cursor)
    }

    /// The byte that is read next, counted from 0.
    pub(crate) fn position(&self) -> usize {
        self.length.saturating_sub(self.rest.len())
    }

    /// An error here.
    pub(crate) fn error(&self, kind: Kind) -> ParseError {
        ParseError::new(kind, self.position())
    }

    pub(crate) fn next(&self) -> Option<u8> {
        self.rest.as_bytes().first().copied()
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// `*( SP / HTAB )`
    pub(crate) fn skip_whitespace(&mut self) {
        self.short_run(is_whitespace);
    }

    /// The separators between elements of a list, whose elements may be empty (RFC 9110 §5.6.1.2): `OWS *( "," OWS )`.
    pub(crate) fn skip_separators(&mut self) {
        self.short_run(|byte| is_whitespace(byte) | (byte == b','));
    }

    /// The end of an element: `OWS ","`, the comma being left, or the end.
    pub(crate) fn end_of_element(&mut self) -> Result<(), ParseError> {
        self.skip_whitespace();
        match self.next() {
            None | Some(b',') => Ok(()),
            Some(_) => Err(self.error(Kind::CommaExpected)),
        }
    }

    /// `token`; empty where there is none.
    pub(crate) fn token(&mut self) -> &'a str {
        self.short_run(is_tchar)
    }

    /// The spaces after a scheme, `1*SP`: whether there are any.
    pub(crate) fn spaces(&mut self) -> bool {
        !self.short_run(|byte| byte == b' ').is_empty()
    }

    /// `token68`, if that is the whole element.
    pub(crate) fn token68(&mut self) -> Option<&'a str> {
        let mut ahead = *self;
        ahead.long_run(is_token68);
        let characters = ahead.position().saturating_sub(self.position());
        if characters == 0 {
            return None;
        }
        let padding = ahead.short_run(|byte| byte == b'=').len();
        ahead.end_of_element().ok()?;
        Some(self.take(characters.saturating_add(padding)))
    }

    /// `BWS "="`, what makes a token the name of a parameter. Without it, nothing is read.
    pub(crate) fn equals(&mut self) -> bool {
        let mut ahead = *self;
        ahead.skip_whitespace();
        let found = ahead.next() == Some(b'=');
        if found {
            ahead.take(1);
            *self = ahead;
        }
        found
    }

    /// `BWS ( token / quoted-string )`, what follows the equals sign.
    pub(crate) fn value(&mut self) -> Result<Cow<'a, str>, ParseError> {
        self.skip_whitespace();
        if self.next() == Some(b'"') {
            return self.quoted();
        }
        match self.token() {
            "" => Err(self.error(Kind::ValueExpected)),
            token => Ok(Cow::Borrowed(token)),
        }
    }

    /// `DQUOTE *( qdtext / quoted-pair ) DQUOTE`, from its first quote. Borrowed when nothing is escaped.
    fn quoted(&mut self) -> Result<Cow<'a, str>, ParseError> {
        let unterminated = self.error(Kind::Unterminated);
        self.take(1);
        let mut value = Cow::Borrowed(self.long_run(is_qdtext));
        loop {
            match self.next() {
                Some(b'"') => {
                    self.take(1);
                    return Ok(value);
                }
                Some(b'\\') => {
                    self.take(1);
                    match self.next() {
                        Some(byte) if is_text(byte) => push(&mut value, self.take(1)),
                        Some(_) => return Err(self.error(Kind::ControlCharacter)),
                        None => return Err(unterminated),
                    }
                    push(&mut value, self.long_run(is_qdtext));
                }
                Some(_) => return Err(self.error(Kind::ControlCharacter)),
                None => return Err(unterminated),
            }
        }
    }

    fn short_run(&mut self, class: impl Fn(u8) -> bool) -> &'a str {
        self.take(short_run(self.rest.as_bytes(), class))
    }

    fn long_run(&mut self, class: impl Fn(u8) -> bool) -> &'a str {
        self.take(long_run(self.rest.as_bytes(), class))
    }

    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }
}

fn push(value: &mut Cow<'_, str>, text: &str) {
    match value {
        Cow::Owned(owned) => owned.push_str(text),
        Cow::Borrowed(borrowed) => {
            let mut owned = String::from(*borrowed);
            owned.push_str(text);
            *value = Cow::Owned(owned);
        }
    }
}

#[cfg(test)]
mod tests;
