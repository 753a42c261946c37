//! What we answer, and by which rule when it is not what the reference answers.

use std::fmt;

use serde_json::Value;

use crate::case::Case;

/// The rules of `tests/vectors/decisions.md`, which says why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    MoneyGrammar,
    MoneyPrecision,
    MoneyZero,
    MoneyRange,
    MoneyExact,
    DecimalsRange,
    BaseUnitsGrammar,
    Checksum,
    NotAParty,
    VersionOne,
    HeaderIsMessage,
    StrictBase64,
    NullIsAbsent,
    AmountIsBaseUnits,
    SecretLength,
    ChallengeExpires,
    ChallengeId,
    Base64Url,
    HeaderText,
    ParameterCase,
    QuotedIsOpaque,
    CredentialMembers,
    OneCredential,
    HexLowerCase,
    ReceiptExtensions,
    DigestForm,
    ProblemDetail,
    OutageIsNotRefusal,
    CommitmentExact,
    SignatureStrict,
}

impl Rule {
    const ALL: [Self; 30] = [
        Self::MoneyGrammar,
        Self::MoneyPrecision,
        Self::MoneyZero,
        Self::MoneyRange,
        Self::MoneyExact,
        Self::DecimalsRange,
        Self::BaseUnitsGrammar,
        Self::Checksum,
        Self::NotAParty,
        Self::VersionOne,
        Self::HeaderIsMessage,
        Self::StrictBase64,
        Self::NullIsAbsent,
        Self::AmountIsBaseUnits,
        Self::SecretLength,
        Self::ChallengeExpires,
        Self::ChallengeId,
        Self::Base64Url,
        Self::HeaderText,
        Self::ParameterCase,
        Self::QuotedIsOpaque,
        Self::CredentialMembers,
        Self::OneCredential,
        Self::HexLowerCase,
        Self::ReceiptExtensions,
        Self::DigestForm,
        Self::ProblemDetail,
        Self::OutageIsNotRefusal,
        Self::CommitmentExact,
        Self::SignatureStrict,
    ];

    /// The heading in `decisions.md`.
    fn name(self) -> &'static str {
        match self {
            Self::MoneyGrammar => "money-grammar",
            Self::MoneyPrecision => "money-precision",
            Self::MoneyZero => "money-zero",
            Self::MoneyRange => "money-range",
            Self::MoneyExact => "money-exact",
            Self::DecimalsRange => "decimals-range",
            Self::BaseUnitsGrammar => "base-units-grammar",
            Self::Checksum => "checksum",
            Self::NotAParty => "not-a-party",
            Self::VersionOne => "version-one",
            Self::HeaderIsMessage => "header-is-message",
            Self::StrictBase64 => "strict-base64",
            Self::NullIsAbsent => "null-is-absent",
            Self::AmountIsBaseUnits => "amount-is-base-units",
            Self::SecretLength => "secret-length",
            Self::ChallengeExpires => "challenge-expires",
            Self::ChallengeId => "challenge-id",
            Self::Base64Url => "base64url",
            Self::HeaderText => "header-text",
            Self::ParameterCase => "parameter-case",
            Self::QuotedIsOpaque => "quoted-is-opaque",
            Self::CredentialMembers => "credential-members",
            Self::OneCredential => "one-credential",
            Self::HexLowerCase => "hex-lower-case",
            Self::ReceiptExtensions => "receipt-extensions",
            Self::DigestForm => "digest-form",
            Self::ProblemDetail => "problem-detail",
            Self::OutageIsNotRefusal => "outage-is-not-refusal",
            Self::CommitmentExact => "commitment-exact",
            Self::SignatureStrict => "signature-strict",
        }
    }
}

/// Rules that `decisions.md` does not explain.
pub(crate) fn undocumented() -> Vec<String> {
    let document = include_str!("../../vectors/decisions.md");
    Rule::ALL
        .iter()
        .filter(|rule| {
            !document
                .lines()
                .any(|line| line.strip_prefix("## ") == Some(rule.name()))
        })
        .map(|rule| format!("decisions.md has no heading `{}`", rule.name()))
        .collect()
}

/// What a rule asks of us.
#[derive(Debug)]
pub(crate) enum Ruling {
    Refuse(Rule),
    Give(Rule, Value),
}

/// What our crates made of a case, and the rule that stands over it, if any.
#[derive(Debug)]
pub(crate) struct Answer {
    ours: Result<Value, String>,
    ruling: Option<Ruling>,
}

/// How a case ended well.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Outcome {
    Passed,
    Refused,
    DecidedOtherwise,
}

impl Answer {
    /// Our result; a refusal carries our own sentence.
    pub(crate) fn new<E: fmt::Display>(ours: Result<Value, E>) -> Self {
        Self {
            ours: ours.map_err(|error| error.to_string()),
            ruling: None,
        }
    }

    /// Puts the case under a rule, which then decides instead of the reference.
    pub(crate) fn under(self, ruling: Option<Ruling>) -> Self {
        Self { ruling, ..self }
    }

    /// Compares with the rule if there is one, with the reference if not.
    pub(crate) fn judge(self, case: &Case) -> Result<Outcome, String> {
        let wanted = match &self.ruling {
            None => case.reference.as_ref(),
            Some(Ruling::Refuse(_)) => None,
            Some(Ruling::Give(_, value)) => Some(value),
        };
        let by = self.ruling.as_ref().map_or("the reference", Ruling::name);
        match (wanted, &self.ours) {
            (Some(wanted), Ok(ours)) if wanted == ours => Ok(()),
            (None, Err(_)) => Ok(()),
            (Some(wanted), Ok(ours)) => Err(format!("by {by} it is {wanted}, we give {ours}")),
            (Some(wanted), Err(refusal)) => {
                Err(format!("by {by} it is {wanted}, we refuse: {refusal}"))
            }
            (None, Ok(ours)) => Err(format!("refused by {by}, we give {ours}")),
        }?;
        Ok(match (&case.reference, &self.ours) {
            (None, Err(_)) => Outcome::Refused,
            (Some(reference), Ok(ours)) if reference == ours => Outcome::Passed,
            _ => Outcome::DecidedOtherwise,
        })
    }
}

impl Ruling {
    fn name(&self) -> &'static str {
        match self {
            Self::Refuse(rule) | Self::Give(rule, _) => rule.name(),
        }
    }
}

/// How many cases of a family ended how.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    passed: u32,
    refused: u32,
    otherwise: u32,
}

impl Tally {
    pub(crate) fn count(&mut self, outcome: Outcome) {
        let counter = match outcome {
            Outcome::Passed => &mut self.passed,
            Outcome::Refused => &mut self.refused,
            Outcome::DecidedOtherwise => &mut self.otherwise,
        };
        *counter = counter.saturating_add(1);
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} passed, {} refused, {} decided otherwise",
            self.passed, self.refused, self.otherwise
        )
    }
}
