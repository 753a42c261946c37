//! One parameter (RFC 9110 §11.2): `auth-param = token BWS "=" BWS ( token / quoted-string )`, written `name="value"`.

use alloc::borrow::Cow;
use core::fmt::{self, Write as _};
use core::slice;

use crate::grammar::long_run;

/// A name and its value, the value without quotes and escapes.
#[derive(Clone)]
pub(crate) struct Parameter<'a> {
    pub(crate) name: &'a str,
    pub(crate) value: Cow<'a, str>,
}

/// The parameters of a challenge or credential in their order, as name and value.
#[derive(Clone)]
pub struct Parameters<'c, 'a>(pub(crate) slice::Iter<'c, Parameter<'a>>);

impl<'c, 'a> Iterator for Parameters<'c, 'a> {
    type Item = (&'a str, &'c str);

    fn next(&mut self) -> Option<Self::Item> {
        let parameter = self.0.next()?;
        Some((parameter.name, &parameter.value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl ExactSizeIterator for Parameters<'_, '_> {}

impl fmt::Debug for Parameters<'_, '_> {
    /// The names alone: a credential's values are secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.clone().map(|(name, _)| name))
            .finish()
    }
}

impl PartialEq for Parameter<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.name.eq_ignore_ascii_case(other.name) && self.value == other.value
    }
}

impl Eq for Parameter<'_> {}

impl fmt::Display for Parameter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)?;
        f.write_str("=\"")?;
        let mut rest: &str = &self.value;
        while !rest.is_empty() {
            // As far as the next character to escape, and past it.
            let plain = long_run(rest.as_bytes(), is_plain);
            f.write_str(rest.get(..plain).unwrap_or_default())?;
            rest = rest.get(plain..).unwrap_or_default();
            if let Some(escaped) = rest.chars().next() {
                f.write_char('\\')?;
                f.write_char(escaped)?;
                rest = rest.get(1..).unwrap_or_default();
            }
        }
        f.write_char('"')
    }
}

/// Not one of the two characters that are escaped.
const fn is_plain(byte: u8) -> bool {
    (byte != b'"') & (byte != b'\\')
}
