//! The name of a way to authenticate (RFC 9110 §11.1): `auth-scheme = token`, in any case.

use core::fmt;
use core::hash::{Hash, Hasher};

use crate::grammar::{is_tchar, is_whitespace, short_run};
use crate::write_error::{WriteError, WriteErrorKind};

/// A scheme's name. Two names are equal when they differ in ASCII case alone; the case is kept for writing.
///
/// ```
/// use coinslot_auth_header::Scheme;
/// let scheme = Scheme::new("Payment")?;
/// assert_eq!(scheme, "payment");
/// assert_eq!(scheme.as_str(), "Payment");
/// # Ok::<(), coinslot_auth_header::WriteError>(())
/// ```
#[derive(Clone, Copy)]
pub struct Scheme<'a>(&'a str);

impl<'a> Scheme<'a> {
    /// A scheme by its name.
    ///
    /// # Errors
    ///
    /// [`WriteErrorKind::Scheme`] when the name is no token.
    pub fn new(name: &'a str) -> Result<Self, WriteError> {
        WriteError::unless_token(name, WriteErrorKind::Scheme)?;
        Ok(Self(name))
    }

    /// A token that was read.
    pub(crate) const fn of_token(token: &'a str) -> Self {
        Self(token)
    }

    /// The name, in the case it was given in.
    #[must_use]
    pub const fn as_str(self) -> &'a str {
        self.0
    }
}

/// The scheme of a credential, and nothing else of it: enough to let `Bearer …` pass unread.
///
/// It is the scheme that [`Credential::parse`](crate::Credential::parse) would find; `None` when the value does not start with one.
/// What follows is not looked at.
///
/// ```
/// use coinslot_auth_header::scheme_of;
/// assert!(scheme_of("bearer mF_9.B5f-4.1JqM").is_some_and(|scheme| scheme == "Bearer"));
/// assert_eq!(scheme_of("\"Bearer\""), None);
/// ```
#[must_use]
pub fn scheme_of<V: AsRef<[u8]> + ?Sized>(value: &V) -> Option<Scheme<'_>> {
    let value = value.as_ref();
    let start = short_run(value, is_whitespace);
    let (_, value) = value.split_at_checked(start)?;
    let (token, rest) = value.split_at_checked(short_run(value, is_tchar))?;
    let ends = rest.first().is_none_or(|&byte| is_whitespace(byte));
    let token = core::str::from_utf8(token).ok()?;
    (ends && !token.is_empty()).then_some(Scheme(token))
}

impl PartialEq for Scheme<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(other.0)
    }
}

impl Eq for Scheme<'_> {}

impl PartialEq<str> for Scheme<'_> {
    fn eq(&self, other: &str) -> bool {
        self.0.eq_ignore_ascii_case(other)
    }
}

impl PartialEq<&str> for Scheme<'_> {
    fn eq(&self, other: &&str) -> bool {
        self == *other
    }
}

impl Hash for Scheme<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for byte in self.0.bytes() {
            state.write_u8(byte.to_ascii_lowercase());
        }
        state.write_u8(0xff);
    }
}

impl<'a> TryFrom<&'a str> for Scheme<'a> {
    type Error = WriteError;

    fn try_from(name: &'a str) -> Result<Self, Self::Error> {
        Self::new(name)
    }
}

impl fmt::Display for Scheme<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

impl fmt::Debug for Scheme<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scheme({})", self.0)
    }
}
