//! "Push Mode Verification".

use coinslot_mpp_charge_stellar::{
    ChargeTerms, CheckedCharge, CheckedPush, Fault, Identity, LandedFacts, Place, Presented,
    Refusal, Rules, VerifiedPush, identify,
};
use coinslot_mpp_wire::stellar::{ChargeDetails, ChargePayload, CredentialType};
use coinslot_mpp_wire::{Credential, ProblemKind};
use coinslot_soroban_authorization::{
    AuthEntry, Envelope, TransactionHash, TransferEnvelope, UnsignedAuthEntry, fee_bump,
};
use coinslot_stellar_address::Address;
use stellar_xdr as xdr;

use crate::charge::*;

fn push(checked: CheckedCharge) -> CheckedPush {
    match checked {
        CheckedCharge::Push(charge) => charge,
        other => unreachable!("not pushed: {other:?}"),
    }
}

fn envelope() -> Envelope {
    signed_push(&Route::unsponsored()).envelope().clone()
}

/// The credential that proves a transaction with this hash.
fn proof_of(hash: TransactionHash) -> Credential {
    let route = Route::unsponsored();
    let challenge = route.challenge();
    coinslot_mpp_charge_stellar::prove_push(&challenge, &network(), &hash, &payer()).unwrap()
}

fn checked() -> CheckedPush {
    let route = Route::unsponsored();
    push(route.check(&push_payment(&route)).unwrap())
}

/// What is said to a landed transaction that the payer proves to be its own.
fn outcome(envelope: &Envelope) -> Result<VerifiedPush, Refusal> {
    let credential = proof_of(envelope.hash(&network().network_id()));
    let charge = push(Route::unsponsored().check(&credential).unwrap());
    charge.verify(&landed(envelope))
}

fn refused(envelope: &Envelope) -> Fault {
    outcome(envelope).unwrap_err().fault().clone()
}

fn unsigned_rules() -> Rules {
    Rules {
        accept_unsigned_hash: true,
        ..rules()
    }
}

fn unsigned_credential() -> Credential {
    let hash = *envelope().hash(&network().network_id()).as_bytes();
    let honest = push_payment(&Route::unsponsored());
    with_payload(&honest, &ChargePayload::Hash { hash })
}

#[test]
fn an_honest_payment_is_looked_up_once_and_verified() {
    let id = network().network_id();
    let hash = envelope().hash(&id);
    let charge = checked();
    assert_eq!(charge.hash(), hash);
    let identity = Identity {
        network_id: id,
        authorization: None,
        hashes: vec![hash],
    };
    assert_eq!(charge.identity(), identity);
    let route = Route::unsponsored();
    let payment = push_payment(&route);
    assert_eq!(
        identify(&payment.payload, &route.terms),
        Ok(identity.clone())
    );
    let verified = charge.verify(&landed(&envelope())).unwrap();
    assert_eq!(*verified.payer(), Address::Account(payer().account_id()));
    assert_eq!(*verified.identity(), identity);
    assert_eq!(verified.reference(), hash);
    assert_eq!(verified.landed_at(), NOW + 4);
    assert_eq!(verified.transfer().amount, i128::from(AMOUNT));
}

#[test]
fn nothing_is_pushed_where_the_server_pays() {
    let route = Route::sponsored();
    let hash = *envelope().hash(&network().network_id()).as_bytes();
    let honest = push_payment(&Route::unsponsored());
    let signed = Credential {
        challenge: route.challenge(),
        ..honest
    };
    let unsigned = with_payload(&signed, &ChargePayload::Hash { hash });
    for credential in [signed, unsigned] {
        let refusal = route
            .check_at(&credential, &unsigned_rules(), NOW)
            .unwrap_err();
        assert_eq!(*refusal.fault(), Fault::SponsoredPush);
        assert_eq!(refusal.kind(), ProblemKind::VerificationFailed);
    }
}

// Step 3

