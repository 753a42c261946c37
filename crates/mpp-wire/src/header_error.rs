//! Why a header does not hold the message that it should carry.

use alloc::boxed::Box;
use core::fmt;

use coinslot_auth_header::ParseError;
use coinslot_strict_json::{Error as JsonError, ErrorKind as JsonErrorKind};

/// Why a header's value is not the message that it should carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderError {
    kind: HeaderErrorKind,
    field: Option<&'static str>,
    position: usize,
    detail: Option<Box<str>>,
    source: Option<ParseError>,
}

/// What is wrong with a header's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HeaderErrorKind {
    /// Nothing of the scheme `Payment` is there, or nothing at all.
    Absent,
    /// More than one credential of the scheme `Payment`.
    Several,
    /// Not what RFC 9110 derives.
    Syntax,
    /// More than is read.
    TooLong,
    /// Not base64 with the URL alphabet and without padding.
    Base64,
    /// The decoded bytes are not UTF-8.
    Utf8,
    /// The JSON is nested deeper than [`MAX_JSON_DEPTH`](crate::MAX_JSON_DEPTH).
    TooDeep,
    /// Not JSON, or not all of it.
    Json,
    /// JSON, but not this message: a member is missing, named twice, of the wrong type or of a value that is not allowed.
    Shape,
    /// A parameter of the challenge is missing.
    Missing,
    /// A parameter of the challenge has a value that is not allowed.
    Value,
}

impl HeaderError {
    pub(crate) const fn new(kind: HeaderErrorKind, position: usize) -> Self {
        Self {
            kind,
            field: None,
            position,
            detail: None,
            source: None,
        }
    }

    pub(crate) fn of(field: &'static str, kind: HeaderErrorKind, position: usize) -> Self {
        Self {
            field: Some(field),
            ..Self::new(kind, position)
        }
    }

    pub(crate) fn value(field: &'static str, position: usize, detail: &dyn fmt::Display) -> Self {
        Self {
            detail: Some(alloc::format!("{detail}").into_boxed_str()),
            ..Self::of(field, HeaderErrorKind::Value, position)
        }
    }

    pub(crate) fn json(error: &JsonError) -> Self {
        let kind = match error.kind() {
            JsonErrorKind::TooLong => HeaderErrorKind::TooLong,
            JsonErrorKind::Utf8 => HeaderErrorKind::Utf8,
            JsonErrorKind::TooDeep => HeaderErrorKind::TooDeep,
            JsonErrorKind::Shape => HeaderErrorKind::Shape,
            _ => HeaderErrorKind::Json,
        };
        Self {
            detail: error.detail().map(Box::from),
            ..Self::new(kind, error.position())
        }
    }

    pub(crate) fn in_field(self, field: &'static str) -> Self {
        Self {
            field: Some(field),
            ..self
        }
    }

    /// What is wrong.
    #[must_use]
    pub const fn kind(&self) -> HeaderErrorKind {
        self.kind
    }

    /// The parameter of the challenge that is wrong, if it is one.
    #[must_use]
    pub const fn field(&self) -> Option<&'static str> {
        self.field
    }

    /// The byte at which it was noticed, counted from 0: of the parameter's value, of the decoded JSON, or of the header's value.
    #[must_use]
    pub const fn position(&self) -> usize {
        self.position
    }

    /// More about it, where there is more to say. Holds names and types, never the sender's values.
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        self.detail.as_deref()
    }
}

impl From<ParseError> for HeaderError {
    fn from(error: ParseError) -> Self {
        let kind = match error.kind() {
            coinslot_auth_header::ParseErrorKind::TooLong => HeaderErrorKind::TooLong,
            _ => HeaderErrorKind::Syntax,
        };
        Self {
            source: Some(error),
            ..Self::new(kind, error.position())
        }
    }
}

impl fmt::Display for HeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let position = self.position;
        match self.field {
            Some(field) => write!(f, "`{field}` of the challenge ")?,
            None => f.write_str("the header ")?,
        }
        match self.kind {
            HeaderErrorKind::Absent => f.write_str("holds nothing of the scheme `Payment`"),
            HeaderErrorKind::Several => f.write_str("holds more than one credential"),
            HeaderErrorKind::Syntax => f.write_str("cannot be read"),
            HeaderErrorKind::TooLong => f.write_str("is too long"),
            HeaderErrorKind::Base64 => write!(
                f,
                "is not base64url without padding (RFC 4648, section 5) at byte {position}"
            ),
            HeaderErrorKind::Utf8 => write!(f, "holds JSON that is not UTF-8 at byte {position}"),
            HeaderErrorKind::TooDeep => {
                write!(f, "holds JSON that is nested too deep at byte {position}")
            }
            HeaderErrorKind::Json => write!(f, "holds malformed JSON at byte {position}"),
            HeaderErrorKind::Shape => {
                write!(
                    f,
                    "holds JSON that is not the expected message at byte {position}"
                )
            }
            HeaderErrorKind::Missing => f.write_str("is missing"),
            HeaderErrorKind::Value => write!(f, "is wrong at byte {position}"),
        }?;
        match &self.detail {
            Some(detail) => write!(f, ": {detail}"),
            None => Ok(()),
        }
    }
}

impl core::error::Error for HeaderError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        let source = self.source.as_ref()?;
        Some(source)
    }
}
