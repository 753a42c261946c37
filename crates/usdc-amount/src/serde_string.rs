//! serde: [`BaseUnits`] as a string of digits, the form that x402 and MPP have on the wire.
//!
//! Numbers, arrays, hexadecimal and leading zeros are refused. Name the module on the field:
//!
//! ```
//! use coinslot_usdc_amount::BaseUnits;
//!
//! #[derive(serde::Serialize, serde::Deserialize)]
//! struct Bill {
//!     #[serde(with = "coinslot_usdc_amount::serde_string")]
//!     amount: BaseUnits,
//! }
//! let bill: Bill = serde_json::from_str(r#"{"amount":"10000"}"#)?;
//! assert_eq!(bill.amount, BaseUnits::from_u64(10_000));
//! assert!(serde_json::from_str::<Bill>(r#"{"amount":10000}"#).is_err());
//! # Ok::<(), serde_json::Error>(())
//! ```

use core::fmt;

use serde::de::{Deserializer, Error, Visitor};
use serde::ser::Serializer;

use crate::BaseUnits;

/// Writes the digits.
///
/// # Errors
///
/// Those of the serializer.
pub fn serialize<S: Serializer>(amount: &BaseUnits, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(amount)
}

/// Reads the digits.
///
/// # Errors
///
/// Whatever is not a string, or not a string of digits as [`BaseUnits`] reads it.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BaseUnits, D::Error> {
    deserializer.deserialize_str(Digits)
}

struct Digits;

impl Visitor<'_> for Digits {
    type Value = BaseUnits;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an amount in base units as a string of digits")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<BaseUnits, E> {
        text.parse().map_err(E::custom)
    }
}

/// The same for a field that may be absent or null; use it together with `#[serde(default)]`.
pub mod option {
    use serde::de::{Deserialize, Deserializer};
    use serde::ser::Serializer;

    use crate::BaseUnits;

    /// Writes the digits, or null.
    ///
    /// # Errors
    ///
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(
        amount: &Option<BaseUnits>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match amount {
            Some(amount) => super::serialize(amount, serializer),
            None => serializer.serialize_none(),
        }
    }

    /// Reads the digits, or null.
    ///
    /// # Errors
    ///
    /// Whatever is neither null nor a string of digits.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<BaseUnits>, D::Error> {
        struct Amount(BaseUnits);

        impl<'de> Deserialize<'de> for Amount {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                super::deserialize(deserializer).map(Self)
            }
        }

        Option::<Amount>::deserialize(deserializer)
            .map(|amount| amount.map(|Amount(amount)| amount))
    }
}