#[test]
fn the_transaction_exists_and_succeeded() {
    let refusal = |landed| checked().verify(&landed).unwrap_err();
    let missing = refusal(LandedFacts::NotFound);
    assert_eq!(*missing.fault(), Fault::NotFound);
    assert_eq!(*refusal(LandedFacts::Failed).fault(), Fault::FailedOnChain);
    assert_eq!(missing.kind(), ProblemKind::VerificationFailed);
}

#[test]
fn what_is_looked_up_is_what_was_asked_for() {
    let other = signed_by(
        changed(&envelope(), |transaction| transaction.fee += 1),
        &payer(),
    );
    let refusal = checked().verify(&landed(&other)).unwrap_err();
    assert_eq!(*refusal.fault(), Fault::AnotherTransaction);
}

// Step 4

#[test]
fn it_is_the_transfer_of_the_request() {
    let elsewhere = xdr::ScVal::Address(xdr_account(stranger().account_id()));
    let cases = [
        (
            argument_changed(&envelope(), 1, elsewhere),
            Fault::WrongRecipient,
        ),
        (
            argument_changed(&envelope(), 2, i128_value(AMOUNT - 1)),
            Fault::WrongAmount,
        ),
        (
            invocation_changed(&envelope(), |call, _| {
                let token = xdr::ContractId(xdr::Hash([9; 32]));
                call.contract_address = xdr::ScAddress::Contract(token);
            }),
            Fault::WrongCurrency,
        ),
    ];
    for (envelope, fault) in cases {
        assert_eq!(refused(&envelope), fault);
    }
    let muxed = xdr::ScVal::Address(xdr_muxed_address(payer().account_id()));
    let muxed = argument_changed(&envelope(), 0, muxed);
    assert_eq!(refused(&muxed), Fault::PayerIsMuxed);
    let upload = operation_changed(&envelope(), |operation| {
        operation.body = xdr::OperationBody::Inflation;
    });
    assert!(matches!(refused(&upload), Fault::NotATransfer(_)));
}

#[test]
fn it_made_the_transfer_and_nothing_else() {
    for events in wrong_events() {
        let landed = landed_with(&envelope(), events);
        let refusal = checked().verify(&landed).unwrap_err();
        assert!(matches!(refusal.fault(), Fault::Landed(_)), "{refusal}");
        assert_eq!(refusal.kind(), ProblemKind::VerificationFailed);
    }
}

#[test]
fn the_payer_authorized_the_one_transfer() {
    let none = auth_changed(&envelope(), Vec::clear);
    assert_eq!(refused(&none), Fault::EntryCount { found: 0 });
    let twice = auth_changed(&envelope(), |auth| auth.push(auth[0].clone()));
    assert_eq!(refused(&twice), Fault::EntryCount { found: 2 });
    let below = auth_changed(&envelope(), |auth| {
        let call = auth[0].root_invocation.clone();
        auth[0].root_invocation.sub_invocations = [call].try_into().unwrap();
    });
    assert_eq!(refused(&below), Fault::SubInvocations);
}

// What a stolen hash is worth

/// Hash and payer are public as soon as a transaction has landed.
#[test]
fn a_stolen_hash_buys_nothing() {
    let route = Route::unsponsored();
    let hash = envelope().hash(&network().network_id());
    let challenge = route.challenge();
    let thief = stranger();
    let stolen =
        coinslot_mpp_charge_stellar::prove_push(&challenge, &network(), &hash, &thief).unwrap();
    // In the thief's own name it is somebody else's payment.
    let charge = push(route.check(&stolen).unwrap());
    let refusal = charge.verify(&landed(&envelope())).unwrap_err();
    assert_eq!(*refusal.fault(), Fault::SourceIsNotFrom);
    // In the payer's name, and in nobody's, the proof does not hold; with a source nothing is looked up.
    let source = push_payment(&route).source;
    let in_the_payers_name = Credential {
        source,
        ..stolen.clone()
    };
    assert_eq!(route.refuses(&in_the_payers_name), Fault::Proof);
    let anonymous = Credential {
        source: None,
        ..stolen
    };
    let charge = push(route.check(&anonymous).unwrap());
    let refusal = charge.verify(&landed(&envelope())).unwrap_err();
    assert_eq!(*refusal.fault(), Fault::Proof);
}

