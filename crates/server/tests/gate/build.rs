//! Known failures 40 and 56: a gate that could not charge does not stand, and says why.

use std::num::NonZeroU32;
use std::time::Duration;

use coinslot_caip2_network::StellarNetwork;
use coinslot_server::x402::exact;
use coinslot_server::{BuildGateError, Gate, GateBuilder, OfferError, RecordPolicy, SettleTiming};
use coinslot_usdc_amount::{BaseUnits, Price};
use coinslot_x402_wire::{SupportedKind, SupportedResponse};

use crate::harness::*;

const ISSUER: &str = "GBBD47IF6LWK7P7MDEVSCWR7DPUWV3NY3DTQEVFL4NAT4AQH3ZLLFLA5";
const USDC: &str = "CBIELTK6YBZJU5UP2WWQEUCYKLPU6AUNZ2BQ4WWFEIE3USCIHMXQDAMA";

async fn error_of(builder: GateBuilder) -> BuildGateError {
    let error = builder.build().await.expect_err("the gate must not stand");
    let sentence = error.to_string();
    assert!(
        sentence.len() > 20 && !sentence.ends_with('.'),
        "{sentence}"
    );
    error
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let world = World::new(TestFacilitator::new());
    let full = || world.builder();
    assert!(full().build().await.is_ok());
    assert!(matches!(
        error_of(world.unpriced()).await,
        BuildGateError::NoPrice
    ));
    let both = full().price_by(|_| Ok(Vec::new()));
    assert!(matches!(error_of(both).await, BuildGateError::TwoPrices));
    let bare = || Gate::builder().offer(offer("$1"));
    assert!(matches!(error_of(bare()).await, BuildGateError::NoStore));
    let stored = || bare().store(world.store.clone());
    assert!(matches!(
        error_of(stored()).await,
        BuildGateError::NoFacilitator
    ));
    let settled = stored().facilitator(Shared(world.facilitator.clone()));
    assert!(matches!(
        error_of(settled).await,
        BuildGateError::NoResourceBase
    ));
    let relative = full().resource_base("/weather");
    assert!(matches!(
        error_of(relative).await,
        BuildGateError::ResourceBase(_)
    ));
    let hasty = full().lease(Duration::from_millis(99));
    assert!(matches!(error_of(hasty).await, BuildGateError::Lease));
    let record = RecordPolicy {
        max_body: RecordPolicy::MAX_BODY_LIMIT + 1,
        ..RecordPolicy::default()
    };
    assert!(matches!(
        error_of(full().record(record)).await,
        BuildGateError::RecordBody
    ));
    let unpaid_runs = NonZeroU32::MIN;
    let after = SettleTiming::After {
        unpaid_runs,
        window: Duration::from_secs(1),
    };
    assert!(full().settle(after).build().await.is_ok());
}

#[tokio::test]
async fn the_facilitator_must_settle_every_offer() {
    let mut silent = TestFacilitator::new();
    silent.supported = Err(());
    let error = error_of(World::new(silent).builder()).await;
    assert!(matches!(error, BuildGateError::Facilitator(_)));

    let mut empty = TestFacilitator::new();
    empty.supported = Ok(SupportedResponse::default());
    assert!(matches!(
        error_of(World::new(empty).builder()).await,
        BuildGateError::NoKinds
    ));

    let mut other_scheme = TestFacilitator::new();
    let kind = SupportedKind::new("upto", StellarNetwork::Testnet.chain_id().to_owned());
    other_scheme.supported = Ok(SupportedResponse {
        kinds: vec![kind],
        ..SupportedResponse::default()
    });
    assert!(matches!(
        error_of(World::new(other_scheme).builder()).await,
        BuildGateError::NoKinds
    ));

    let world = World::new(TestFacilitator::new());
    let error = error_of(
        world
            .builder()
            .offer(offer("$1").network(StellarNetwork::Pubnet)),
    )
    .await;
    assert!(matches!(
        error,
        BuildGateError::Offer(OfferError::NotSupported { .. })
    ));
    assert!(error.to_string().contains("stellar:pubnet"));
}

