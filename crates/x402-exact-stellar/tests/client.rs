//! Which offers a client pays, and what it then builds.

#![allow(clippy::unwrap_used, reason = "a helper of a test may panic")]

#[path = "support/payment.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod payment;

use coinslot_caip2_network::{ChainId, StellarNetwork};
use coinslot_soroban_authorization::TransferEnvelope;
use coinslot_stellar_address::{AccountId, Address};
use coinslot_usdc_amount::BaseUnits;
use coinslot_x402_exact_stellar::{
    ExactPayload, MAX_TIMEOUT_SECONDS, ParsePayloadError, PlanError, TermsError, plan, plan_on,
};
use coinslot_x402_wire::PaymentRequirements;
use payment::*;
use serde_json::{Value, json};

fn refused(requirements: &PaymentRequirements) -> PlanError {
    plan(requirements, payer().account_id()).unwrap_err()
}

fn chain(text: &str) -> ChainId {
    text.parse().unwrap()
}

#[test]
fn an_honest_offer_is_planned() {
    let plan = client_plan();
    assert_eq!(*plan.network(), StellarNetwork::Testnet);
    assert_eq!(plan.payer(), payer().account_id());
    assert_eq!(plan.token(), usdc());
    assert_eq!(plan.to(), Address::Account(payee()));
    assert_eq!(plan.amount(), BaseUnits::from_u64(AMOUNT));
    assert_eq!(plan.max_timeout_seconds(), 60);
    assert_eq!(plan.expiration_ledger(1_000, 5), 1_012);
    assert_eq!(plan.expiration_ledger(1_000, 7), 1_009);
    assert_eq!(plan.expiration_ledger(1_000, 0), 1_012);
    assert_eq!(plan.expiration_ledger(u32::MAX, 5), u32::MAX);
}

#[test]
fn other_schemes_and_networks_are_not_paid() {
    let scheme = PaymentRequirements {
        scheme: "Exact".to_owned(),
        ..requirements()
    };
    assert_eq!(refused(&scheme), PlanError::Scheme);
    for network in [
        "eip155:8453",
        "stellar:futurenet",
        "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp",
    ] {
        let offer = PaymentRequirements {
            network: chain(network),
            ..requirements()
        };
        assert!(
            matches!(refused(&offer), PlanError::Network(_)),
            "{network}"
        );
    }
    let pubnet = plan_on(
        &StellarNetwork::Pubnet,
        &requirements(),
        payer().account_id(),
    );
    assert_eq!(pubnet.unwrap_err(), PlanError::OtherNetwork);
}

#[test]
fn a_network_of_ones_own_is_paid_on_when_it_was_chosen() {
    let network = StellarNetwork::custom(chain("stellar:private"), "My Own Network").unwrap();
    let offer = PaymentRequirements {
        network: chain("stellar:private"),
        ..requirements()
    };
    let plan = plan_on(&network, &offer, payer().account_id()).unwrap();
    assert_eq!(plan.network_id(), network.network_id());
    assert!(matches!(refused(&offer), PlanError::Network(_)));
}

#[test]
fn an_issuer_in_place_of_the_contract_is_named_as_such() {
    let issuer = "GBBD47IF6LWK7P7MDEVSCWR7DPUWV3NY3DTQEVFL4NAT4AQH3ZLLFLA5";
    let error = refused(&PaymentRequirements {
        asset: issuer.to_owned(),
        ..requirements()
    });
    assert_eq!(
        error.to_string(),
        "the offer cannot be paid: the asset is a G… account, probably its issuer; it is named by \
         its contract, C…"
    );
    let wrong = USDC.replacen("CBI", "CIB", 1);
    let error = refused(&PaymentRequirements {
        asset: wrong,
        ..requirements()
    });
    assert!(matches!(error, PlanError::Terms(TermsError::Asset(_))));
    assert!(error.to_string().contains("checksum"), "{error}");
}

