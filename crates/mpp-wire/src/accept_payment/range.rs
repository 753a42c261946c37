//! One range of an `Accept-Payment` header.

use core::fmt;

use super::{AcceptPaymentError, AcceptPaymentErrorKind, OWS, Quality};
use crate::names::{IntentName, MethodName};

/// Some payment methods with some intents, and how much they are liked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentRange {
    /// The method; `None` is any, `*`.
    pub method: Option<MethodName>,
    /// The intent; `None` is any, `*`.
    pub intent: Option<IntentName>,
    /// How much it is liked.
    pub quality: Quality,
}

impl PaymentRange {
    /// One method with one intent, liked as much as anything.
    #[must_use]
    pub const fn new(method: MethodName, intent: IntentName) -> Self {
        Self {
            method: Some(method),
            intent: Some(intent),
            quality: Quality::ONE,
        }
    }

    /// The same, liked this much.
    #[must_use]
    pub fn with_quality(self, quality: Quality) -> Self {
        Self { quality, ..self }
    }

    /// Whether a method with an intent is in the range.
    #[must_use]
    pub fn matches(&self, method: &MethodName, intent: &IntentName) -> bool {
        self.method.as_ref().is_none_or(|own| own == method)
            && self.intent.as_ref().is_none_or(|own| own == intent)
    }

    pub(super) fn specificity(&self) -> u8 {
        u8::from(self.method.is_some()).saturating_add(u8::from(self.intent.is_some()))
    }

    /// Reads a range that has no whitespace around it.
    pub(super) fn from_text(text: &str) -> Result<Self, AcceptPaymentError> {
        let mut parts = text.split(';');
        let names = parts.next().unwrap_or_default();
        let wrong = AcceptPaymentError::new(AcceptPaymentErrorKind::Range, 0);
        let (method, intent) = names.split_once('/').ok_or(wrong)?;
        let mut start = names.len();
        let mut quality = None;
        for part in parts {
            start = start.saturating_add(1);
            let parameter = part.trim_matches(OWS);
            let value = parameter_q(parameter).map_err(|error| error.at(start))?;
            if value.is_some() && quality.is_some() {
                return Err(AcceptPaymentError::new(
                    AcceptPaymentErrorKind::Parameter,
                    start,
                ));
            }
            quality = value.or(quality);
            start = start.saturating_add(part.len());
        }
        Ok(Self {
            method: name(method, |text| text.parse().ok()).ok_or(wrong)?,
            intent: name(intent, |text| text.parse().ok()).ok_or(wrong)?,
            quality: quality.unwrap_or(Quality::ONE),
        })
    }
}

impl fmt::Display for PaymentRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let method = self.method.as_ref().map_or("*", MethodName::as_str);
        let intent = self.intent.as_ref().map_or("*", IntentName::as_str);
        write!(f, "{method}/{intent}")?;
        if self.quality < Quality::ONE {
            write!(f, ";q={}", self.quality)?;
        }
        Ok(())
    }
}

/// A name, or any for `*`; `None` for what is neither.
#[allow(clippy::option_option, reason = "the outer one is the refusal")]
fn name<T>(text: &str, parse: impl Fn(&str) -> Option<T>) -> Option<Option<T>> {
    match text.trim_matches(OWS) {
        "*" => Some(None),
        name => parse(name).map(Some),
    }
}

/// The weight, if the parameter is one. An empty parameter is none, other names are skipped.
fn parameter_q(parameter: &str) -> Result<Option<Quality>, AcceptPaymentError> {
    if parameter.is_empty() {
        return Ok(None);
    }
    let wrong = AcceptPaymentError::new(AcceptPaymentErrorKind::Parameter, 0);
    let (name, value) = parameter.split_once('=').ok_or(wrong)?;
    let (name, value) = (name.trim_matches(OWS), value.trim_matches(OWS));
    let is_token =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    if !is_token(name) || !is_token(value) {
        return Err(wrong);
    }
    if name.eq_ignore_ascii_case("q") {
        value.parse().map(Some)
    } else {
        Ok(None)
    }
}
