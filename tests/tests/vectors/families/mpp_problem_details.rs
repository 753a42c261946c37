//! `mpp_problem_details`: the kinds of problems with their words, and what a server answers to what it is sent.

use coinslot_mpp_wire::{
    BoundChallenge, Challenge, ChallengeSecrets, Credential, HeaderErrorKind, IntentName, Issuer,
    MethodName, PROBLEM_JSON, Problem, ProblemKind, Terms, Timestamp,
    stellar::{
        ChannelPayload, ChannelRequest, ChargeDetails, ChargePayload, ChargeRequest, CredentialType,
    },
};
use coinslot_soroban_authorization::Envelope;
use serde_json::{Value, json};

use super::{Kinds, mpp::show};
use crate::{
    case::{Case, text},
    decision::{Answer, Rule, Ruling},
};

pub(super) const KINDS: Kinds = &[
    ("error_mapping", error_mapping),
    ("server_response", server_response),
];

fn error_mapping(case: &Case) -> Result<Answer, String> {
    let (class, options) = (case.text("class")?, &case.input["options"]);
    let option = |name: &str| options[name].as_str();
    let (kind, reason) = match class {
        "PaymentRequiredError" => (ProblemKind::PaymentRequired, option("description")),
        "PaymentExpiredError" => (ProblemKind::PaymentExpired, option("expires")),
        "PaymentMethodUnsupportedError" => (ProblemKind::MethodUnsupported, option("method")),
        _ => {
            let kind = KINDS_BY_REASON.iter().find(|(name, _)| *name == class);
            (kind.ok_or("an unknown class")?.1, option("reason"))
        }
    };
    let problem = match (option("id"), reason) {
        (Some(id), Some(reason)) if kind == ProblemKind::InvalidChallenge => {
            Problem::invalid_challenge(id, reason)
        }
        (_, Some(reason)) => kind.because(reason),
        (_, None) => kind.problem(),
    };
    let problem = match case.input["challengeId"].as_str() {
        Some(id) => problem.with_challenge_id(id),
        None => problem,
    };
    Ok(Answer::new(Ok::<_, String>(
        json!({"name": class, "problem": problem}),
    )))
}

/// Answers as a server without a ledger does. Expiry and reference are the reference's own, as its clock and counter are.
fn server_response(case: &Case) -> Result<Answer, String> {
    let reference = case.expected()?;
    let header = text(&reference["headers"], "www-authenticate")?;
    let server = Server::new(case, &Challenge::from_header(header).map_err(show)?)?;
    let judged = server.judge(case.input["authorization"].as_str());
    let ruling = match &judged {
        Err(Unjudged) => Some(Ruling::Refuse(Rule::OutageIsNotRefusal)),
        Ok(problem) => {
            let mut wanted = reference.clone();
            wanted["body"]["detail"] = problem.detail.clone().into();
            (wanted != *reference).then_some(Ruling::Give(Rule::ProblemDetail, wanted))
        }
    };
    let ours = judged.map(|problem| server.response(problem));
    Ok(Answer::new(ours).under(ruling))
}

/// A route that costs something.
struct Server {
    secrets: ChallengeSecrets,
    terms: Terms,
    description: Option<String>,
    /// What it asks for in its answer.
    challenge: Challenge,
    now: u64,
}

/// The ledger would have to be asked.
struct Unjudged;

impl std::fmt::Display for Unjudged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the ledger cannot be asked: 503")
    }
}

impl Server {
    fn new(case: &Case, reference: &Challenge) -> Result<Self, String> {
        let config = &case.input["config"];
        let description = config["description"].as_str().map(str::to_owned);
        let (intent, request) = if config["kind"] == "channel" {
            let request: ChannelRequest = reference.request().read().map_err(show)?;
            (IntentName::channel(), request.encode())
        } else {
            let asked: ChargeRequest = reference.request().read().map_err(show)?;
            (IntentName::charge(), charge(config, &asked)?.encode())
        };
        let terms = Terms::new(
            text(config, "realm")?,
            MethodName::stellar(),
            intent,
            request,
        )
        .map_err(show)?;
        let secrets = ChallengeSecrets::new(text(config, "secretKey")?).map_err(show)?;
        let expires = reference.expires().ok_or("no expiry")?.clone();
        let unbound = |id: &str| {
            let (method, intent) = (terms.method().clone(), terms.intent().clone());
            let challenge =
                Challenge::new(id, terms.realm(), method, intent, terms.request().clone())
                    .map_err(show)?;
            Ok::<_, String>(challenge.with_expires(expires.clone()))
        };
        let id = secrets.id_of(&unbound("not yet")?.slots());
        let challenge = match &description {
            Some(description) => unbound(id.as_str())?
                .with_description(description)
                .map_err(show)?,
            None => unbound(id.as_str())?,
        };
        let clock: Timestamp = case.text("clock")?.parse().map_err(show)?;
        Ok(Self {
            secrets,
            terms,
            description,
            challenge,
            now: u64::try_from(clock.unix_seconds()).map_err(show)?,
        })
    }

