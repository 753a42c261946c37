//! Payments made by hand, for what a well-behaved client does not do: one payload sent many times, or to others.

use coinslot_soroban_authorization::{AuthEntry, SecretKey};
use coinslot_stellar_ledger::Simulation;
use coinslot_x402_exact_stellar::ClientPlan;
use coinslot_x402_wire::{PaymentPayload, PaymentRequired, header};

use crate::chain::Chain;

/// Asks for a resource without paying, and reads its price.
pub async fn offer(url: &str) -> PaymentRequired {
    let response = reqwest::get(url).await.expect("an answer");
    assert_eq!(response.status(), 402);
    let value = response
        .headers()
        .get(header::PAYMENT_REQUIRED)
        .expect("a price")
        .to_str()
        .expect("ASCII");
    PaymentRequired::from_header(value).expect("a price that can be read")
}

/// A payment for the first offer, signed.
#[derive(Clone, Debug)]
pub struct Signed {
    /// The payload.
    pub payload: PaymentPayload,
    /// The one authorization in it.
    pub entry: AuthEntry,
    /// What was planned.
    pub plan: ClientPlan,
}

impl Signed {
    /// Signs a payment as a buyer does: plan, sign, simulate.
    ///
    /// # Panics
    ///
    /// When the network would not let it through.
    pub async fn new(chain: &Chain, payer: &SecretKey, required: &PaymentRequired) -> Self {
        let ledger = chain.ledger();
        let accepted = required.accepts.first().expect("an offer").clone();
        let plan =
            coinslot_x402_exact_stellar::plan(&accepted, payer.account_id()).expect("a plan");
        let latest = ledger.latest_ledger().await.expect("a ledger");
        let expiration = plan.expiration_ledger(latest.sequence, 5);
        let mut random = [0; 8];
        getrandom::fill(&mut random).expect("randomness");
        let unsigned = plan.authorization(i64::from_be_bytes(random), expiration);
        let entry = unsigned
            .sign(payer, &chain.local.network_id())
            .expect("a signature");
        let simulation = ledger
            .simulate(&plan.probe(&entry))
            .await
            .expect("an answer");
        let Simulation::Succeeded {
            resources,
            min_resource_fee,
            ..
        } = simulation
        else {
            panic!("the payment would not go through: {simulation:?}")
        };
        let payload = PaymentPayload {
            x402_version: required.x402_version,
            resource: Some(required.resource.clone()),
            accepted,
            payload: plan.payload(entry.clone(), resources, min_resource_fee),
            extensions: required.extensions.clone(),
        };
        Self {
            payload,
            entry,
            plan,
        }
    }

    /// The value of the `PAYMENT-SIGNATURE` header.
    #[must_use]
    pub fn header(&self) -> String {
        self.payload.to_header()
    }
}

/// Sends a request with a payment.
pub async fn pay(client: &reqwest::Client, url: &str, signed: &str) -> reqwest::Response {
    client
        .get(url)
        .header(header::PAYMENT_SIGNATURE, signed)
        .send()
        .await
        .expect("an answer")
}
