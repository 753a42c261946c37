//! The parameters of a challenge as they are read, from a header or from the JSON of a credential.

use alloc::string::String;

use coinslot_strict_json::read_as_object;
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

use super::{Challenge, text};
use crate::body_digest::BodyDigest;
use crate::encoded_request::EncodedRequest;
use crate::header_error::{HeaderError, HeaderErrorKind};
use crate::names::{IntentName, MethodName};
use crate::opaque::{Flat, FlatVisitor, Opaque};
use crate::timestamp::Timestamp;

/// What may be there, unchecked.
#[derive(Default, Deserialize)]
#[serde(remote = "Self")]
pub(crate) struct Echo {
    id: Option<String>,
    realm: Option<String>,
    method: Option<String>,
    intent: Option<String>,
    request: Option<String>,
    description: Option<String>,
    digest: Option<String>,
    expires: Option<String>,
    #[serde(default, deserialize_with = "opaque")]
    opaque: Option<String>,
}

impl Echo {
    /// The parameter of a name, which is in any case.
    pub(super) fn field(&mut self, name: &str) -> Option<&mut Option<String>> {
        match name {
            "id" => Some(&mut self.id),
            "realm" => Some(&mut self.realm),
            "method" => Some(&mut self.method),
            "intent" => Some(&mut self.intent),
            "request" => Some(&mut self.request),
            "description" => Some(&mut self.description),
            "digest" => Some(&mut self.digest),
            "expires" => Some(&mut self.expires),
            "opaque" => Some(&mut self.opaque),
            // Nobody writes them so.
            _ if name.bytes().any(|byte| byte.is_ascii_uppercase()) => {
                self.field(&name.to_ascii_lowercase())
            }
            _ => None,
        }
    }

    pub(crate) fn into_challenge(self) -> Result<Challenge, HeaderError> {
        let method = required("method", self.method)?;
        let method = MethodName::from_text(method)
            .map_err(|error| HeaderError::value("method", error.position(), &error))?;
        let intent = required("intent", self.intent)?;
        let intent = IntentName::from_text(intent)
            .map_err(|error| HeaderError::value("intent", error.position(), &error))?;
        let request = EncodedRequest::from_text(required("request", self.request)?)?;
        let id = required("id", self.id)?;
        let challenge =
            Challenge::new(id, required("realm", self.realm)?, method, intent, request)?;
        Ok(Challenge {
            description: self
                .description
                .map(|description| text("description", description))
                .transpose()?,
            digest: self
                .digest
                .map(BodyDigest::from_text)
                .transpose()
                .map_err(|error| HeaderError::value("digest", 0, &error))?,
            expires: self
                .expires
                .map(Timestamp::from_text)
                .transpose()
                .map_err(|error| HeaderError::value("expires", 0, &error))?,
            opaque: self.opaque.map(Opaque::from_text).transpose()?,
            ..challenge
        })
    }
}

read_as_object!(Echo, Echo);

impl<'de> Deserialize<'de> for Challenge {
    /// Reads the form that a credential sends back.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <Echo as Deserialize>::deserialize(deserializer)?
            .into_challenge()
            .map_err(D::Error::custom)
    }
}

fn required(field: &'static str, value: Option<String>) -> Result<String, HeaderError> {
    value.ok_or(HeaderError::of(field, HeaderErrorKind::Missing, 0))
}

/// Text, or the object that it encodes, which old clients send back instead.
fn opaque<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    struct TextOrEntries;

    impl<'de> Visitor<'de> for TextOrEntries {
        type Value = Option<String>;

        fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            f.write_str("a string or a flat object of strings")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
            Ok(Some(text.into()))
        }

        fn visit_string<E: Error>(self, text: String) -> Result<Self::Value, E> {
            Ok(Some(text))
        }

        fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Self::Value, A::Error> {
            let Flat(entries) = FlatVisitor.visit_map(members)?;
            let entries = entries
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()));
            Ok(Some(Opaque::from_entries(entries).into_text()))
        }
    }

    deserializer.deserialize_any(TextOrEntries)
}
