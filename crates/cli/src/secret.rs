//! Secrets as they were given.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

/// A secret as it was given, which is shown nowhere. It is read when the command runs, so that no message about a flag repeats it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct SecretText(String);

impl SecretText {
    /// The secret.
    pub(crate) fn expose(&self) -> &str {
        self.0.trim()
    }
}

impl FromStr for SecretText {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}
