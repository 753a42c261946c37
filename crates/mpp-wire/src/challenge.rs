//! `Challenge`: what a server asks for in a 402 (core draft, "Challenge"), in the header `WWW-Authenticate`.
//!
//! ```text
//! challenge  = "Payment" 1*SP auth-params
//! auth-param = token BWS "=" BWS ( token / quoted-string )
//! ```
//!
//! Example:
//!
//! ```text
//! Payment id="Ab1jCKhV_SgOaLRR5uf2T52GKbuANqXMGYm5huB57Ro", realm="api.example.com", method="stellar", intent="charge",
//!     request="eyJhbW91bnQiOiIxMDAwMCJ9", expires="2026-01-06T12:00:00Z"
//! ```
//!
//! A challenge that was received is somebody's claim. That its id was made here is known only of a [`BoundChallenge`](crate::BoundChallenge).
//!
//! # Errors
//!
//! [`HeaderError`] for whatever RFC 9110 does not derive, for parameters that are missing, empty or wrong, and for text that a header
//! cannot carry. Parameters that the draft does not name are skipped.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use coinslot_auth_header as auth;
use serde::Serialize;

use crate::binding::Slots;
use crate::body_digest::BodyDigest;
use crate::encoded_request::EncodedRequest;
use crate::header_error::{HeaderError, HeaderErrorKind};
use crate::limits::MAX_TEXT_BYTES;
use crate::names::{IntentName, MethodName};
use crate::opaque::Opaque;
use crate::timestamp::Timestamp;

mod echo;

pub(crate) use echo::Echo;

/// A challenge as received or to be sent. Nothing is proved about it.
///
/// ```
/// use coinslot_mpp_wire::Challenge;
/// let header = r#"Payment id="x1", realm="api.example.com", method="stellar", intent="charge", request="eyJhbW91bnQiOiIxMDAwMCJ9""#;
/// let challenge = Challenge::from_header(header)?;
/// assert_eq!(challenge.realm(), "api.example.com");
/// assert_eq!(challenge.to_header(), header);
/// # Ok::<(), coinslot_mpp_wire::HeaderError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub struct Challenge {
    pub(crate) id: String,
    pub(crate) realm: String,
    pub(crate) method: MethodName,
    pub(crate) intent: IntentName,
    pub(crate) request: EncodedRequest,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) digest: Option<BodyDigest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expires: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) opaque: Option<Opaque>,
}

impl Challenge {
    /// A challenge of which nothing but what is required is there.
    ///
    /// A server that binds ids to what they are for mints its challenges with an [`Issuer`](crate::Issuer) instead.
    ///
    /// # Errors
    ///
    /// [`HeaderError`] for an empty id, and for an id or realm that a header cannot carry.
    pub fn new(
        id: impl Into<String>,
        realm: impl Into<String>,
        method: MethodName,
        intent: IntentName,
        request: EncodedRequest,
    ) -> Result<Self, HeaderError> {
        let id = text("id", id.into())?;
        if id.is_empty() {
            return Err(HeaderError::value("id", 0, &"an id is not empty"));
        }
        Ok(Self {
            id,
            realm: text("realm", realm.into())?,
            method,
            intent,
            request,
            description: None,
            digest: None,
            expires: None,
            opaque: None,
        })
    }

    /// The same with a sentence that says what is paid for. It is shown to people and binds nobody.
    ///
    /// # Errors
    ///
    /// [`HeaderError`] for text that a header cannot carry: control characters, and characters beyond ASCII.
    pub fn with_description(self, description: impl Into<String>) -> Result<Self, HeaderError> {
        let description = Some(text("description", description.into())?);
        Ok(Self {
            description,
            ..self
        })
    }

    /// The same with the digest of the request's body.
    #[must_use]
    pub fn with_digest(self, digest: BodyDigest) -> Self {
        let digest = Some(digest);
        Self { digest, ..self }
    }

    /// The same with the point in time from which it is not accepted.
    #[must_use]
    pub fn with_expires(self, expires: Timestamp) -> Self {
        let expires = Some(expires);
        Self { expires, ..self }
    }

    /// The same with what the server wants to get back.
    #[must_use]
    pub fn with_opaque(self, opaque: Opaque) -> Self {
        let opaque = Some(opaque);
        Self { opaque, ..self }
    }

    /// The first challenge of the scheme `Payment` in the value of a `WWW-Authenticate` header.
    ///
    /// # Errors
    ///
    /// [`HeaderError`] when there is none, and for whatever is malformed, in other schemes too.
    pub fn from_header<V: AsRef<[u8]> + ?Sized>(value: &V) -> Result<Self, HeaderError> {
        let challenges = auth::Challenges::parse(value)?;
        let first = challenges.of(SCHEME).next();
        read(first.ok_or(HeaderError::new(HeaderErrorKind::Absent, 0))?)
    }

