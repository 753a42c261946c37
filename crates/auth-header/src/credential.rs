//! One credential (RFC 9110 §11.4), the value of `Authorization` and `Proxy-Authorization`.
//!
//! ```text
//! credentials = auth-scheme [ 1*SP ( token68 / #auth-param ) ]
//! ```
//!
//! Example: `Payment eyJjaGFsbGVuZ2UiOnt9fQ`.
//!
//! # Errors
//!
//! [`ParseError`]. A header carries one credential: another one after it is refused.

use alloc::borrow::Cow;
use core::fmt;

use crate::content::Content;
use crate::cursor::Cursor;
use crate::limits::MAX_HEADER_BYTES;
use crate::parameter::Parameters;
use crate::parse_error::{ParseError, ParseErrorKind};
use crate::scheme::Scheme;
use crate::write_error::WriteError;

/// A credential, read or to be written. Its `Display` is the header's value; its `Debug` shows no secret.
///
/// ```
/// use coinslot_auth_header::Credential;
/// let credential = Credential::parse("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")?;
/// assert_eq!(credential.scheme(), "basic");
/// assert_eq!(credential.token68(), Some("QWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
/// assert_eq!(format!("{credential:?}"), "Credential(Basic, 28 bytes)");
/// # Ok::<(), coinslot_auth_header::ParseError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Credential<'a> {
    scheme: Scheme<'a>,
    content: Content<'a>,
}

impl<'a> Credential<'a> {
    /// Reads the value of one `Authorization` header: text, bytes or anything that gives bytes, such as an HTTP library's own value.
    ///
    /// # Errors
    ///
    /// What the grammar does not derive is refused, with kind and position.
    pub fn parse<V: AsRef<[u8]> + ?Sized>(value: &'a V) -> Result<Self, ParseError> {
        Self::read(&mut Cursor::new(value.as_ref(), MAX_HEADER_BYTES)?)
    }

    fn read(cursor: &mut Cursor<'a>) -> Result<Self, ParseError> {
        let scheme = cursor.token();
        if scheme.is_empty() {
            return Err(cursor.error(ParseErrorKind::TokenExpected));
        }
        let (mut content, open) = Content::after_scheme(cursor)?;
        while !cursor.is_at_end() {
            if !open {
                return Err(cursor.error(ParseErrorKind::AfterCredential));
            }
            cursor.skip_separators();
            if cursor.is_at_end() {
                break;
            }
            let start = cursor.position();
            let name = cursor.token();
            if name.is_empty() {
                return Err(cursor.error(ParseErrorKind::TokenExpected));
            }
            if !cursor.equals() {
                return Err(ParseError::new(ParseErrorKind::AfterCredential, start));
            }
            content.read_value(start, name, cursor)?;
        }
        let scheme = Scheme::of_token(scheme);
        Ok(Self { scheme, content })
    }

    /// A credential that is its scheme alone.
    ///
    /// # Errors
    ///
    /// [`WriteErrorKind::Scheme`](crate::WriteErrorKind::Scheme) when the scheme is no token.
    pub fn new(scheme: &'a str) -> Result<Self, WriteError> {
        let scheme = Scheme::new(scheme)?;
        let content = Content::EMPTY;
        Ok(Self { scheme, content })
    }

    /// The credential with one more parameter, at the end.
    ///
    /// # Errors
    ///
    /// As [`Challenge::with`](crate::Challenge::with).
    pub fn with(self, name: &'a str, value: impl Into<Cow<'a, str>>) -> Result<Self, WriteError> {
        let content = self.content.with(name, value.into())?;
        Ok(Self { content, ..self })
    }

    /// The credential with a token68 for all that follows its scheme.
    ///
    /// # Errors
    ///
    /// Text that is no token68, and a token68 that would not stand alone, are refused.
    pub fn with_token68(self, token: &'a str) -> Result<Self, WriteError> {
        let content = self.content.with_token68(token)?;
        Ok(Self { content, ..self })
    }

    /// The scheme.
    #[must_use]
    pub const fn scheme(&self) -> Scheme<'a> {
        self.scheme
    }

    /// The token68 that follows the scheme, in place of parameters.
    #[must_use]
    pub const fn token68(&self) -> Option<&'a str> {
        self.content.token68()
    }

    /// The value of a parameter, its name in any case, without quotes and escapes.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.content.parameter(name)
    }

    /// All parameters, known and unknown, in their order.
    #[must_use]
    pub fn parameters(&self) -> Parameters<'_, 'a> {
        self.content.parameters()
    }
}

impl fmt::Display for Credential<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.content.write(self.scheme, f)
    }
}

impl fmt::Debug for Credential<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.token68() {
            Some(token) => write!(f, "Credential({}, {} bytes)", self.scheme, token.len()),
            None => write!(f, "Credential({}, {:?})", self.scheme, self.parameters()),
        }
    }
}
