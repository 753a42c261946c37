//! What a server does with a stranger's charge on Stellar before it asks the network anything.

use std::sync::LazyLock;

use coinslot_caip2_network::StellarNetwork;
use coinslot_mpp_charge_stellar::{
    ChargeTerms, CheckedCharge, Identity, Presented, Refusal, Rules, identify,
};
use coinslot_mpp_wire::stellar::{ChargeDetails, ChargePayload, ChargeRequest, CredentialType};
use coinslot_mpp_wire::{
    BoundChallenge, ChallengeSecrets, IntentName, Issuer, MethodName, OpaqueData, Payload, Terms,
    Timestamp,
};
use coinslot_soroban_authorization::{Credential, TransferEnvelope};
use coinslot_stellar_address::AccountId;

use crate::memory;

/// Differential (recognition says the same), bounded; what passes the check is what `identify` says it is, and pays what
/// the route asks for.
///
/// The input is the payload's JSON. It is presented at a route that pays the network's fees, and at one that does not.
pub(crate) fn checked_charge(data: &[u8]) {
    let Ok(payload) = serde_json::from_slice::<Payload>(data) else {
        return;
    };
    let allowance = data.len().saturating_mul(80).saturating_add(32 * 1_024);
    for route in [&*SPONSORED, &*UNSPONSORED] {
        let identified = memory::at_most(allowance, || identify(&payload, &route.terms));
        let presented = Presented {
            challenge: &route.challenge,
            minted_at: NOW,
            payload: &payload,
            source: None,
            body: None,
        };
        let checked = memory::at_most(allowance, || {
            CheckedCharge::check(&presented, &route.terms, &route.rules, NOW)
        });
        match checked {
            Ok(charge) => passes(route, &payload, &charge, identified),
            Err(refusal) => is_a_sentence(&refusal),
        }
    }
}

fn passes(
    route: &Route,
    payload: &Payload,
    charge: &CheckedCharge,
    identified: Result<Identity, Refusal>,
) {
    let identity = charge.identity();
    assert_eq!(
        identified.expect("what passes the check is identified"),
        identity
    );
    assert!(identity.authorization.is_some() || !identity.hashes.is_empty());
    let (transfer, envelope) = match charge {
        CheckedCharge::Sponsored(charge) => (charge.transfer(), charge.simulation_envelope()),
        CheckedCharge::Unsponsored(charge) => {
            (charge.transfer(), charge.simulation_envelope().clone())
        }
        // Nothing is known of a transaction that has not been looked up.
        CheckedCharge::Push(_) => {
            assert!(!route.terms.is_sponsored(), "a push where the server pays");
            return;
        }
    };
    assert_eq!(transfer.token, route.terms.token());
    assert_eq!(transfer.to, route.terms.recipient());
    assert_eq!(transfer.amount, route.terms.amount().to_i128());
    let recognised = TransferEnvelope::recognise(&envelope).expect("a transfer is simulated");
    assert_eq!(recognised.transfer, *transfer);
    let [entry] = recognised.auth.as_slice() else {
        panic!("what passes the check has one entry")
    };
    match (entry.credential(), identity.authorization) {
        (Credential::Address { address, nonce, .. }, Some(known)) => {
            assert_eq!((address, nonce), known);
        }
        (Credential::SourceAccount, None) => assert!(!route.terms.is_sponsored()),
        other => panic!("{other:?}"),
    }
    if !route.terms.is_sponsored() {
        let bounds = recognised.time_bounds.expect("it ends with the challenge");
        assert!((NOW + 1..=EXPIRES).contains(&bounds.max_time));
    }
    assert!(matches!(
        payload.read(),
        Ok(ChargePayload::Transaction { .. })
    ));
}

fn is_a_sentence(refusal: &Refusal) {
    let problem = refusal.problem();
    let sentence = problem.detail.expect("a problem has a sentence");
    assert!(sentence.len() <= 600, "{sentence}");
    assert!(!sentence.contains(['\r', '\n', '\0']), "{sentence:?}");
    assert!(sentence.ends_with('.'), "{sentence:?}");
}

struct Route {
    terms: ChargeTerms,
    challenge: BoundChallenge,
    rules: Rules,
}

impl Route {
    fn new(details: ChargeDetails) -> Self {
        let request = ChargeRequest::new(
            "10000".parse().expect("an amount"),
            "CBIELTK6YBZJU5UP2WWQEUCYKLPU6AUNZ2BQ4WWFEIE3USCIHMXQDAMA",
            "GDH4FI462RN37HLVEZG7TNWGNNYWIKYHONYQWLZFPSQDK6YUQUJPO5IN",
            details,
        )
        .encode();
        let terms = ChargeTerms::read(&request, &StellarNetwork::Testnet).expect("good terms");
        let (method, intent) = (MethodName::stellar(), IntentName::charge());
        let wire = Terms::new("api.example.com", method, intent, request).expect("a realm");
        let issuer = Issuer::new(&ChallengeSecrets::new([7; 32]).expect("32 bytes"), wire);
        let expires = Timestamp::from_unix_seconds(EXPIRES).expect("before the year 10000");
        let minted = issuer.mint(expires, &OpaqueData::new([42; 16]), None);
        let challenge = issuer.verify(minted.to_challenge()).expect("our own");
        let mut rules = Rules::new(vec![AccountId::from_bytes([9; 32])], 50_000);
        rules.accept_unsigned_hash = true;
        Self {
            terms,
            challenge,
            rules,
        }
    }
}

static SPONSORED: LazyLock<Route> =
    LazyLock::new(|| Route::new(ChargeDetails::sponsored(testnet())));

static UNSPONSORED: LazyLock<Route> = LazyLock::new(|| {
    let all = [
        CredentialType::Transaction,
        CredentialType::SignedHash,
        CredentialType::Hash,
    ];
    Route::new(ChargeDetails {
        credential_types: Some(all.to_vec()),
        ..ChargeDetails::unsponsored(testnet())
    })
});

fn testnet() -> coinslot_caip2_network::ChainId {
    StellarNetwork::Testnet.chain_id().into()
}

/// 2026-01-06T12:00:00Z
const NOW: u64 = 1_767_700_800;
const EXPIRES: u64 = NOW + 300;
