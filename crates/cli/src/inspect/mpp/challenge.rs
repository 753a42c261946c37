//! `WWW-Authenticate: Payment`: what a seller asks for.

use std::collections::BTreeMap;

use coinslot_mpp_wire::{BodyDigest, Challenge, EncodedRequest, Opaque};
use serde::Serialize;

use super::request::ExplainedRequest;
use crate::inspect::moment::Moment;
use crate::inspect::sheet::Sheet;

/// All ways to pay that a seller takes.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExplainedChallenges {
    challenges: Vec<ExplainedChallenge>,
}

/// One way to pay.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExplainedChallenge {
    id: String,
    realm: String,
    method: String,
    intent: String,
    pub(crate) request: ExplainedRequest,
    /// Beside the request; shown to people, and binding nobody.
    description: Option<String>,
    expires: Option<Moment>,
    /// Of the request's body, without which it is not accepted.
    digest: Option<String>,
    opaque: Option<ExplainedOpaque>,
    /// What is wrong with it.
    problems: Vec<String>,
}

/// What the seller wants to get back.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum ExplainedOpaque {
    Entries(BTreeMap<String, String>),
    /// Only its maker knows what it holds.
    Text(String),
}

impl ExplainedChallenges {
    pub(crate) fn new(challenges: &[Challenge], now: u64) -> Self {
        let explain = |challenge| ExplainedChallenge::new(challenge, now);
        Self {
            challenges: challenges.iter().map(explain).collect(),
        }
    }

    pub(crate) fn write(&self, sheet: &mut Sheet) {
        sheet.say("A seller asks for a payment (WWW-Authenticate: Payment)");
        for (number, challenge) in (1..).zip(&self.challenges) {
            sheet.block(format_args!("challenge {number}"), |sheet| {
                challenge.write(sheet);
            });
        }
    }
}

impl ExplainedChallenge {
    pub(crate) fn new(challenge: &Challenge, now: u64) -> Self {
        let expires = challenge.expires().map(|expires| Moment::new(expires, now));
        let (request, mut problems) = ExplainedRequest::new(challenge);
        match &expires {
            None => problems.push(NO_EXPIRES.to_owned()),
            Some(moment) if moment.is_over => problems.push(EXPIRED.to_owned()),
            Some(_) => {}
        }
        if !is_canonical(challenge.request()) {
            problems.push(NOT_CANONICAL.to_owned());
        }
        Self {
            id: challenge.id().to_owned(),
            realm: challenge.realm().to_owned(),
            method: challenge.method().as_str().to_owned(),
            intent: challenge.intent().as_str().to_owned(),
            request,
            description: challenge.description().map(str::to_owned),
            expires,
            digest: challenge
                .digest()
                .map(BodyDigest::as_str)
                .map(str::to_owned),
            opaque: challenge.opaque().map(explain_opaque),
            problems,
        }
    }

    pub(crate) fn write(&self, sheet: &mut Sheet) {
        sheet.quote("id", Some(&self.id));
        sheet.quote("realm", Some(&self.realm));
        sheet.line(
            "method and intent",
            format_args!("{} {}", self.method, self.intent),
        );
        sheet.quote("description", self.description.as_deref());
        self.request.write(sheet);
        sheet.maybe("expires", self.expires.as_ref());
        sheet.maybe(
            "only for a request with the body digest",
            self.digest.as_ref(),
        );
        match &self.opaque {
            Some(ExplainedOpaque::Text(text)) => {
                sheet.quote("to be sent back", Some(text));
            }
            Some(ExplainedOpaque::Entries(entries)) => {
                sheet.block("to be sent back (opaque)", |sheet| {
                    for (name, value) in entries {
                        sheet.quote("entry", Some(&format!("{name} = {value}")));
                    }
                });
            }
            None => {}
        }
        for problem in &self.problems {
            sheet.line("PROBLEM", problem);
        }
    }
}

fn explain_opaque(opaque: &Opaque) -> ExplainedOpaque {
    opaque.entries().map_or_else(
        |_| ExplainedOpaque::Text(opaque.as_str().to_owned()),
        ExplainedOpaque::Entries,
    )
}

/// Whether the request is written as RFC 8785 has it, so that everybody who encodes it anew writes the same.
fn is_canonical(request: &EncodedRequest) -> bool {
    let object = request.object().ok();
    object
        .and_then(|object| EncodedRequest::from_object(&object).ok())
        .is_some_and(|canonical| canonical == *request)
}

const NO_EXPIRES: &str =
    "it has no `expires`: nobody can tell when it is over, and strict servers do not take it back";
const EXPIRED: &str = "it has expired; ask for a new one";
const NOT_CANONICAL: &str = "its `request` is not canonical JSON (RFC 8785): who encodes it anew does not find its id again";
