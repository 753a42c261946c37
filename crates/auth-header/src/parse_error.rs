//! Why a header's value is no list of challenges, or no credential.

use core::fmt;

use crate::limits::{MAX_CHALLENGES, MAX_HEADER_BYTES, MAX_PARAMETERS};

/// A header's value that is refused: what is wrong, in which line, and where. It holds nothing of the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseError {
    kind: ParseErrorKind,
    line: usize,
    position: usize,
}

/// What is wrong with a header's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ParseErrorKind {
    /// More than [`MAX_HEADER_BYTES`].
    TooLong,
    /// More than [`MAX_CHALLENGES`].
    TooManyChallenges,
    /// More than [`MAX_PARAMETERS`] in one challenge or credential.
    TooManyParameters,
    /// A byte from 0x80: what it stands for is nowhere said.
    NotAscii,
    /// Where a scheme or the name of a parameter stands, there is no token.
    TokenExpected,
    /// A scheme and what follows it are separated by something else than spaces.
    SpaceExpected,
    /// A parameter that belongs to no challenge: at the start of a line, after a token68, or after a scheme without a space.
    StrayParameter,
    /// A name of a parameter without an equals sign and a value.
    ValueExpected,
    /// A parameter whose name, in any case, its challenge already has.
    DuplicateParameter,
    /// A quoted string without its second quote.
    Unterminated,
    /// A control character within quotes.
    ControlCharacter,
    /// Something follows a challenge or a parameter without a comma.
    CommaExpected,
    /// Something follows a credential, of which a header carries one.
    AfterCredential,
}

impl ParseError {
    pub(crate) const fn new(kind: ParseErrorKind, position: usize) -> Self {
        Self {
            kind,
            line: 0,
            position,
        }
    }

    pub(crate) const fn with_kind(self, kind: ParseErrorKind) -> Self {
        Self { kind, ..self }
    }

    pub(crate) const fn on_line(self, line: usize) -> Self {
        Self { line, ..self }
    }

    /// What is wrong.
    #[must_use]
    pub const fn kind(&self) -> ParseErrorKind {
        self.kind
    }

    /// Which of several header lines, counted from 0.
    #[must_use]
    pub const fn line(&self) -> usize {
        self.line
    }

    /// The byte of that line at which it is wrong, counted from 0: for [`ParseErrorKind::Unterminated`] the quote that is never closed,
    /// for [`ParseErrorKind::TooLong`] the first byte past the limit.
    #[must_use]
    pub const fn position(&self) -> usize {
        self.position
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use ParseErrorKind as Kind;
        match self.kind {
            Kind::TooLong => write!(f, "the header is longer than {MAX_HEADER_BYTES} bytes"),
            Kind::TooManyChallenges => {
                write!(f, "the header has more than {MAX_CHALLENGES} challenges")
            }
            Kind::TooManyParameters => write!(
                f,
                "the header gives one scheme more than {MAX_PARAMETERS} parameters"
            ),
            Kind::NotAscii => f.write_str("the header holds a byte that is not ASCII"),
            Kind::TokenExpected => {
                f.write_str("the header has no token where a scheme or a parameter's name stands")
            }
            Kind::SpaceExpected => {
                f.write_str("the header separates a scheme and what follows by other than spaces")
            }
            Kind::StrayParameter => {
                f.write_str("the header has a parameter that belongs to no scheme")
            }
            Kind::ValueExpected => f.write_str("the header has a parameter without a value"),
            Kind::DuplicateParameter => f.write_str("the header names a parameter twice"),
            Kind::Unterminated => f.write_str("the header has a quoted string without its end"),
            Kind::ControlCharacter => {
                f.write_str("the header has a control character within quotes")
            }
            Kind::CommaExpected => f.write_str("the header has no comma before what follows"),
            Kind::AfterCredential => f.write_str("the header goes on after its one credential"),
        }?;
        match self.line {
            0 => write!(f, ", at byte {}", self.position),
            line => write!(f, ", at byte {} of line {line}", self.position),
        }
    }
}

impl core::error::Error for ParseError {}