#[test]
fn a_proof_is_for_one_challenge() {
    let route = Route::unsponsored();
    let honest = push_payment(&route);
    let replayed = Credential {
        challenge: route.challenge_until(EXPIRES + 1, None),
        ..honest
    };
    assert_eq!(route.refuses(&replayed), Fault::Proof);
}

#[test]
fn an_unsigned_hash_is_accepted_only_where_it_is_wanted() {
    let route = Route::unsponsored();
    assert_eq!(route.refuses(&unsigned_credential()), Fault::UnsignedHash);
    // The route's list leaves it out.
    let refusal = route
        .check_at(&unsigned_credential(), &unsigned_rules(), NOW)
        .unwrap_err();
    assert_eq!(*refusal.fault(), Fault::FormNotTaken(CredentialType::Hash));
    let listed = vec![CredentialType::Transaction, CredentialType::Hash];
    for credential_types in [None, Some(listed)] {
        let details = ChargeDetails {
            credential_types,
            ..unsponsored_details()
        };
        let route = Route::new(&request(AMOUNT, details).encode());
        let credential = Credential {
            challenge: route.challenge(),
            ..unsigned_credential()
        };
        assert_eq!(route.refuses(&credential), Fault::UnsignedHash);
        let charge = push(route.check_at(&credential, &unsigned_rules(), NOW).unwrap());
        assert!(charge.verify(&landed(&envelope())).is_ok());
    }
}

#[test]
fn a_transaction_older_than_the_challenge_is_refused() {
    let landed_at = |close_time| LandedFacts::Succeeded {
        close_time,
        envelope: envelope(),
        events: vec![honest_event()],
    };
    let tolerance = rules().clock_tolerance_seconds;
    assert!(checked().verify(&landed_at(NOW - tolerance)).is_ok());
    let old = landed_at(NOW - tolerance - 1);
    let refusal = checked().verify(&old).unwrap_err();
    assert_eq!(*refusal.fault(), Fault::OlderThanTheChallenge);

    // Nothing but its age protects what is not signed.
    let details = ChargeDetails {
        credential_types: None,
        ..unsponsored_details()
    };
    let route = Route::new(&request(AMOUNT, details).encode());
    let credential = Credential {
        challenge: route.challenge(),
        ..unsigned_credential()
    };
    let unsigned = push(route.check_at(&credential, &unsigned_rules(), NOW).unwrap());
    assert!(unsigned.clone().verify(&landed_at(NOW)).is_ok());
    let refusal = unsigned.verify(&landed_at(NOW - 1)).unwrap_err();
    assert_eq!(*refusal.fault(), Fault::OlderThanTheChallenge);
}

/// The money has moved: a confirmation that took its time is forgiven, for a while.
#[test]
fn a_push_may_be_presented_a_little_late() {
    let route = Route::unsponsored();
    let check = |now| route.check_at(&push_payment(&route), &rules(), now);
    let grace = rules().push_grace_seconds;
    assert!(check(EXPIRES + grace - 1).is_ok());
    let refusal = check(EXPIRES + grace).unwrap_err();
    assert_eq!(refusal.kind(), ProblemKind::PaymentExpired);
    let pull = route.check_at(&unsponsored_payment(&route), &rules(), EXPIRES);
    assert_eq!(pull.unwrap_err().kind(), ProblemKind::PaymentExpired);
}

// One identity through every door

#[test]
fn a_fee_bump_is_the_same_payment_by_either_hash() {
    let id = network().network_id();
    let inner = envelope();
    let bump = fee_bump(&inner, stranger().account_id(), 200_000).unwrap();
    let bump = signed_by(bump, &stranger());
    for hash in [inner.hash(&id), bump.hash(&id)] {
        let charge = push(Route::unsponsored().check(&proof_of(hash)).unwrap());
        let verified = charge.verify(&landed(&bump)).unwrap();
        assert_eq!(
            verified.identity().hashes,
            [inner.hash(&id), bump.hash(&id)]
        );
        assert_eq!(verified.reference(), hash);
    }
}

