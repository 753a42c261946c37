//! The offer of a 402: `PAYMENT-REQUIRED` (specification §5.1) and the JSON body beside it.
//!
//! All of it but the address and the error is the same for every request, so it is written once,
//! and a 402 costs two joined strings and one base64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use coinslot_x402_wire::PaymentRequirements;

/// The texts that every resource of a gate shares.
#[derive(Clone, Debug, Default)]
pub(crate) struct ResourceTexts {
    pub(crate) description: Option<String>,
    pub(crate) mime_type: Option<String>,
}

/// A `PaymentRequired` message without its address and error.
#[derive(Clone, Debug)]
pub(crate) struct Challenge {
    /// What comes behind the address, from its closing quote on.
    behind_url: String,
}

impl Challenge {
    pub(crate) fn new(texts: &ResourceTexts, accepts: &[PaymentRequirements]) -> Self {
        let mut behind_url = String::from("\"");
        for (name, text) in [
            ("description", &texts.description),
            ("mimeType", &texts.mime_type),
        ] {
            if let Some(text) = text {
                behind_url.push_str(&format!(",\"{name}\":{}", json(text)));
            }
        }
        behind_url.push_str("},\"accepts\":");
        behind_url.push_str(&json(accepts));
        behind_url.push('}');
        Self { behind_url }
    }

    /// The message about `url`, which holds nothing that JSON must escape.
    pub(crate) fn message(&self, error: &str, url: &str) -> Message {
        let error = json(error);
        let length = FRONT.len() + error.len() + MIDDLE.len() + url.len() + self.behind_url.len();
        let mut text = String::with_capacity(length);
        text.push_str(FRONT);
        text.push_str(&error);
        text.push_str(MIDDLE);
        text.push_str(url);
        text.push_str(&self.behind_url);
        Message(text)
    }
}

/// A `PaymentRequired` message as JSON.
pub(crate) struct Message(String);

impl Message {
    /// The value of `PAYMENT-REQUIRED`.
    pub(crate) fn header(&self) -> String {
        STANDARD.encode(&self.0)
    }

    /// The same message as a body, with a sentence for people.
    pub(crate) fn body(&self, sentence: &str) -> String {
        let sentence = json(sentence);
        let mut body = String::with_capacity(self.0.len() + sentence.len() + 12);
        body.push_str("{\"message\":");
        body.push_str(&sentence);
        body.push(',');
        body.push_str(self.0.trim_start_matches('{'));
        body
    }
}

/// Strings and requirements always have a JSON form.
fn json<T: serde::Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned())
}

const FRONT: &str = "{\"x402Version\":2,\"error\":";
const MIDDLE: &str = ",\"resource\":{\"url\":\"";

#[cfg(test)]
mod tests;
