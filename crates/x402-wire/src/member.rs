//! Rules for single members that the messages share.

use alloc::string::String;

use serde::de::{Deserialize, Deserializer, Error};

/// A string that is not empty.
pub(crate) fn not_empty<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() {
        return Err(D::Error::custom("a required string is empty"));
    }
    Ok(text)
}

/// A member that may be absent, but not null. Use it together with `#[serde(default)]`.
pub(crate) fn absent_or_value<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

/// A number of seconds that is a whole number and more than zero.
pub(crate) fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    match u64::deserialize(deserializer)? {
        0 => Err(D::Error::custom("a number of seconds is zero")),
        seconds => Ok(seconds),
    }
}
