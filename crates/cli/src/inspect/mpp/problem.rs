//! `application/problem+json` (RFC 9457): why a request was refused.

use coinslot_mpp_wire::{Problem, ProblemKind};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::inspect::sheet::Sheet;

/// Why a request was refused.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExplainedProblem {
    #[serde(rename = "type")]
    type_uri: String,
    /// Its code, when it is one of the protocol's.
    code: Option<&'static str>,
    title: Option<String>,
    status: Option<u16>,
    detail: Option<String>,
    challenge_id: Option<String>,
    /// What neither the RFC nor the protocol names.
    extensions: Map<String, Value>,
    /// What to do about it.
    advice: Option<&'static str>,
    problems: Vec<String>,
}

impl ExplainedProblem {
    pub(crate) fn new(problem: Problem) -> Self {
        let kind = problem.kind();
        let other_status = kind
            .zip(problem.status)
            .filter(|(kind, status)| kind.status() != *status)
            .map(|(kind, _)| format!("the protocol has status {} for it", kind.status()));
        let unknown = kind
            .is_none()
            .then(|| "its type is none of the protocol's problems".to_owned());
        Self {
            code: kind.map(ProblemKind::code),
            advice: kind.and_then(advice),
            type_uri: problem.type_uri,
            title: problem.title,
            status: problem.status,
            detail: problem.detail,
            challenge_id: problem.challenge_id,
            extensions: problem.extensions,
            problems: other_status.into_iter().chain(unknown).collect(),
        }
    }

    pub(crate) fn write(&self, sheet: &mut Sheet) {
        sheet.say("A refusal (application/problem+json)");
        sheet.quote("type", Some(&self.type_uri));
        sheet.quote("title", self.title.as_deref());
        sheet.maybe("status", self.status);
        sheet.quote("the seller says", self.detail.as_deref());
        sheet.quote("challenge", self.challenge_id.as_deref());
        for (name, value) in &self.extensions {
            sheet.quote("extension", Some(&format!("{name} = {value}")));
        }
        sheet.maybe("what to do", self.advice);
        for problem in &self.problems {
            sheet.line("PROBLEM", problem);
        }
    }
}

/// What was pushed has been paid, whatever the seller makes of it.
fn advice(kind: ProblemKind) -> Option<&'static str> {
    match kind {
        ProblemKind::PaymentRequired => {
            Some("pay one of the challenges in the answer's WWW-Authenticate headers")
        }
        ProblemKind::PaymentInsufficient => {
            Some("pay what the challenge asks for, to the base unit")
        }
        ProblemKind::PaymentExpired
        | ProblemKind::InvalidChallenge
        | ProblemKind::VerificationFailed
        | ProblemKind::MalformedCredential
        | ProblemKind::InvalidPayload => Some(
            "inspect the credential that was sent, then pay the new challenge that comes with the answer; \
             a transaction that the buyer submitted itself has moved the money already",
        ),
        ProblemKind::SettlementFailed => {
            Some("look at the transaction, if there is one, before paying again")
        }
        ProblemKind::MethodUnsupported => Some("pay by a method that the answer's challenges name"),
        _ => None,
    }
}