#[test]
fn the_payee_is_an_address_and_no_secret_is_repeated() {
    let secret = payer().expose_secret();
    let error = refused(&PaymentRequirements {
        pay_to: secret.clone(),
        ..requirements()
    });
    assert!(matches!(error, PlanError::Terms(TermsError::PayTo(_))));
    assert!(!format!("{error} {error:?}").contains(&secret));
}

#[test]
fn nothing_is_not_paid() {
    let zero = PaymentRequirements {
        amount: BaseUnits::ZERO,
        ..requirements()
    };
    assert_eq!(refused(&zero), PlanError::Terms(TermsError::ZeroAmount));
}

#[test]
fn only_sponsored_offers_are_paid() {
    let none = PaymentRequirements {
        extra: None,
        ..requirements()
    };
    assert_eq!(
        refused(&none),
        PlanError::Terms(TermsError::FeesNotSponsored)
    );
    for value in [json!(false), json!("true"), json!(1), Value::Null] {
        let offer = requirements().with_extra("areFeesSponsored", value);
        assert_eq!(
            refused(&offer),
            PlanError::Terms(TermsError::FeesNotSponsored)
        );
    }
}

#[test]
fn the_time_is_neither_none_nor_absurd() {
    let within = |max_timeout_seconds| PaymentRequirements {
        max_timeout_seconds,
        ..requirements()
    };
    assert_eq!(refused(&within(0)), PlanError::Terms(TermsError::NoTime));
    assert!(plan(&within(MAX_TIMEOUT_SECONDS), payer().account_id()).is_ok());
    assert_eq!(
        refused(&within(MAX_TIMEOUT_SECONDS + 1)),
        PlanError::TooMuchTime
    );
    assert_eq!(refused(&within(u64::MAX)), PlanError::TooMuchTime);
}

#[test]
fn the_payload_is_the_simulated_transfer_with_its_resources() {
    let plan = client_plan();
    let probe = TransferEnvelope::recognise(&plan.probe(&entry())).unwrap();
    assert_eq!(probe.source, Address::Account(AccountId::ALL_ZEROS));
    assert_eq!(
        (probe.transfer, probe.auth.as_slice()),
        (plan.transfer(), &[entry()][..])
    );
    assert_eq!(probe.resources, None);
    let payload = plan.payload(entry(), resources().with_resource_fee(1), RESOURCE_FEE);
    let payload = ExactPayload::from_map(&payload).unwrap();
    let sent = TransferEnvelope::from_base64(&payload.transaction).unwrap();
    assert_eq!(
        (sent.source, sent.transfer, sent.auth),
        (probe.source, probe.transfer, probe.auth)
    );
    assert_eq!(sent.fee, 40_100);
    assert_eq!(sent.resources, Some(resources()));
    // The official facilitator reads no transaction without time bounds.
    let end = sent.time_bounds.map(|bounds| bounds.max_time);
    assert_eq!(end, Some(0));
}

#[test]
fn an_absurd_resource_fee_is_declared_as_the_most_there_is() {
    for (found, declared) in [(i64::MAX, u32::MAX), (-1, 100), (0, 100)] {
        let payload = client_plan().payload(entry(), resources(), found);
        let payload = ExactPayload::from_map(&payload).unwrap();
        let sent = TransferEnvelope::from_base64(&payload.transaction).unwrap();
        assert_eq!(sent.fee, declared);
    }
}

#[test]
fn a_payload_has_a_transaction() {
    let parse = |value: Value| ExactPayload::from_map(value.as_object().unwrap());
    assert_eq!(parse(json!({})), Err(ParsePayloadError::Missing));
    assert_eq!(
        parse(json!({ "transaction": 1 })),
        Err(ParsePayloadError::NotAString)
    );
    let payload = parse(json!({ "transaction": "AAAA", "more": true })).unwrap();
    assert_eq!(
        Value::Object(payload.clone().into_map()),
        json!({ "transaction": "AAAA" })
    );
    assert!(!format!("{payload:?}").contains("AAAA"));
}
