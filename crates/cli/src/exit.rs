//! Failures of a run: a sentence that says what to do, and an exit code.

use coinslot_client::{BuyerRefusal, ChannelErrorKind, PaymentError};
use coinslot_mpp_charge_stellar::{PlanError, SignChargeError};

use crate::environment::EnvFileError;

/// Why a command failed.
#[derive(Debug)]
pub(crate) struct Failure {
    kind: Kind,
    sentence: String,
}

/// What sort of failure; each has its exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Unexpected,
    Usage,
    Configuration,
    Policy,
    Refused,
    Unknown,
    Unreachable,
    HttpStatus,
}

impl Failure {
    pub(crate) fn new(kind: Kind, sentence: impl Into<String>) -> Self {
        Self {
            kind,
            sentence: sentence.into(),
        }
    }

    /// A setting that is missing or wrong.
    pub(crate) fn configuration(sentence: impl Into<String>) -> Self {
        Self::new(Kind::Configuration, sentence)
    }

    /// An error of a kind that only its sentence explains.
    pub(crate) fn unexpected(error: &dyn std::error::Error) -> Self {
        Self::new(Kind::Unexpected, sentence_of(error))
    }

    pub(crate) fn runtime(error: &std::io::Error) -> Self {
        Self::new(
            Kind::Unexpected,
            format!("threads cannot be started: {error}"),
        )
    }

    pub(crate) fn encode(error: &serde_json::Error) -> Self {
        Self::new(
            Kind::Unexpected,
            format!("the result cannot be written as JSON: {error}"),
        )
    }

    pub(crate) fn write(error: &std::io::Error) -> Self {
        Self::new(
            Kind::Unexpected,
            format!("the result cannot be written: {error}"),
        )
    }

    /// A payment that was not made, or whose outcome is not what it should be.
    pub(crate) fn payment(error: &PaymentError) -> Self {
        let kind = match error {
            PaymentError::OutcomeUnknown(_) | PaymentError::NotTaken(_) => Kind::Unknown,
            PaymentError::Refused(_) | PaymentError::NothingPaid(_) => Kind::Refused,
            PaymentError::OverCap(_)
            | PaymentError::NoAcceptableOffer(_)
            | PaymentError::NotPayable(_)
            | PaymentError::AddressRefused(_) => Kind::Policy,
            PaymentError::Channel(error) => of_channel(&error.kind),
            PaymentError::SignCharge(error) if is_too_dear(error) => Kind::Policy,
            PaymentError::WrongNetwork { .. } | PaymentError::CannotPay(_) => Kind::Configuration,
            PaymentError::Ledger(_) | PaymentError::Http(_) => Kind::Unreachable,
            _ => Kind::Unexpected,
        };
        Self::new(kind, sentence_of(error))
    }

    /// A request that got no answer.
    pub(crate) fn http(error: &reqwest_middleware::Error) -> Self {
        Self::new(Kind::Unreachable, sentence_of(error))
    }

    /// Whether it is of this kind.
    pub(crate) fn is(&self, kind: Kind) -> bool {
        self.kind == kind
    }

    /// The same, with more to say.
    pub(crate) fn with(&self, more: &str) -> Self {
        Self::new(self.kind, format!("{}{more}", self.sentence))
    }

    /// The name of the kind, for machines.
    pub(crate) fn kind(&self) -> &'static str {
        match self.kind {
            Kind::Unexpected => "unexpected",
            Kind::Usage => "usage",
            Kind::Configuration => "configuration",
            Kind::Policy => "policy",
            Kind::Refused => "refused",
            Kind::Unknown => "outcome-unknown",
            Kind::Unreachable => "unreachable",
            Kind::HttpStatus => "http-status",
        }
    }

    /// The exit code; `coinslot --help` lists them.
    pub(crate) fn code(&self) -> u8 {
        match self.kind {
            Kind::Unexpected => 1,
            Kind::Usage => 2,
            Kind::Configuration => 3,
            Kind::Policy => 4,
            Kind::Refused => 5,
            Kind::Unknown => 6,
            Kind::Unreachable => 7,
            Kind::HttpStatus => 8,
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl From<PaymentError> for Failure {
    fn from(error: PaymentError) -> Self {
        Self::payment(&error)
    }
}

impl From<EnvFileError> for Failure {
    fn from(error: EnvFileError) -> Self {
        Self::configuration(error.to_string())
    }
}

/// What sort of failure it is when a channel does not pay.
fn of_channel(kind: &ChannelErrorKind) -> Kind {
    match kind {
        ChannelErrorKind::Refused(refusal) => match refusal {
            BuyerRefusal::AboveRequestCap { .. }
            | BuyerRefusal::AboveChannelCap { .. }
            | BuyerRefusal::DepositUsedUp { .. } => Kind::Policy,
            BuyerRefusal::PendingElsewhere => Kind::Unknown,
            _ => Kind::Refused,
        },
        ChannelErrorKind::Closed => Kind::Policy,
        ChannelErrorKind::NotAccepted { .. }
        | ChannelErrorKind::Unproved { .. }
        | ChannelErrorKind::Forged { .. }
        | ChannelErrorKind::Unreadable(_)
        | ChannelErrorKind::AnotherChannel(_) => Kind::Refused,
        ChannelErrorKind::NothingToClose | ChannelErrorKind::NotOurs => Kind::Configuration,
        _ => Kind::Unexpected,
    }
}

/// Whether the network's fee is above the payer's own limit.
fn is_too_dear(error: &SignChargeError) -> bool {
    matches!(error, SignChargeError::Plan(PlanError::FeeTooHigh { .. }))
}

/// An error and its causes in one line, without saying anything twice.
pub(crate) fn sentence_of(error: &dyn std::error::Error) -> String {
    let mut sentence = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !sentence.contains(&text) {
            sentence.push_str(": ");
            sentence.push_str(&text);
        }
        cause = error.source();
    }
    sentence
}
