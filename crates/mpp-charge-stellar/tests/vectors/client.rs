//! What a client signs, and what it does not.

use coinslot_caip2_network::StellarNetwork;
use coinslot_mpp_charge_stellar::{
    ClientPlan, MAX_OPEN_SECONDS, Mode, PUSH_MARGIN_SECONDS, PlanError, SignChargeError,
    TermsError, TransactionFacts, plan, plan_on,
};
use coinslot_mpp_wire::stellar::{ChargeDetails, ChargePayload, ChargeRequest, CredentialType};
use coinslot_mpp_wire::{
    BodyDigest, Challenge, Credential, EncodedRequest, IntentName, MethodName, Timestamp,
};
use coinslot_soroban_authorization::{
    AuthEntry, SignError, SignErrorKind, Signer, TransferEnvelope,
};
use coinslot_stellar_address::{AccountId, Address};

use crate::charge::*;

fn plan_for(challenge: &Challenge, mode: Mode) -> Result<ClientPlan, PlanError> {
    plan(challenge, payer().account_id(), mode, b"", NOW)
}

fn refused(challenge: &Challenge) -> PlanError {
    plan_for(challenge, Mode::Pull).unwrap_err()
}

fn challenge_for(details: ChargeDetails) -> Challenge {
    Challenge::new(
        "x1",
        "api.example.com",
        MethodName::stellar(),
        IntentName::charge(),
        request(AMOUNT, details).encode(),
    )
    .unwrap()
}

fn transaction(credential: &Credential) -> TransferEnvelope {
    TransferEnvelope::recognise(&envelope_of(credential)).unwrap()
}

// Pull, sponsored

#[test]
fn a_sponsored_charge_is_one_signed_entry_without_a_signed_transaction() {
    let route = Route::sponsored();
    let payment = sponsored_payment(&route);
    assert_eq!(payment.challenge, route.challenge());
    let source = format!("did:pkh:stellar:testnet:{}", payer().account_id());
    assert_eq!(payment.source, Some(source));
    assert_eq!(envelope_of(&payment).signature_count(), 0);
    let made = transaction(&payment);
    assert_eq!(made.source, Address::Account(AccountId::ALL_ZEROS));
    assert_eq!(made.operation_source, None);
    assert_eq!(made.fee, 40_100);
    assert_eq!(made.auth, [entry(&sponsored_plan(&route))]);
    assert_eq!(made.resources, Some(resources()));
    assert_eq!(made.time_bounds.unwrap().max_time, EXPIRES);
}

#[test]
fn the_authorization_ends_with_the_challenge() {
    let plan = sponsored_plan(&Route::sponsored());
    assert_eq!(plan.expiration_ledger(1_000, NOW), Ok(1_060));
    assert_eq!(plan.expiration_ledger(1_000, NOW + 1), Ok(1_060));
    assert_eq!(plan.expiration_ledger(1_000, NOW + 5), Ok(1_059));
    assert_eq!(plan.expiration_ledger(1_000, EXPIRES - 1), Ok(1_001));
}

#[test]
fn the_probe_carries_the_signed_entry() {
    let plan = sponsored_plan(&Route::sponsored());
    let probe = TransferEnvelope::recognise(&plan.probe(&entry(&plan))).unwrap();
    assert_eq!(probe.auth, [entry(&plan)]);
    assert_eq!(probe.resources, None);
}

// Pull, unsponsored

#[test]
fn an_unsponsored_charge_is_a_signed_transaction_that_ends_with_the_challenge() {
    let signed = signed_pull(&Route::unsponsored());
    let account = payer().account_id();
    let id = network().network_id();
    assert!(signed.envelope().is_signed_by(&account, &id));
    assert_eq!(signed.hash(), signed.envelope().hash(&id));
    let made = transaction(&signed.credential());
    assert_eq!(made.source, Address::Account(account));
    assert_eq!((made.sequence, made.fee), (9, 40_100));
    assert_eq!(made.time_bounds.unwrap().max_time, EXPIRES);
    assert_eq!(made.auth, [AuthEntry::by_source_account(&made.transfer)]);
    assert_eq!(made.transfer, signed.charge().transfer());
    let probe = unsponsored_plan(&Route::unsponsored()).probe(9);
    let probe = TransferEnvelope::recognise(&probe).unwrap();
    assert_eq!((probe.auth, probe.sequence), (made.auth, 9));
    assert_eq!(probe.resources, None);
}

#[test]
fn a_fee_above_the_payers_limit_is_not_signed() {
    let plan = unsponsored_plan(&Route::unsponsored());
    let sign = |facts: &TransactionFacts| plan.sign(facts, &payer()).map(drop);
    let exact = TransactionFacts {
        max_fee_stroops: 40_100,
        ..transaction_facts()
    };
    assert!(sign(&exact).is_ok());
    let negative = resources().with_resource_fee(-1);
    for facts in [
        TransactionFacts {
            max_fee_stroops: 40_099,
            ..transaction_facts()
        },
        TransactionFacts {
            inclusion_fee_stroops: u64::MAX,
            ..transaction_facts()
        },
        TransactionFacts {
            resources: negative,
            max_fee_stroops: u64::MAX,
            ..transaction_facts()
        },
    ] {
        let error = sign(&facts).unwrap_err();
        assert!(matches!(
            error,
            SignChargeError::Plan(PlanError::FeeTooHigh { .. })
        ));
    }
}

