//! Why a challenge or credential cannot be written.

use core::fmt;

use crate::grammar::{is_tchar, is_text, is_token68, long_run, short_run};
use crate::limits::MAX_PARAMETERS;

/// A part of a challenge or credential that has no place in a header: which, and where in the text that was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WriteError {
    kind: WriteErrorKind,
    position: usize,
}

/// What cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WriteErrorKind {
    /// A scheme that is no token.
    Scheme,
    /// A parameter's name that is no token.
    Name,
    /// A parameter's value with a control character other than a tab, CR and LF among them, or a character that is not ASCII.
    Value,
    /// A text that is no token68: [`Credential::with_token68`](crate::Credential::with_token68).
    Token68,
    /// A parameter whose name, in any case, is already there.
    DuplicateParameter,
    /// More than [`MAX_PARAMETERS`].
    TooManyParameters,
    /// A token68 beside another one, or beside parameters.
    NotAlone,
}

impl WriteError {
    pub(crate) const fn new(kind: WriteErrorKind, position: usize) -> Self {
        Self { kind, position }
    }

    /// `token = 1*tchar`
    pub(crate) fn unless_token(text: &str, kind: WriteErrorKind) -> Result<(), Self> {
        let length = short_run(text.as_bytes(), is_tchar);
        Self::unless_whole(text, length, kind)?;
        if text.is_empty() {
            return Err(Self::new(kind, 0));
        }
        Ok(())
    }

    /// Text that a quoted string can hold.
    pub(crate) fn unless_text(text: &str) -> Result<(), Self> {
        let length = long_run(text.as_bytes(), is_text);
        Self::unless_whole(text, length, WriteErrorKind::Value)
    }

    /// `token68`
    pub(crate) fn unless_token68(text: &str) -> Result<(), Self> {
        let characters = text.trim_end_matches('=');
        let length = long_run(characters.as_bytes(), is_token68);
        Self::unless_whole(characters, length, WriteErrorKind::Token68)?;
        if characters.is_empty() {
            return Err(Self::new(WriteErrorKind::Token68, 0));
        }
        Ok(())
    }

    const fn unless_whole(text: &str, length: usize, kind: WriteErrorKind) -> Result<(), Self> {
        if length < text.len() {
            return Err(Self::new(kind, length));
        }
        Ok(())
    }

    /// What cannot be written.
    #[must_use]
    pub const fn kind(&self) -> WriteErrorKind {
        self.kind
    }

    /// The byte at which it is wrong, counted from 0, of the text that was given.
    #[must_use]
    pub const fn position(&self) -> usize {
        self.position
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let position = self.position;
        match self.kind {
            WriteErrorKind::Scheme => {
                write!(
                    f,
                    "an authentication scheme is a token: byte {position} is not of one"
                )
            }
            WriteErrorKind::Name => {
                write!(
                    f,
                    "a parameter's name is a token: byte {position} is not of one"
                )
            }
            WriteErrorKind::Value => write!(
                f,
                "a parameter's value is ASCII without control characters: byte {position} is not"
            ),
            WriteErrorKind::Token68 => write!(
                f,
                "a token68 is made of A-Z, a-z, 0-9 and '-._~+/', with '=' at its end: byte {position} is not"
            ),
            WriteErrorKind::DuplicateParameter => f.write_str("a parameter is named twice"),
            WriteErrorKind::TooManyParameters => {
                write!(f, "one scheme has at most {MAX_PARAMETERS} parameters")
            }
            WriteErrorKind::NotAlone => {
                f.write_str("a token68 stands alone, without parameters and without another")
            }
        }
    }
}

impl core::error::Error for WriteError {}
