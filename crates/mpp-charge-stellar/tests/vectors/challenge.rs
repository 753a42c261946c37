//! The challenge and the credential.

use coinslot_mpp_charge_stellar::{
    ChargeTerms, CheckedCharge, Fault, Presented, Refusal, TermsError,
};
use coinslot_mpp_wire::stellar::{ChargeDetails, ChargePayload, ChargeRequest, CredentialType};
use coinslot_mpp_wire::{
    BodyDigest, Credential, EncodedRequest, IntentName, MethodName, Payload, ProblemKind,
};
use coinslot_usdc_amount::BaseUnits;

use crate::charge::*;

/// Every request that differs from the route's own in one field.
fn other_requests() -> Vec<ChargeRequest> {
    let honest = request(AMOUNT, sponsored_details());
    vec![
        request(AMOUNT + 1, sponsored_details()),
        ChargeRequest {
            currency: "CDLZFC3SYJYDZT7K67VZ75HPJVIEUVNIXF47ZG2FB2RMQQVU2HHGCYSC".into(),
            ..honest.clone()
        },
        ChargeRequest {
            recipient: USDC.into(),
            ..honest.clone()
        },
        ChargeRequest {
            external_id: Some("order-9".into()),
            ..honest.clone()
        },
        ChargeRequest {
            description: Some("other".into()),
            ..honest
        },
        request(AMOUNT, unsponsored_details()),
    ]
}

#[test]
fn a_cheap_routes_challenge_does_not_open_a_dear_one() {
    let route = Route::sponsored();
    for other in other_requests() {
        let elsewhere = Route::new(&other.encode());
        let credential = sponsored_payment(&route);
        // Bound by the same secrets: its id is ours, what it asks for is another route's.
        let bound = route.bind(&credential);
        let presented = Presented {
            challenge: &bound,
            minted_at: NOW,
            payload: &credential.payload,
            source: None,
            body: None,
        };
        let refusal =
            CheckedCharge::check(&presented, &elsewhere.terms, &rules(), NOW).unwrap_err();
        assert_eq!(*refusal.fault(), Fault::OtherChallenge);
        assert_eq!(refusal.kind(), ProblemKind::InvalidChallenge);
    }
}

#[test]
fn a_challenge_of_another_method_or_intent_is_not_a_charge() {
    let request = request(AMOUNT, sponsored_details()).encode();
    for (method, intent) in [
        ("tempo".parse().unwrap(), IntentName::charge()),
        (MethodName::stellar(), IntentName::channel()),
    ] {
        let route = Route::of(&request, method, intent);
        let honest = sponsored_payment(&Route::sponsored());
        let credential = Credential {
            challenge: route.challenge(),
            ..honest
        };
        assert_eq!(route.refuses(&credential), Fault::OtherChallenge);
    }
}

#[test]
fn an_expired_challenge_is_refused() {
    let check = |now| {
        let route = Route::sponsored();
        route.check_at(&sponsored_payment(&route), &rules(), now)
    };
    assert!(check(EXPIRES - 1).is_ok());
    let refusal = check(EXPIRES).unwrap_err();
    assert_eq!(
        *refusal.fault(),
        Fault::ChallengeExpired { expires: EXPIRES }
    );
    assert_eq!(refusal.kind(), ProblemKind::PaymentExpired);
    let detail = refusal.problem().detail.unwrap();
    assert_eq!(detail, "Payment expired at 2026-01-06T12:05:00Z.");
}

#[test]
fn the_body_is_the_one_that_the_challenge_is_for() {
    let route = Route::sponsored();
    let mut credential = sponsored_payment(&route);
    credential.challenge = route.challenge_until(EXPIRES, Some(BodyDigest::of(b"one")));
    let bound = route.bind(&credential);
    let check = |body| {
        let presented = Presented {
            challenge: &bound,
            minted_at: NOW,
            payload: &credential.payload,
            source: None,
            body,
        };
        CheckedCharge::check(&presented, &route.terms, &rules(), NOW)
    };
    assert!(check(Some(b"one".as_slice())).is_ok());
    for other in [None, Some(b"two".as_slice()), Some(b"")] {
        let refusal = check(other).unwrap_err();
        assert_eq!(*refusal.fault(), Fault::OtherBody);
        assert_eq!(refusal.kind(), ProblemKind::InvalidChallenge);
    }
}

#[test]
fn a_payload_that_is_none_of_a_charge_is_malformed() {
    let route = Route::sponsored();
    let honest = sponsored_payment(&route);
    for json in [
        r#"{}"#,
        r#"{"type":"voucher"}"#,
        r#"{"type":"transaction"}"#,
        r#"{"type":"transaction","transaction":7}"#,
        r#"{"type":"hash","hash":"abc"}"#,
        r#"{"type":"signedHash","hash":"da4daef4af64048152031b93b1d4f38f1283573d96d1cc1ecfe4f205412fde71"}"#,
    ] {
        let credential = Credential {
            payload: payload(json),
            ..honest.clone()
        };
        let refusal = route.check(&credential).unwrap_err();
        assert!(matches!(refusal.fault(), Fault::Payload(_)), "{refusal}");
        assert_eq!(refusal.kind(), ProblemKind::MalformedCredential);
    }
}

fn payload(json: &str) -> Payload {
    let object: serde_json::Map<_, _> = serde_json::from_str(json).unwrap();
    object.into()
}

