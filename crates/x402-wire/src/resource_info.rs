//! `ResourceInfo`: what is being paid for (specification v2, §5.1.2).
//!
//! Example: `{"url":"https://api.example.com/weather","description":"Weather","mimeType":"application/json"}`.
//!
//! # Errors
//!
//! An empty `url` is refused; `description` and `mimeType` may be absent, but not null.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::member;

/// The resource that a payment is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ResourceInfo {
    /// The resource's URL. Servers take it from their configuration, never from a request.
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub url: String,
    /// What the resource is, for a person to read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The media type of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
}

impl ResourceInfo {
    /// The resource at this URL.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            description: None,
            mime_type: None,
        }
    }

    /// The same with a description.
    #[must_use]
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// The same with the media type of the answer.
    #[must_use]
    pub fn with_mime_type(mut self, mime_type: impl Into<String>) -> Self {
        self.mime_type = Some(mime_type.into());
        self
    }
}

/// What is accepted.
#[derive(Deserialize)]
#[serde(remote = "ResourceInfo", rename_all = "camelCase")]
struct Received {
    #[serde(deserialize_with = "member::not_empty")]
    url: String,
    #[serde(default, deserialize_with = "member::absent_or_value")]
    description: Option<String>,
    #[serde(default, deserialize_with = "member::absent_or_value")]
    mime_type: Option<String>,
}

coinslot_strict_json::read_as_object!(ResourceInfo, Received);
