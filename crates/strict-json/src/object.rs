//! JSON objects: those of the messages, and those without a fixed shape (`extra`, `payload`, the entries of `extensions`).
//!
//! A message is an object and nothing else; a derived reader would also take an array of its values. In an object without a fixed
//! shape, a name that occurs twice is refused, at every depth: two readers could otherwise each see another value. Numbers are kept as
//! integers of 64 bits or as doubles, as JavaScript peers do.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Reads an object in which no name occurs twice, at any depth. For `#[serde(deserialize_with)]`.
///
/// # Errors
///
/// Those of the deserializer, and a name that occurs twice.
pub fn object<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Map<String, Value>, D::Error> {
    deserializer.deserialize_map(ObjectVisitor)
}

/// The same for a member that may be null; use it together with `#[serde(default)]`.
///
/// # Errors
///
/// Those of [`object`].
pub fn optional_object<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Map<String, Value>>, D::Error> {
    deserializer.deserialize_option(OptionVisitor)
}

/// A message whose members are read by a private twin of its struct. Implemented by [`read_as_object!`](crate::read_as_object).
pub trait Members<'de>: Sized {
    /// Reads the members.
    ///
    /// # Errors
    ///
    /// Those of the deserializer.
    fn members<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}

/// Reads a message from an object, and from nothing else.
#[derive(Debug)]
pub struct MessageVisitor<T>(PhantomData<T>);

/// Makes a message readable from an object by the rules on the members of its twin, a struct with `#[serde(remote = "…")]`.
#[macro_export]
macro_rules! read_as_object {
    ($message:ty, $twin:ty) => {
        impl<'de> $crate::Members<'de> for $message {
            fn members<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <$twin>::deserialize(deserializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $message {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_map($crate::MessageVisitor::default())
            }
        }
    };
}

impl<T> Default for MessageVisitor<T> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

struct ObjectVisitor;
struct OptionVisitor;
struct ValueVisitor;

impl<'de, T: Members<'de>> Visitor<'de> for MessageVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<T, A::Error> {
        T::members(MapAccessDeserializer::new(members))
    }
}

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = Map<String, Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let value = members.next_value_seed(ValueVisitor)?;
            if object.insert(name, value).is_some() {
                return Err(A::Error::custom("an object names a member twice"));
            }
        }
        Ok(object)
    }
}

impl<'de> Visitor<'de> for OptionVisitor {
    type Value = Option<Map<String, Value>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or null")
    }

    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        object(deserializer).map(Some)
    }
}

impl<'de> DeserializeSeed<'de> for ValueVisitor {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| E::custom("a number is not finite"))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.into()))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(ValueVisitor)? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Value, A::Error> {
        ObjectVisitor.visit_map(members).map(Value::Object)
    }
}
