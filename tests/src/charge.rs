//! MPP charges made by hand, for what a well-behaved client does not do: one credential sent many times, or to others.

use std::time::{SystemTime, UNIX_EPOCH};

use coinslot_mpp_charge_stellar::{ClientPlan, Mode, TransactionFacts, plan};
use coinslot_mpp_wire::{Challenge, Credential};
use coinslot_soroban_authorization::{AuthEntry, Envelope, SecretKey, SorobanResources};
use coinslot_stellar_ledger::Simulation;
use reqwest::{Response, header::AUTHORIZATION, header::WWW_AUTHENTICATE};

use crate::chain::Chain;

/// Asks for a resource without paying, and reads its challenge.
pub async fn challenge(url: &str) -> Challenge {
    fresh_challenge(&reqwest::get(url).await.expect("an answer"))
}

/// The challenge of a 402.
///
/// # Panics
///
/// When it is no 402, or has none.
#[must_use]
pub fn fresh_challenge(response: &Response) -> Challenge {
    assert_eq!(response.status(), 402, "{response:?}");
    let all = response.headers().get_all(WWW_AUTHENTICATE);
    let mut challenges = Challenge::from_headers(all).expect("a challenge that can be read");
    challenges.remove(0)
}

/// Sends a request with a credential.
pub async fn answer(client: &reqwest::Client, url: &str, credential: &str) -> Response {
    client
        .get(url)
        .header(AUTHORIZATION, credential)
        .send()
        .await
        .expect("an answer")
}

/// The time, in seconds since 1970.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "a test is a program")]
pub fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("a time after 1970")
        .as_secs()
}

/// A charge that is paid, and what pays it.
#[derive(Clone, Debug)]
pub struct Paid {
    /// What answers the challenge.
    pub credential: Credential,
    /// The signed entry of a sponsored charge.
    pub entry: Option<AuthEntry>,
    /// The payer's own transaction of an unsponsored or pushed one.
    pub envelope: Option<Envelope>,
}

impl Paid {
    /// Answers a challenge as a buyer does. A pushed transaction is submitted, and has landed.
    ///
    /// # Panics
    ///
    /// When the network would not let it through.
    pub async fn new(chain: &Chain, payer: &SecretKey, challenge: &Challenge, mode: Mode) -> Self {
        Self::for_body(chain, payer, challenge, mode, b"").await
    }

    /// As [`new`](Self::new), for a request with this body.
    ///
    /// # Panics
    ///
    /// When the network would not let it through.
    pub async fn for_body(
        chain: &Chain,
        payer: &SecretKey,
        challenge: &Challenge,
        mode: Mode,
        body: &[u8],
    ) -> Self {
        let planned = plan(challenge, payer.account_id(), mode, body, now()).expect("a plan");
        match planned {
            ClientPlan::Sponsored(plan) => {
                let latest = chain.ledger().latest_ledger().await.expect("a ledger");
                let expiration = plan
                    .expiration_ledger(latest.sequence, now())
                    .expect("an open challenge");
                let mut random = [0; 8];
                getrandom::fill(&mut random).expect("randomness");
                let entry = plan
                    .authorization(i64::from_be_bytes(random), expiration)
                    .sign(payer, &chain.local.network_id())
                    .expect("a signature");
                let (resources, fee) = simulated(chain, &plan.probe(&entry)).await;
                Self {
                    credential: plan.credential(entry.clone(), resources, fee),
                    entry: Some(entry),
                    envelope: None,
                }
            }
            ClientPlan::Unsponsored(plan) => {
                let facts = facts(chain, payer, |sequence| plan.probe(sequence)).await;
                let signed = plan.sign(&facts, payer).expect("a signature");
                Self {
                    credential: signed.credential(),
                    entry: None,
                    envelope: Some(signed.envelope().clone()),
                }
            }
            ClientPlan::Push(plan) => {
                let facts = facts(chain, payer, |sequence| plan.probe(sequence)).await;
                let signed = plan.sign(&facts, payer).expect("a signature");
                chain.submit(signed.envelope()).await;
                Self {
                    credential: signed.credential(payer).expect("a proof"),
                    entry: None,
                    envelope: Some(signed.envelope().clone()),
                }
            }
        }
    }

    /// The value of the `Authorization` header.
    #[must_use]
    pub fn header(&self) -> String {
        self.credential.to_header()
    }
}

async fn facts(
    chain: &Chain,
    payer: &SecretKey,
    probe: impl FnOnce(i64) -> Envelope,
) -> TransactionFacts {
    let sequence = chain.sequence(&payer.account_id()).await + 1;
    let (resources, fee) = simulated(chain, &probe(sequence)).await;
    TransactionFacts {
        now: now(),
        sequence,
        resources: resources.with_resource_fee(fee),
        inclusion_fee_stroops: 100,
        max_fee_stroops: 1_000_000,
    }
}

async fn simulated(chain: &Chain, probe: &Envelope) -> (SorobanResources, i64) {
    match chain.ledger().simulate(probe).await.expect("an answer") {
        Simulation::Succeeded {
            resources,
            min_resource_fee,
            ..
        } => (resources, min_resource_fee),
        other => panic!("the payment would not go through: {other:?}"),
    }
}