#[tokio::test]
async fn addresses_and_prices_are_checked_before_the_first_payment() {
    let offer = |price: Price| {
        let offer = exact(price).unwrap().pay_to(PAY_TO).unwrap();
        offer.network(StellarNetwork::Testnet)
    };
    let asset = |asset: &str| Price::Asset {
        amount: 5_u64.into(),
        asset: asset.to_owned(),
    };
    let dollars = |price: &str| exact(price).unwrap();
    let world = World::new(TestFacilitator::new());
    let no_pay_to = dollars("$1").network(StellarNetwork::Testnet);
    let no_network = dollars("$1").pay_to(PAY_TO).unwrap();
    for (offer, sentence) in [
        (no_pay_to, "the offer has no recipient"),
        (no_network, "the offer has no network"),
        (offer(asset(ISSUER)), "payments name its contract, CBIELTK6"),
        (offer(asset(PAY_TO)), "C… contract"),
        (offer(asset("USDC")), "the asset is not valid"),
        (
            offer("$0.00000001".try_into().unwrap()),
            "the price cannot be charged",
        ),
        (
            offer(asset(USDC)).max_timeout(Duration::ZERO),
            "the timeout",
        ),
        (
            offer(asset(USDC)).max_timeout(Duration::from_secs(3601)),
            "the timeout",
        ),
    ] {
        let error = error_of(world.unpriced().offer(offer)).await.to_string();
        assert!(error.contains(sentence), "{error}");
    }
    let token = offer(asset(USDC)).max_timeout(Duration::from_secs(3600));
    let gate = world.unpriced().offer(token).build().await.unwrap();
    let required = world.seller_behind(gate).get("/").await.required();
    assert_eq!(required.accepts[0].amount, BaseUnits::from_u64(5));
}

#[test]
fn an_offer_refuses_what_is_no_price_and_no_address() {
    for price in ["", "0", "$0.000", "1e5", "0,5", "$-1", "abc", "1 USDC"] {
        assert!(matches!(exact(price), Err(OfferError::Price(_))), "{price}");
    }
    let nothing = Price::Asset {
        amount: BaseUnits::ZERO,
        asset: USDC.to_owned(),
    };
    assert_eq!(exact(nothing).unwrap_err(), OfferError::Free);

    let secret = payer().expose_secret();
    let muxed = "MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVAAAAAAAAAAAAAJLK";
    for address in [
        "",
        "G",
        "alice*example.com",
        &PAY_TO[1..],
        &PAY_TO.to_lowercase(),
        &secret,
    ] {
        let error = exact("$1").unwrap().pay_to(address).unwrap_err();
        assert!(matches!(error, OfferError::PayTo(_)), "{address}");
        assert!(
            !error.to_string().contains(secret.as_str()),
            "a secret key is never repeated"
        );
    }
    assert_eq!(
        exact("$1").unwrap().pay_to(muxed).unwrap_err(),
        OfferError::PayToMuxed
    );
    assert!(
        exact("$1").unwrap().pay_to(USDC).is_ok(),
        "a contract can be paid"
    );
}

#[tokio::test]
async fn who_cannot_be_paid_is_found_out_at_the_start() {
    let world = World::new(TestFacilitator::new());
    let pay_to = |address: &str| {
        let offer = exact("$1").unwrap().pay_to(address).unwrap();
        world
            .unpriced()
            .offer(offer.network(StellarNetwork::Testnet))
    };
    // What is paid to the token itself is lost; what is paid to its issuer is redeemed.
    assert!(matches!(
        error_of(pay_to(USDC)).await,
        BuildGateError::Offer(OfferError::PayToAsset)
    ));
    assert!(matches!(
        error_of(pay_to(ISSUER)).await,
        BuildGateError::Offer(OfferError::PayToIssuer)
    ));
}
