//! Bytes as hexadecimal digits: read in either case, written in lower case.

use alloc::string::String;
use core::fmt;

use serde::de::{Deserializer, Error, Visitor};
use serde::ser::Serializer;

pub(super) fn to_text(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 0x0f])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

/// The bytes that these digits stand for, if they are `N`.
pub(super) fn from_text<const N: usize>(text: &str) -> Option<[u8; N]> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let mut bytes = [0; N];
    if pairs.len() != N || !rest.is_empty() {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(pairs) {
        *byte = pair.iter().try_fold(0_u8, |value, digit| {
            let digit = char::from(*digit).to_digit(16)?;
            value.checked_shl(4)?.checked_add(u8::try_from(digit).ok()?)
        })?;
    }
    Some(bytes)
}

/// For `#[serde(with)]`.
pub(super) fn serialize<S: Serializer, const N: usize>(
    bytes: &[u8; N],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&to_text(bytes))
}

/// For `#[serde(with)]`.
pub(super) fn deserialize<'de, D: Deserializer<'de>, const N: usize>(
    deserializer: D,
) -> Result<[u8; N], D::Error> {
    deserializer.deserialize_str(Digits)
}

struct Digits<const N: usize>;

impl<const N: usize> Visitor<'_> for Digits<N> {
    type Value = [u8; N];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{N} bytes as hexadecimal digits")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<[u8; N], E> {
        let wrong = || E::custom(format_args!("not {N} bytes as hexadecimal digits"));
        from_text(text).ok_or_else(wrong)
    }
}

/// Optional members. For `#[serde(with)]`, together with `#[serde(default)]`.
pub(super) mod option {
    use serde::Deserialize;
    use serde::de::Deserializer;

    pub(in crate::stellar) fn deserialize<'de, D: Deserializer<'de>, const N: usize>(
        deserializer: D,
    ) -> Result<Option<[u8; N]>, D::Error> {
        struct Bytes<const N: usize>([u8; N]);

        impl<'de, const N: usize> Deserialize<'de> for Bytes<N> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                super::deserialize(deserializer).map(Self)
            }
        }

        Option::<Bytes<N>>::deserialize(deserializer).map(|bytes| bytes.map(|Bytes(bytes)| bytes))
    }
}
