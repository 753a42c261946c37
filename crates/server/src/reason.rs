//! Why a request was refused: a code for programs and a sentence for people.

use std::borrow::Cow;

/// A refusal's reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reason {
    /// The protocol's reason code.
    pub(crate) code: Cow<'static, str>,
    /// What happened and what to do, in a sentence.
    pub(crate) sentence: Cow<'static, str>,
}

impl Reason {
    pub(crate) fn new(
        code: impl Into<Cow<'static, str>>,
        sentence: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            code: code.into(),
            sentence: sentence.into(),
        }
    }

    /// The payment bought something already.
    pub(crate) const ALREADY_USED: Self = Self {
        code: Cow::Borrowed("duplicate_payment"),
        sentence: Cow::Borrowed(
            "This payment is already used: one payment buys one answer. Pay again for another.",
        ),
    };
}