#[test]
fn loose_base64_and_broken_xdr_are_malformed() {
    let route = Route::sponsored();
    let honest = sponsored_payment(&route);
    let text = envelope_of(&honest).to_base64();
    for transaction in [
        format!(" {text}"),
        format!("{text}\n"),
        format!("{text}="),
        text.trim_end_matches('=').to_owned() + "!",
        text[..text.len() - 4].to_owned(),
        format!("{text}AAAA"),
        "AAAA".to_owned(),
        "****".to_owned(),
    ] {
        let refusal = route
            .check(&with_payload(
                &honest,
                &ChargePayload::Transaction { transaction },
            ))
            .unwrap_err();
        assert!(matches!(refusal.fault(), Fault::NotATransfer(_)));
        assert_eq!(refusal.kind(), ProblemKind::MalformedCredential);
    }
}

/// `source` is a claim: optional, and checked when it is there.
#[test]
fn the_source_is_optional_and_checked_when_given() {
    for (route, honest) in [
        (Route::sponsored(), sponsored_payment(&Route::sponsored())),
        (
            Route::unsponsored(),
            unsponsored_payment(&Route::unsponsored()),
        ),
    ] {
        let refusal = |source: Option<String>| -> Option<Refusal> {
            let credential = Credential {
                source,
                ..honest.clone()
            };
            route.check(&credential).err()
        };
        let payer = payer().account_id();
        assert_eq!(refusal(None), None);
        assert_eq!(
            refusal(Some(format!("did:pkh:stellar:testnet:{payer}"))),
            None
        );
        let fault = |source: String| refusal(Some(source)).unwrap().fault().clone();
        let other = stranger().account_id();
        assert_eq!(
            fault(format!("did:pkh:stellar:testnet:{other}")),
            Fault::SourceIsNotFrom
        );
        assert_eq!(
            fault(format!("did:pkh:stellar:pubnet:{payer}")),
            Fault::SourceElsewhere
        );
        assert_eq!(
            fault(format!("did:pkh:eip155:1:{payer}")),
            Fault::SourceElsewhere
        );
        let malformed = [payer.to_string(), format!("did:key:{payer}")];
        for source in malformed {
            assert!(matches!(fault(source), Fault::Source(_)));
        }
        let lower = payer.to_string().to_lowercase();
        let address = fault(format!("did:pkh:stellar:testnet:{lower}"));
        assert!(matches!(address, Fault::SourceAddress(_)));
        assert_eq!(address.kind(), ProblemKind::MalformedCredential);
    }
}

#[test]
fn a_form_that_is_not_listed_is_not_taken() {
    let only_push = ChargeDetails {
        credential_types: Some(vec![CredentialType::SignedHash]),
        ..unsponsored_details()
    };
    let route = Route::new(&request(AMOUNT, only_push).encode());
    let honest = unsponsored_payment(&Route::unsponsored());
    let credential = Credential {
        challenge: route.challenge(),
        ..honest
    };
    assert_eq!(
        route.refuses(&credential),
        Fault::FormNotTaken(CredentialType::Transaction)
    );
    let silent = ChargeDetails {
        credential_types: None,
        ..unsponsored_details()
    };
    let route = Route::new(&request(AMOUNT, silent).encode());
    let honest = push_payment(&Route::unsponsored());
    let credential = Credential {
        challenge: route.challenge(),
        ..honest
    };
    assert_eq!(
        route.refuses(&credential),
        Fault::FormNotTaken(CredentialType::SignedHash)
    );
}

#[test]
fn terms_that_nobody_can_meet_are_refused_with_a_sentence() {
    let read = |request: &EncodedRequest| ChargeTerms::read(request, &network()).unwrap_err();
    let honest = request(AMOUNT, sponsored_details());
    let issuer = "GBBD47IF6LWK7P7MDEVSCWR7DPUWV3NY3DTQEVFL4NAT4AQH3ZLLFLA5";
    let by_issuer = ChargeRequest {
        currency: issuer.into(),
        ..honest.clone()
    };
    let error = read(&by_issuer.encode());
    assert!(
        error.to_string().contains("named by its contract"),
        "{error}"
    );
    // It looks like an address, and is a constant of the official SDK.
    let no_checksum = ChargeRequest {
        currency: "CCW67TSZV3SSS2HXMBQ5JFGCKJNXKZM7UQUWUZPUTHXSTZLEO7SJMI".into(),
        ..honest.clone()
    };
    assert!(matches!(
        read(&no_checksum.encode()),
        TermsError::Currency(_)
    ));
    let nobody = ChargeRequest {
        recipient: "alice".into(),
        ..honest.clone()
    };
    assert!(matches!(read(&nobody.encode()), TermsError::Recipient(_)));
    let zero = ChargeRequest {
        amount: BaseUnits::ZERO,
        ..honest.clone()
    };
    assert_eq!(read(&zero.encode()), TermsError::ZeroAmount);
    let nowhere = ChargeRequest {
        method_details: None,
        ..honest.clone()
    };
    assert_eq!(read(&nowhere.encode()), TermsError::NoNetwork);
    let pubnet = ChargeDetails::sponsored("stellar:pubnet".parse().unwrap());
    let elsewhere = request(AMOUNT, pubnet);
    assert_eq!(read(&elsewhere.encode()), TermsError::OtherNetwork);
    let other = EncodedRequest::parse("eyJhbW91bnQiOiIxMDAwMCJ9").unwrap();
    assert!(matches!(read(&other), TermsError::Request(_)));
}
