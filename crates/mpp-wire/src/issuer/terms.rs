//! What a server asks for on one route.

use alloc::string::String;

use crate::binding::{BindingErrorKind, Slots};
use crate::challenge::{Challenge, push_parameter, text};
use crate::encoded_request::EncodedRequest;
use crate::header_error::HeaderError;
use crate::names::{IntentName, MethodName};

/// What a server asks for on one route, the same in every challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    pub(super) realm: String,
    pub(super) method: MethodName,
    pub(super) intent: IntentName,
    pub(super) request: EncodedRequest,
    pub(super) description: Option<String>,
}

impl Terms {
    /// Terms without a description.
    ///
    /// There is no default realm: a challenge of one server must not be good at another that has the same secret.
    ///
    /// # Errors
    ///
    /// [`HeaderError`] for a realm that is empty, or that a header cannot carry.
    pub fn new(
        realm: impl Into<String>,
        method: MethodName,
        intent: IntentName,
        request: EncodedRequest,
    ) -> Result<Self, HeaderError> {
        let realm = text("realm", realm.into())?;
        if realm.is_empty() {
            return Err(HeaderError::value("realm", 0, &"a realm is not empty"));
        }
        Ok(Self {
            realm,
            method,
            intent,
            request,
            description: None,
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

    /// The name that the server gives itself.
    #[must_use]
    pub fn realm(&self) -> &str {
        &self.realm
    }

    /// How to pay.
    #[must_use]
    pub const fn method(&self) -> &MethodName {
        &self.method
    }

    /// What kind of payment is asked for.
    #[must_use]
    pub const fn intent(&self) -> &IntentName {
        &self.intent
    }

    /// What the method needs to know.
    #[must_use]
    pub const fn request(&self) -> &EncodedRequest {
        &self.request
    }

    pub(super) fn slots(&self) -> Slots<'_> {
        Slots {
            realm: &self.realm,
            method: self.method.as_str(),
            intent: self.intent.as_str(),
            request: self.request.as_str(),
            expires: "",
            digest: "",
            opaque: "",
        }
    }

    /// The parameters of every challenge but its id, as written.
    pub(super) fn parameters(&self) -> String {
        let mut parameters = String::new();
        push_parameter(", realm", &self.realm, &mut parameters);
        push_parameter(", method", self.method.as_str(), &mut parameters);
        push_parameter(", intent", self.intent.as_str(), &mut parameters);
        push_parameter(", request", self.request.as_str(), &mut parameters);
        if let Some(description) = &self.description {
            push_parameter(", description", description, &mut parameters);
        }
        parameters
    }

    /// In what a challenge differs, if it does. What is described differently is the same.
    pub(super) fn difference(&self, challenge: &Challenge) -> Option<BindingErrorKind> {
        if challenge.realm() != self.realm {
            Some(BindingErrorKind::OtherRealm)
        } else if (challenge.method(), challenge.intent()) != (&self.method, &self.intent) {
            Some(BindingErrorKind::OtherMethod)
        } else if challenge.request() != &self.request {
            Some(BindingErrorKind::OtherRequest)
        } else {
            None
        }
    }
}