    /// All challenges of the scheme `Payment` in the values of all `WWW-Authenticate` headers, in their order.
    ///
    /// # Errors
    ///
    /// [`HeaderError`] when there is none, and when any of them is malformed.
    pub fn from_headers<'a, V: AsRef<[u8]> + ?Sized + 'a>(
        values: impl IntoIterator<Item = &'a V>,
    ) -> Result<Vec<Self>, HeaderError> {
        let challenges = auth::Challenges::parse_lines(values)?;
        let all: Vec<Self> = challenges.of(SCHEME).map(read).collect::<Result<_, _>>()?;
        if all.is_empty() {
            return Err(HeaderError::new(HeaderErrorKind::Absent, 0));
        }
        Ok(all)
    }

    /// The value of a `WWW-Authenticate` header.
    #[must_use]
    pub fn to_header(&self) -> String {
        let mut header = String::from(SCHEME);
        push_parameter(" id", &self.id, &mut header);
        push_parameter(", realm", &self.realm, &mut header);
        push_parameter(", method", self.method.as_str(), &mut header);
        push_parameter(", intent", self.intent.as_str(), &mut header);
        push_parameter(", request", self.request.as_str(), &mut header);
        for (name, value) in [
            (", description", self.description()),
            (", digest", self.digest.as_ref().map(BodyDigest::as_str)),
            (", expires", self.expires.as_ref().map(Timestamp::as_str)),
            (", opaque", self.opaque.as_ref().map(Opaque::as_str)),
        ] {
            if let Some(value) = value {
                push_parameter(name, value, &mut header);
            }
        }
        header
    }

    /// Which challenge it is. Not empty.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What it protects, a name that the server gives itself.
    #[must_use]
    pub fn realm(&self) -> &str {
        &self.realm
    }

    /// How to pay.
    #[must_use]
    pub const fn method(&self) -> &MethodName {
        &self.method
    }

    /// What kind of payment it asks for.
    #[must_use]
    pub const fn intent(&self) -> &IntentName {
        &self.intent
    }

    /// What the method needs to know.
    #[must_use]
    pub const fn request(&self) -> &EncodedRequest {
        &self.request
    }

    /// What is paid for, for people to read. Not to be relied on.
    #[must_use]
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    /// The digest of the request's body.
    #[must_use]
    pub const fn digest(&self) -> Option<&BodyDigest> {
        self.digest.as_ref()
    }

    /// From when on it is not accepted.
    #[must_use]
    pub const fn expires(&self) -> Option<&Timestamp> {
        self.expires.as_ref()
    }

    /// What the server wants to get back.
    #[must_use]
    pub const fn opaque(&self) -> Option<&Opaque> {
        self.opaque.as_ref()
    }

    /// What a bound id is made of.
    #[must_use]
    pub fn slots(&self) -> Slots<'_> {
        Slots {
            realm: &self.realm,
            method: self.method.as_str(),
            intent: self.intent.as_str(),
            request: self.request.as_str(),
            expires: self.expires.as_ref().map_or("", Timestamp::as_str),
            digest: self.digest.as_ref().map_or("", BodyDigest::as_str),
            opaque: self.opaque.as_ref().map_or("", Opaque::as_str),
        }
    }
}

impl fmt::Debug for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Challenge")
            .field("id", &self.id)
            .field("realm", &self.realm)
            .field("method", &self.method)
            .field("intent", &self.intent)
            .field("request", &self.request)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

fn read(challenge: &auth::Challenge<'_>) -> Result<Challenge, HeaderError> {
    let mut echo = Echo::default();
    for (name, value) in challenge.parameters() {
        // The lexer has seen to it that no name occurs twice.
        if let Some(field) = echo.field(name) {
            *field = Some(value.into());
        }
    }
    echo.into_challenge()
}

/// Text that a quoted string can hold, within bounds.
pub(crate) fn text(field: &'static str, text: String) -> Result<String, HeaderError> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(HeaderError::of(
            field,
            HeaderErrorKind::TooLong,
            MAX_TEXT_BYTES,
        ));
    }
    let allowed = |byte: u8| matches!(byte, b'\t' | b' '..=b'~');
    match text.bytes().position(|byte| !allowed(byte)) {
        Some(position) => Err(HeaderError::value(field, position, &NOT_HEADER_TEXT)),
        None => Ok(text),
    }
}

/// Writes a parameter; what separates it from what is before it comes with its name.
pub(crate) fn push_parameter(separated_name: &str, value: &str, header: &mut String) {
    header.push_str(separated_name);
    header.push_str("=\"");
    let mut written = 0;
    for (position, _) in value.match_indices(['"', '\\']) {
        header.push_str(value.get(written..position).unwrap_or_default());
        header.push('\\');
        written = position;
    }
    header.push_str(value.get(written..).unwrap_or_default());
    header.push('"');
}

/// The name of the authentication scheme.
pub const SCHEME: &str = "Payment";

const NOT_HEADER_TEXT: &str =
    "a header carries ASCII without control characters; put other text into the request";