#[test]
fn only_the_payer_signs() {
    let plan = unsponsored_plan(&Route::unsponsored());
    let error = plan.sign(&transaction_facts(), &stranger()).unwrap_err();
    assert!(matches!(error, SignChargeError::OtherSigner { .. }));
    let push = signed_push(&Route::unsponsored());
    let error = push.credential(&stranger()).unwrap_err();
    assert!(matches!(error, SignChargeError::OtherSigner { .. }));
}

// Push

#[test]
fn a_pushed_charge_can_be_presented_before_the_challenge_expires() {
    let route = Route::unsponsored();
    let plan = push_plan(&route);
    assert_eq!(plan.max_time(), EXPIRES - PUSH_MARGIN_SECONDS);
    let signed = signed_push(&route);
    let made = TransferEnvelope::recognise(signed.envelope()).unwrap();
    assert_eq!(made.time_bounds.unwrap().max_time, plan.max_time());
    let probe = TransferEnvelope::recognise(&plan.probe(9)).unwrap();
    assert_eq!(probe.time_bounds.unwrap().max_time, plan.max_time());
    let late = TransactionFacts {
        now: plan.max_time(),
        ..transaction_facts()
    };
    let error = plan.sign(&late, &payer()).unwrap_err();
    assert!(matches!(
        error,
        SignChargeError::Plan(PlanError::TooLittleTime)
    ));
    let at = |now| {
        coinslot_mpp_charge_stellar::plan(
            &route.challenge(),
            payer().account_id(),
            Mode::Push,
            b"",
            now,
        )
        .err()
    };
    assert_eq!(at(EXPIRES - PUSH_MARGIN_SECONDS - 1), None);
    assert_eq!(
        at(EXPIRES - PUSH_MARGIN_SECONDS),
        Some(PlanError::TooLittleTime)
    );
}

#[test]
fn what_the_server_does_not_take_is_not_pushed() {
    let with = |credential_types| {
        challenge_for(ChargeDetails {
            credential_types,
            ..unsponsored_details()
        })
    };
    let takes = |types: &[CredentialType]| with(Some(types.to_vec()));
    let none_listed = with(None);
    let error = plan_for(&none_listed, Mode::Push).unwrap_err();
    assert_eq!(error, PlanError::FormNotTaken(CredentialType::SignedHash));
    assert!(plan_for(&none_listed, Mode::PushUnsigned).is_ok());
    assert!(plan_for(&none_listed, Mode::Pull).is_ok());
    let only_signed = takes(&[CredentialType::SignedHash]);
    assert!(plan_for(&only_signed, Mode::Push).is_ok());
    assert_eq!(
        plan_for(&only_signed, Mode::PushUnsigned).unwrap_err(),
        PlanError::FormNotTaken(CredentialType::Hash)
    );
    assert_eq!(
        plan_for(&only_signed, Mode::Pull).unwrap_err(),
        PlanError::FormNotTaken(CredentialType::Transaction)
    );
    let sponsored = challenge_for(sponsored_details());
    for mode in [Mode::Push, Mode::PushUnsigned] {
        assert_eq!(
            plan_for(&sponsored, mode).unwrap_err(),
            PlanError::SponsoredPush
        );
    }
}

#[test]
fn an_unsigned_hash_is_sent_only_when_that_is_asked_for() {
    let challenge = challenge_for(ChargeDetails {
        credential_types: None,
        ..unsponsored_details()
    });
    let ClientPlan::Push(plan) = plan_for(&challenge, Mode::PushUnsigned).unwrap() else {
        unreachable!("a push was asked for")
    };
    let signed = plan.sign(&transaction_facts(), &payer()).unwrap();
    let credential = signed.credential(&payer()).unwrap();
    let hash = *signed.hash().as_bytes();
    assert_eq!(
        credential.payload.read::<ChargePayload>().unwrap(),
        ChargePayload::Hash { hash }
    );
    let payload = push_payment(&Route::unsponsored()).payload;
    assert!(matches!(
        payload.read().unwrap(),
        ChargePayload::SignedHash { .. }
    ));
}

/// A signer that cannot sign messages pays in no other way than by pull.
#[test]
fn a_signer_without_messages_proves_nothing() {
    struct Hardware;
    impl Signer for Hardware {
        fn account_id(&self) -> AccountId {
            payer().account_id()
        }
        fn sign(&self, payload: &[u8; 32]) -> Result<[u8; 64], SignError> {
            Ok(payer().sign(payload))
        }
    }
    let signed = push_plan(&Route::unsponsored())
        .sign(&transaction_facts(), &Hardware)
        .unwrap();
    match signed.credential(&Hardware) {
        Err(SignChargeError::Proof(error)) => assert_eq!(error.kind(), SignErrorKind::NoMessages),
        other => unreachable!("{other:?}"),
    }
}

