//! One challenge (RFC 9110 §11.3): how a client can authenticate, by one scheme.
//!
//! ```text
//! challenge = auth-scheme [ 1*SP ( token68 / #auth-param ) ]
//! ```
//!
//! Example: `Payment id="x1", realm="api.example.com", method="stellar"`.
//!
//! # Errors
//!
//! A challenge is read as an element of [`Challenges`](crate::Challenges); building one gives a [`WriteError`].

use alloc::borrow::Cow;
use core::fmt;

use crate::content::Content;
use crate::parameter::Parameters;
use crate::scheme::Scheme;
use crate::write_error::WriteError;

/// A challenge, read or to be written. Its `Display` is one header line, every value in quotes.
///
/// ```
/// use coinslot_auth_header::Challenge;
/// let challenge = Challenge::new("Payment")?
///     .with("id", "x1")?
///     .with("description", r#"a "small" coffee"#)?;
/// assert_eq!(challenge.to_string(), r#"Payment id="x1", description="a \"small\" coffee""#);
///
/// let refused = challenge.with("realm", "api\r\nSet-Cookie: a=b").unwrap_err();
/// assert_eq!(refused.position(), 3);
/// # Ok::<(), coinslot_auth_header::WriteError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Challenge<'a> {
    scheme: Scheme<'a>,
    content: Content<'a>,
}

impl<'a> Challenge<'a> {
    /// A challenge that is its scheme alone.
    ///
    /// # Errors
    ///
    /// [`WriteErrorKind::Scheme`](crate::WriteErrorKind::Scheme) when the scheme is no token.
    pub fn new(scheme: &'a str) -> Result<Self, WriteError> {
        Ok(Self::of(Scheme::new(scheme)?, Content::EMPTY))
    }

    pub(crate) const fn of(scheme: Scheme<'a>, content: Content<'a>) -> Self {
        Self { scheme, content }
    }

    pub(crate) const fn content(&mut self) -> &mut Content<'a> {
        &mut self.content
    }

    /// The challenge with one more parameter, at the end.
    ///
    /// # Errors
    ///
    /// A name that is no token or already there, a value with control characters or beyond ASCII, one parameter too many, and a
    /// parameter beside a token68 are refused.
    pub fn with(self, name: &'a str, value: impl Into<Cow<'a, str>>) -> Result<Self, WriteError> {
        let content = self.content.with(name, value.into())?;
        Ok(Self { content, ..self })
    }

    /// The challenge with a token68 for all that follows its scheme.
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

impl fmt::Display for Challenge<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.content.write(self.scheme, f)
    }
}

impl fmt::Debug for Challenge<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Challenge({self})")
    }
}
