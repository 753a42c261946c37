//! `Authorization: Payment`: a payment.

use coinslot_caip2_network::ChainId;
use coinslot_mpp_wire::{Credential, DidPkh};
use serde::Serialize;

use super::challenge::ExplainedChallenge;
use super::payload::ExplainedPayload;
use super::request::{ExplainedCharge, ExplainedRequest};
use crate::inspect::sheet::Sheet;

/// A payment.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExplainedCredential {
    /// The challenge that it answers, sent back.
    challenge: ExplainedChallenge,
    /// Who says that it pays.
    source: Option<String>,
    payload: ExplainedPayload,
    /// What is wrong with it.
    problems: Vec<String>,
}

impl ExplainedCredential {
    pub(crate) fn new(credential: &Credential, now: u64) -> Self {
        let challenge = ExplainedChallenge::new(&credential.challenge, now);
        let did = credential.source.as_deref().map(str::parse::<DidPkh>);
        let account = did.as_ref().and_then(|did| did.as_ref().ok());
        let (payload, mut problems) =
            ExplainedPayload::new(credential, &challenge.request, account.map(DidPkh::account));
        if let ExplainedRequest::Charge(charge) = &challenge.request {
            match &did {
                Some(Err(error)) => problems.push(format!("its source is no DID: {error}")),
                Some(Ok(did)) => problems.extend(contradictions(did, charge, &payload)),
                None => {}
            }
        }
        Self {
            challenge,
            source: credential.source.clone(),
            payload,
            problems,
        }
    }

    pub(crate) fn write(&self, sheet: &mut Sheet) {
        sheet.say("A payment (Authorization: Payment)");
        sheet.quote("source", self.source.as_deref());
        sheet.block("for the challenge", |sheet| self.challenge.write(sheet));
        self.payload.write(sheet);
        for problem in &self.problems {
            sheet.line("PROBLEM", problem);
        }
    }
}

/// Where who says that it pays is not who pays.
fn contradictions(
    source: &DidPkh,
    charge: &ExplainedCharge,
    payload: &ExplainedPayload,
) -> Vec<String> {
    let mut problems = Vec::new();
    let chain: &ChainId = source.chain();
    if charge
        .network
        .as_ref()
        .is_some_and(|network| *network != chain.to_string())
    {
        problems.push("its source is on another network than the challenge's".to_owned());
    }
    if payload
        .payer()
        .is_some_and(|payer| payer != source.account())
    {
        problems.push("its source is not who pays".to_owned());
    }
    problems
}
