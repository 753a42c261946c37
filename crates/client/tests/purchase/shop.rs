//! Terms, honest answers and clients that the tests share.

use std::sync::Arc;
use std::time::Duration;

use axum::response::Response;
use coinslot_caip2_network::StellarNetwork;
use coinslot_client::{Budget, Patience, PayingClient, PayingClientBuilder, PaymentError};
use coinslot_payment_store::{MemoryStore, PaymentStore};
use coinslot_soroban_authorization::SecretKey;
use coinslot_usdc_amount::BaseUnits;
use coinslot_x402_wire::{PaymentRequired, PaymentRequirements, ResourceInfo, SettleResponse};

use crate::ledger::ModelLedger;
use crate::seller::{Call, answer};

pub(crate) const USDC: &str = "CBIELTK6YBZJU5UP2WWQEUCYKLPU6AUNZ2BQ4WWFEIE3USCIHMXQDAMA";
pub(crate) const PAYEE: &str = "GDH4FI462RN37HLVEZG7TNWGNNYWIKYHONYQWLZFPSQDK6YUQUJPO5IN";

/// The payer of every test.
pub(crate) fn payer() -> SecretKey {
    SecretKey::from_seed([7; 32])
}

pub(crate) fn ledger() -> Arc<ModelLedger> {
    Arc::new(ModelLedger::new(StellarNetwork::Testnet))
}

pub(crate) fn memory() -> Arc<dyn PaymentStore> {
    Arc::new(MemoryStore::new())
}

/// Terms for so many base units of USDC: 10,000 are $0.001.
pub(crate) fn terms(base_units: u64) -> PaymentRequirements {
    PaymentRequirements::new(
        "exact",
        StellarNetwork::Testnet.chain_id().to_owned(),
        BaseUnits::from_u64(base_units),
        USDC,
        PAYEE,
        60,
    )
    .with_extra("areFeesSponsored", true)
}

pub(crate) fn required(accepts: Vec<PaymentRequirements>) -> PaymentRequired {
    PaymentRequired::new(ResourceInfo::new("https://shop.example/weather"), accepts)
}

/// A 402 with these terms.
pub(crate) fn challenge(accepts: Vec<PaymentRequirements>) -> Response {
    answer(
        402,
        &[("payment-required", &required(accepts).to_header())],
        "{}",
    )
}

/// A 200 with a receipt.
pub(crate) fn served(transaction: &str, body: &'static str) -> Response {
    let receipt =
        SettleResponse::success(transaction, StellarNetwork::Testnet.chain_id().to_owned());
    let receipt = receipt.with_payer(payer().account_id().to_string());
    answer(200, &[("payment-response", &receipt.to_header())], body)
}

/// An honest seller's answer: settles what is paid, and gives the same answer for the same payment again.
pub(crate) fn sell(ledger: &ModelLedger, call: &Call, price: u64) -> Response {
    let Some(payment) = &call.payment else {
        return challenge(vec![terms(price)]);
    };
    match ledger.settle(payment) {
        Ok(hash) => served(&hash.to_string(), "sunny"),
        Err("nonce") => served(&"ab".repeat(32), "sunny"),
        Err(_) => challenge(vec![terms(price)]),
    }
}

/// One cent per payment, one dollar a day, at this machine.
pub(crate) fn budget() -> Budget {
    let caps = Budget::per_payment("$0.01")
        .unwrap()
        .per_day("$1")
        .unwrap()
        .per_host_per_day("$1")
        .unwrap();
    caps.hosts(["127.0.0.1"]).unwrap()
}

pub(crate) fn builder(
    ledger: &Arc<ModelLedger>,
    store: &Arc<dyn PaymentStore>,
    budget: Budget,
) -> PayingClientBuilder {
    // Four attempts with waits of 2, 4 and 8 ms between them.
    let [first_wait, longest_wait, total_wait] = [2, 20, 20].map(Duration::from_millis);
    let patience = Patience {
        first_wait,
        longest_wait,
        total_wait,
    };
    PayingClient::builder(payer())
        .budget(budget)
        .store(Arc::clone(store))
        .network(StellarNetwork::Testnet)
        .rpc(ledger.clone())
        .patience(patience)
}

pub(crate) fn client(ledger: &Arc<ModelLedger>, store: &Arc<dyn PaymentStore>) -> PayingClient {
    builder(ledger, store, budget()).build().unwrap()
}

/// The payment error of a request that must not succeed.
pub(crate) trait Failure {
    fn failure(&self) -> &PaymentError;
}

impl<T> Failure for Result<T, reqwest_middleware::Error> {
    #[track_caller]
    fn failure(&self) -> &PaymentError {
        let error = self.as_ref().err().expect("the request was answered");
        PaymentError::from_middleware(error)
            .unwrap_or_else(|| panic!("not a payment error: {error}"))
    }
}
