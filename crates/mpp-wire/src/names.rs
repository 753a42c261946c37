//! Payment methods and payment intents by their names (core draft, "Payment Methods" and "Payment Intents").
//!
//! ```text
//! payment-method-id = 1*LOWERALPHA
//! intent            = 1*( ALPHA / DIGIT / "-" )
//! ```
//!
//! Examples: `stellar`, `charge`. Names in use go further than the draft, and so do these: after its first letter a method's name may also
//! have digits, `:`, `_` and `-`; an intent's may have `_`. Neither can hold the `|` that separates what a challenge's id binds.

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use crate::limits::MAX_TEXT_BYTES;
use crate::serde_text::text_form;

/// The name of a payment method, such as `stellar`.
///
/// ```
/// use coinslot_mpp_wire::MethodName;
/// let method: MethodName = "stellar".parse()?;
/// assert_eq!(method, MethodName::stellar());
/// assert_eq!("Stellar".parse::<MethodName>().unwrap_err().position(), 0);
/// # Ok::<(), coinslot_mpp_wire::NameError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MethodName(String);

/// The name of a payment intent, such as `charge`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IntentName(String);

/// Text that is no name of a method or an intent, and the byte at which it stops being one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameError {
    position: usize,
}

impl MethodName {
    /// `stellar`: SEP-41 tokens on Stellar.
    #[must_use]
    pub fn stellar() -> Self {
        Self("stellar".into())
    }

    pub(crate) fn from_text(text: String) -> Result<Self, NameError> {
        let first = |byte: u8| byte.is_ascii_lowercase();
        let next =
            |byte: u8| first(byte) || byte.is_ascii_digit() || matches!(byte, b':' | b'_' | b'-');
        check(&text, first, next)?;
        Ok(Self(text))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl IntentName {
    /// `charge`: one payment, now.
    #[must_use]
    pub fn charge() -> Self {
        Self("charge".into())
    }

    /// `channel`: a voucher of a one-way payment channel.
    #[must_use]
    pub fn channel() -> Self {
        Self("channel".into())
    }

    pub(crate) fn from_text(text: String) -> Result<Self, NameError> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        check(&text, allowed, allowed)?;
        Ok(Self(text))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl NameError {
    /// The byte that is not of a name, counted from 0; the length for a name that ends too early or is too long.
    #[must_use]
    pub const fn position(&self) -> usize {
        self.position
    }
}

impl FromStr for MethodName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        Self::from_text(text.into())
    }
}

impl FromStr for IntentName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        Self::from_text(text.into())
    }
}

text_form!(MethodName, "The name of a payment method, in lower case.");
text_form!(IntentName, "The name of a payment intent.");

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let position = self.position;
        write!(
            f,
            "a name of a payment method or intent is a short word such as stellar or charge: byte {position} is not of one"
        )
    }
}

impl core::error::Error for NameError {}

fn check(
    text: &str,
    first: impl Fn(u8) -> bool,
    next: impl Fn(u8) -> bool,
) -> Result<(), NameError> {
    let wrong = text.bytes().enumerate().position(|(index, byte)| {
        if index == 0 {
            !first(byte)
        } else {
            !next(byte)
        }
    });
    match wrong {
        Some(position) => Err(NameError { position }),
        None if text.is_empty() || text.len() > MAX_TEXT_BYTES => Err(NameError {
            position: text.len(),
        }),
        None => Ok(()),
    }
}