// Before anything is signed

#[test]
fn an_expired_challenge_is_not_signed() {
    let route = Route::sponsored();
    let at = |now| {
        plan(
            &route.challenge(),
            payer().account_id(),
            Mode::Pull,
            b"",
            now,
        )
    };
    assert!(at(EXPIRES - 1).is_ok());
    assert_eq!(at(EXPIRES).unwrap_err(), PlanError::Expired);
    // Nor when it has expired since it was read.
    let plan = sponsored_plan(&route);
    assert_eq!(
        plan.expiration_ledger(1_000, EXPIRES),
        Err(PlanError::Expired)
    );
    let late = TransactionFacts {
        now: EXPIRES,
        ..transaction_facts()
    };
    let error = unsponsored_plan(&Route::unsponsored())
        .sign(&late, &payer())
        .unwrap_err();
    assert!(matches!(error, SignChargeError::Plan(PlanError::Expired)));
}

#[test]
fn a_challenge_that_says_nothing_lasts_five_minutes_and_none_is_open_for_longer_than_an_hour() {
    let until = |challenge: &Challenge| plan_for(challenge, Mode::Pull).unwrap().charge().expires();
    let silent = challenge_for(sponsored_details());
    assert_eq!(until(&silent), NOW + 300);
    let next_year = Timestamp::from_unix_seconds(NOW + 31_536_000).unwrap();
    assert_eq!(
        until(&silent.clone().with_expires(next_year)),
        NOW + MAX_OPEN_SECONDS
    );
    let before_1970: Timestamp = "1969-12-31T23:59:59Z".parse().unwrap();
    assert_eq!(
        refused(&silent.with_expires(before_1970)),
        PlanError::Expired
    );
}

#[test]
fn a_challenge_for_another_body_is_not_paid() {
    let digest = BodyDigest::of(b"one");
    let challenge = challenge_for(sponsored_details()).with_digest(digest);
    let for_body = |body: &[u8]| plan(&challenge, payer().account_id(), Mode::Pull, body, NOW);
    assert!(for_body(b"one").is_ok());
    assert_eq!(for_body(b"two").unwrap_err(), PlanError::OtherBody);
    assert_eq!(for_body(b"").unwrap_err(), PlanError::OtherBody);
}

#[test]
fn other_methods_intents_and_networks_are_not_paid() {
    let encoded = request(AMOUNT, sponsored_details()).encode();
    let of = |method: &str, intent: &str| {
        let (method, intent) = (method.parse().unwrap(), intent.parse().unwrap());
        Challenge::new("x1", "shop", method, intent, encoded.clone()).unwrap()
    };
    assert_eq!(refused(&of("tempo", "charge")), PlanError::NotACharge);
    assert_eq!(refused(&of("stellar", "channel")), PlanError::NotACharge);
    // What another method asks for is not even read, and no network that is chosen makes it a charge.
    let foreign = EncodedRequest::parse("eyJhbW91bnQiOiIxMDAwMCJ9").unwrap();
    let (method, intent) = ("tempo".parse().unwrap(), IntentName::charge());
    let foreign = Challenge::new("x1", "shop", method, intent, foreign).unwrap();
    assert_eq!(refused(&foreign), PlanError::NotACharge);
    let chosen = plan_on(
        &network(),
        &of("tempo", "charge"),
        payer().account_id(),
        Mode::Pull,
        b"",
        NOW,
    );
    assert_eq!(chosen.unwrap_err(), PlanError::NotACharge);
    let elsewhere = ChargeDetails::sponsored("stellar:futurenet".parse().unwrap());
    assert!(matches!(
        refused(&challenge_for(elsewhere)),
        PlanError::Network(_)
    ));
    let on_pubnet = plan_on(
        &StellarNetwork::Pubnet,
        &of("stellar", "charge"),
        payer().account_id(),
        Mode::Pull,
        b"",
        NOW,
    );
    assert_eq!(
        on_pubnet.unwrap_err(),
        PlanError::Terms(TermsError::OtherNetwork)
    );
    let nameless = ChargeRequest {
        method_details: None,
        ..request(AMOUNT, sponsored_details())
    };
    let nameless = Challenge::new(
        "x1",
        "shop",
        MethodName::stellar(),
        IntentName::charge(),
        nameless.encode(),
    );
    assert_eq!(
        refused(&nameless.unwrap()),
        PlanError::Terms(TermsError::NoNetwork)
    );
}

#[test]
fn a_network_of_ones_own_is_paid_on() {
    let own = StellarNetwork::custom("stellar:own".parse().unwrap(), "my own network").unwrap();
    let details = ChargeDetails::sponsored(own.chain_id().into());
    let challenge = challenge_for(details);
    let plan = plan_on(&own, &challenge, payer().account_id(), Mode::Pull, b"", NOW);
    assert_eq!(plan.unwrap().charge().network_id(), own.network_id());
}