/// What was pulled with an authorization entry has a public hash: its nonce is claimed already.
#[test]
fn a_pushed_entry_is_known_by_its_nonce_too() {
    let id = network().network_id();
    let transfer = TransferEnvelope::recognise(&envelope()).unwrap().transfer;
    let entry = UnsignedAuthEntry::for_transfer(&transfer, NONCE, LATEST_LEDGER + 9)
        .sign(&payer(), &id)
        .unwrap();
    let relayed = auth_changed(&envelope(), |auth| *auth = vec![xdr_entry(&entry)]);
    let relayed = changed(&relayed, |transaction| {
        transaction.source_account = xdr_source(stranger().account_id());
    });
    let verified = outcome(&relayed).unwrap();
    assert_eq!(
        verified.identity().authorization,
        Some((payer().account_id().into(), NONCE))
    );
    // Settled by ourselves, it was bought already.
    for ours in [sponsor(), fee_bumper()] {
        let settled = changed(&relayed, |transaction| {
            transaction.source_account = xdr_muxed_source(ours.account_id());
        });
        assert_eq!(
            refused(&settled),
            Fault::OurAccount(Place::TransactionSource)
        );
    }
    let bump = fee_bump(
        &signed_by(relayed, &stranger()),
        sponsor().account_id(),
        200_000,
    );
    assert_eq!(refused(&bump.unwrap()), Fault::OurAccount(Place::FeeSource));
}

#[test]
fn somebody_elses_money_is_not_the_payers_by_the_source() {
    let other = xdr::ScVal::Address(xdr_account(stranger().account_id()));
    let foreign = argument_changed(&envelope(), 0, other);
    let transfer = TransferEnvelope::recognise(&foreign).unwrap().transfer;
    let foreign = auth_changed(&foreign, |auth| {
        *auth = vec![xdr_entry(&AuthEntry::by_source_account(&transfer))];
    });
    let hash = foreign.hash(&network().network_id());
    let stranger_proves = Credential {
        source: None,
        ..coinslot_mpp_charge_stellar::prove_push(
            &Route::unsponsored().challenge(),
            &network(),
            &hash,
            &stranger(),
        )
        .unwrap()
    };
    let charge = push(Route::unsponsored().check(&stranger_proves).unwrap());
    let refusal = charge.verify(&landed(&foreign)).unwrap_err();
    assert_eq!(*refusal.fault(), Fault::EntryOfAnother);
}

#[test]
fn upper_case_digits_are_the_same_hash() {
    let route = Route::unsponsored();
    let payment = push_payment(&route);
    let upper = payment.payload.json().to_owned();
    let hash = envelope().hash(&network().network_id()).to_string();
    let upper = upper.replace(&hash, &hash.to_uppercase());
    let payload: serde_json::Map<_, _> = serde_json::from_str(&upper).unwrap();
    let credential = Credential {
        payload: payload.into(),
        ..payment
    };
    assert_ne!(
        credential.payload.json(),
        push_payment(&route).payload.json()
    );
    let charge = push(route.check(&credential).unwrap());
    assert_eq!(charge.hash().to_string(), hash);
    assert!(charge.verify(&landed(&envelope())).is_ok());
}

/// The terms are the route's own, however the request is presented.
#[test]
fn the_digest_counts_for_a_push_too() {
    let route = Route::unsponsored();
    let digest = coinslot_mpp_wire::BodyDigest::of(b"body");
    let challenge = route.challenge_until(EXPIRES, Some(digest));
    let hash = envelope().hash(&network().network_id());
    let credential =
        coinslot_mpp_charge_stellar::prove_push(&challenge, &network(), &hash, &payer()).unwrap();
    let bound = route.bind(&credential);
    let check = |body, terms: &ChargeTerms| {
        let presented = Presented {
            challenge: &bound,
            minted_at: NOW,
            payload: &credential.payload,
            source: None,
            body,
        };
        CheckedCharge::check(&presented, terms, &rules(), NOW).map(drop)
    };
    assert!(check(Some(b"body".as_slice()), &route.terms).is_ok());
    assert!(check(Some(b"other".as_slice()), &route.terms).is_err());
    assert!(check(None, &route.terms).is_err());
}