    fn judge(&self, authorization: Option<&str>) -> Result<Problem, Unjudged> {
        let credential = match authorization.map(Credential::from_header) {
            Some(Ok(credential)) => credential,
            Some(Err(error)) if error.kind() != HeaderErrorKind::Absent => {
                return Ok(ProblemKind::MalformedCredential.because(error));
            }
            _ => {
                return Ok(match &self.description {
                    Some(description) => ProblemKind::PaymentRequired.because(description),
                    None => ProblemKind::PaymentRequired.problem(),
                });
            }
        };
        let bound = match self.bind(credential.challenge) {
            Ok(bound) => bound,
            Err(problem) => return Ok(*problem),
        };
        if bound.has_expired(self.now) {
            let expires = bound.challenge().expires();
            let expires = expires.map_or("", Timestamp::as_str);
            return Ok(ProblemKind::PaymentExpired.because(expires));
        }
        if *self.terms.intent() == IntentName::channel() {
            return match credential.payload.read::<ChannelPayload>() {
                Ok(_) => Err(Unjudged),
                Err(_) => Ok(ProblemKind::InvalidPayload.problem()),
            };
        }
        let failed = |reason: &str| Ok(ProblemKind::VerificationFailed.because(reason));
        match credential.payload.read::<ChargePayload>() {
            Ok(ChargePayload::Transaction { transaction }) => {
                match Envelope::from_base64(&transaction) {
                    Ok(_) => Err(Unjudged),
                    Err(_) => failed("the transaction cannot be read"),
                }
            }
            Ok(ChargePayload::SignedHash { .. }) => Err(Unjudged),
            Ok(ChargePayload::Hash { .. }) => failed("hashes without a signature are not taken"),
            Err(_) => Ok(ProblemKind::InvalidPayload.problem()),
        }
    }

    /// A channel's challenges differ in their reference, those of a charge in nothing that is asked for.
    fn bind(&self, challenge: Challenge) -> Result<BoundChallenge, Box<Problem>> {
        let bound = if *self.terms.intent() == IntentName::channel() {
            self.secrets.verify(challenge)
        } else {
            Issuer::new(&self.secrets, self.terms.clone()).verify(challenge)
        };
        bound.map_err(|error| {
            let id = error.challenge().id().to_owned();
            Box::new(Problem::invalid_challenge(&id, error))
        })
    }

    fn response(&self, problem: Problem) -> Value {
        let problem = problem.with_challenge_id(self.challenge.id());
        json!({
            "status": problem.status,
            "headers": {
                "www-authenticate": self.challenge.to_header(),
                "content-type": PROBLEM_JSON,
                "cache-control": "no-store",
            },
            "body": problem,
        })
    }
}

/// The charge that a configuration describes; how prices become base units is not this family's matter.
fn charge(config: &Value, asked: &ChargeRequest) -> Result<ChargeRequest, String> {
    let network = "stellar:testnet".parse().map_err(show)?;
    let sponsored = config["sponsored"] == true;
    let details = if sponsored {
        ChargeDetails {
            credential_types: Some(vec![CredentialType::Transaction]),
            ..ChargeDetails::sponsored(network)
        }
    } else {
        ChargeDetails {
            credential_types: Some(vec![
                CredentialType::Transaction,
                CredentialType::SignedHash,
            ]),
            ..ChargeDetails::unsponsored(network)
        }
    };
    Ok(ChargeRequest::new(
        asked.amount,
        text(config, "currency")?,
        text(config, "recipient")?,
        details,
    ))
}

const KINDS_BY_REASON: [(&str, ProblemKind); 14] = [
    ("MalformedCredentialError", ProblemKind::MalformedCredential),
    ("InvalidChallengeError", ProblemKind::InvalidChallenge),
    ("VerificationFailedError", ProblemKind::VerificationFailed),
    (
        "PaymentActionRequiredError",
        ProblemKind::PaymentActionRequired,
    ),
    ("InvalidPayloadError", ProblemKind::InvalidPayload),
    ("BadRequestError", ProblemKind::BadRequest),
    ("PaymentInsufficientError", ProblemKind::PaymentInsufficient),
    ("InsufficientBalanceError", ProblemKind::InsufficientBalance),
    ("InvalidSignatureError", ProblemKind::InvalidSignature),
    ("SignerMismatchError", ProblemKind::SignerMismatch),
    (
        "AmountExceedsDepositError",
        ProblemKind::AmountExceedsDeposit,
    ),
    ("DeltaTooSmallError", ProblemKind::DeltaTooSmall),
    ("ChannelNotFoundError", ProblemKind::ChannelNotFound),
    ("ChannelClosedError", ProblemKind::ChannelClosed),
];
