//! What can go wrong between us and a facilitator.

use std::fmt;

type Source = Box<dyn std::error::Error + Send + Sync>;

/// A facilitator did not answer, or not with an answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FacilitatorError {
    /// It could not do anything: the payment was certainly not broadcast by this call.
    #[error("the facilitator is unavailable")]
    Unavailable {
        /// The HTTP status that it answered, if it answered.
        status: Option<u16>,
        /// When to try again, if it said.
        retry_after_seconds: Option<u32>,
        /// What the transport or the engine said.
        #[source]
        source: Option<Source>,
    },
    /// It may have broadcast the payment, and its answer was lost or cannot be used: the payment
    /// is pending.
    #[error("the facilitator's answer to a settlement was lost; the payment is pending")]
    OutcomeUnknown {
        /// The HTTP status that it answered, if it answered.
        status: Option<u16>,
        /// What the transport or the engine said.
        #[source]
        source: Option<Source>,
    },
    /// It refused our key: the configuration is wrong. Nothing was broadcast.
    #[error(
        "the facilitator refused the API key with status {status}; check the key and the facilitator's address"
    )]
    Unauthorized {
        /// 401 or 403.
        status: u16,
    },
    /// Its answer to `verify` or `supported` cannot be used.
    #[error("the facilitator's answer is malformed: {0}")]
    Malformed(MalformedAnswer),
}

impl FacilitatorError {
    /// Unavailable because of `source`.
    #[must_use]
    pub fn unavailable(source: impl Into<Source>) -> Self {
        Self::Unavailable {
            status: None,
            retry_after_seconds: None,
            source: Some(source.into()),
        }
    }

    /// A lost outcome because of `source`.
    #[must_use]
    pub fn outcome_unknown(source: impl Into<Source>) -> Self {
        Self::OutcomeUnknown {
            status: None,
            source: Some(source.into()),
        }
    }

    /// The same error once more, for the next of those who asked at once.
    #[cfg(feature = "http")]
    pub(crate) fn again(&self) -> Self {
        let copy =
            |source: &Option<Source>| source.as_ref().map(|source| source.to_string().into());
        match self {
            Self::Unavailable {
                status,
                retry_after_seconds,
                source,
            } => Self::Unavailable {
                status: *status,
                retry_after_seconds: *retry_after_seconds,
                source: copy(source),
            },
            Self::OutcomeUnknown { status, source } => Self::OutcomeUnknown {
                status: *status,
                source: copy(source),
            },
            Self::Unauthorized { status } => Self::Unauthorized { status: *status },
            Self::Malformed(what) => Self::Malformed(*what),
        }
    }

    /// Whether the payment may have been broadcast, so that it is pending: nobody may ask its
    /// payer for another.
    #[must_use]
    pub const fn may_have_settled(&self) -> bool {
        matches!(self, Self::OutcomeUnknown { .. })
    }

    /// When to try again, if the facilitator said.
    #[must_use]
    pub const fn retry_after_seconds(&self) -> Option<u32> {
        match self {
            Self::Unavailable {
                retry_after_seconds,
                ..
            } => *retry_after_seconds,
            _ => None,
        }
    }
}

/// What is wrong with a facilitator's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MalformedAnswer {
    /// Longer than we read.
    TooLong {
        /// The most bytes that are read.
        limit: usize,
    },
    /// Not the message that belongs here.
    Body {
        /// The HTTP status that came with it.
        status: u16,
    },
    /// A redirect; they are not followed, so that the API key stays where it belongs.
    Redirect {
        /// The HTTP status.
        status: u16,
    },
    /// A settlement of another network than the payment's.
    Network,
    /// A settlement of another amount than the payment's.
    Amount,
    /// A settlement that names no transaction.
    NoTransaction,
    /// A failure that its facilitator may report of a payment that moves after all.
    Doubtful,
}

impl fmt::Display for MalformedAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { limit } => write!(f, "it is longer than {limit} bytes"),
            Self::Body { status } => write!(f, "the body of status {status} is no x402 message"),
            Self::Redirect { status } => {
                write!(
                    f,
                    "status {status} redirects, and redirects are not followed; configure the final address"
                )
            }
            Self::Network => f.write_str("it speaks of another network than the payment's"),
            Self::Amount => f.write_str("it speaks of another amount than the payment's"),
            Self::NoTransaction => f.write_str("it reports a settlement and names no transaction"),
            Self::Doubtful => {
                f.write_str("it reports a failure without saying what became of the payment")
            }
        }
    }
}

impl std::error::Error for MalformedAnswer {}
