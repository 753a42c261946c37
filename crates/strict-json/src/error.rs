//! Why bytes are not the JSON of a message.

use alloc::boxed::Box;
use core::fmt;

/// Why bytes are not the JSON of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    position: usize,
    detail: Option<Box<str>>,
}

/// What is wrong with the JSON of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Longer than the rules allow.
    TooLong,
    /// Not UTF-8.
    Utf8,
    /// Nested deeper than the rules allow.
    TooDeep,
    /// Not JSON.
    Syntax,
    /// JSON that ends too early.
    Incomplete,
    /// JSON, but not this message: a member is missing, named twice, of the wrong type or of a value that is not allowed.
    Shape,
}

impl Error {
    pub(crate) const fn new(kind: ErrorKind, position: usize) -> Self {
        Self {
            kind,
            position,
            detail: None,
        }
    }

    pub(crate) fn with_detail(mut self, detail: Box<str>) -> Self {
        self.detail = Some(detail);
        self
    }

    /// What is wrong.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The byte at which it was noticed, counted from 0. For [`ErrorKind::TooLong`], the limit.
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

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let position = self.position;
        match self.kind {
            ErrorKind::TooLong => return write!(f, "the JSON is longer than {position} bytes"),
            ErrorKind::Utf8 => write!(f, "the JSON is not UTF-8 at byte {position}"),
            ErrorKind::TooDeep => write!(f, "the JSON is nested too deep at byte {position}"),
            ErrorKind::Syntax => write!(f, "the JSON is malformed at byte {position}"),
            ErrorKind::Incomplete => write!(f, "the JSON ends too early, at byte {position}"),
            ErrorKind::Shape => {
                write!(f, "the JSON is not the expected message at byte {position}")
            }
        }?;
        match &self.detail {
            Some(detail) => write!(f, ": {detail}"),
            None => Ok(()),
        }
    }
}

impl core::error::Error for Error {}
