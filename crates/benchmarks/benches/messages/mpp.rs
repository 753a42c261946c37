//! Challenges and credentials of MPP against the `mpp` crate: the same texts, the same secret.

use std::hint::black_box;

use coinslot_mpp_wire::stellar::{ChargeDetails, ChargePayload, ChargeRequest, CredentialType};
use coinslot_mpp_wire::{
    Challenge, ChallengeSecrets, Credential, IntentName, Issuer, MethodName, OpaqueData, Terms,
    Timestamp,
};
use criterion::Criterion;
use mpp::protocol::core as peer;

use crate::sample;

const SECRET: &str = "a secret of 32 bytes or more, of benches";
const EXPIRES: &str = "2026-01-06T12:00:00Z";

/// A charge as a gate offers it, whose buyers pay the network's fees.
fn request() -> ChargeRequest {
    let payment = sample::payment();
    let details = ChargeDetails {
        credential_types: Some(vec![
            CredentialType::Transaction,
            CredentialType::SignedHash,
        ]),
        ..ChargeDetails::unsponsored(sample::NETWORK.chain_id().to_owned())
    };
    ChargeRequest {
        description: Some("The weather".to_owned()),
        external_id: Some("order-9".to_owned()),
        ..ChargeRequest::new(
            payment.requirements.amount,
            payment.requirements.asset,
            payment.requirements.pay_to,
            details,
        )
    }
}

/// As a gate mints them: random bytes, when, and for which requests.
fn opaque() -> OpaqueData {
    OpaqueData::new([42; 32])
}

fn issuer(secrets: &ChallengeSecrets) -> Issuer {
    let (method, intent) = (MethodName::stellar(), IntentName::charge());
    let terms = Terms::new("api.example.com", method, intent, request().encode());
    Issuer::new(secrets, terms.expect("a realm"))
}

pub(crate) fn bench(criterion: &mut Criterion) {
    let secrets = ChallengeSecrets::new(SECRET).expect("a secret");
    let issuer = issuer(&secrets);
    let expires: Timestamp = EXPIRES.parse().expect("a time");
    let minted = issuer.mint(expires.clone(), &opaque(), None);
    let (header, challenge) = (minted.to_header(), minted.to_challenge());
    let theirs = peer::parse_www_authenticate(&header).expect("the peer reads it");
    assert!(theirs.verify(SECRET), "the peer binds ids in the same way");

    let mut group = criterion.benchmark_group("mpp_challenge");
    group.bench_function("ours", |bencher| {
        bencher.iter(|| Challenge::from_header(black_box(&header)))
    });
    group.bench_function("peer", |bencher| {
        bencher.iter(|| peer::parse_www_authenticate(black_box(&header)))
    });
    group.finish();

    let transaction = sample::payment().envelope.to_base64();
    let payload = ChargePayload::Transaction { transaction };
    let authorization = Credential::new(challenge.clone(), &payload).to_header();
    let mut group = criterion.benchmark_group("mpp_credential");
    group.bench_function("ours", |bencher| {
        bencher.iter(|| Credential::from_header(black_box(&authorization)))
    });
    group.bench_function("peer", |bencher| {
        bencher.iter(|| peer::parse_authorization(black_box(&authorization)))
    });
    group.finish();

    let mut group = criterion.benchmark_group("mpp_verify");
    group.bench_function("ours", |bencher| {
        bencher.iter(|| issuer.recognises(black_box(&challenge)))
    });
    group.bench_function("peer", |bencher| {
        bencher.iter(|| black_box(&theirs).verify(black_box(SECRET)))
    });
    group.finish();

    let request = serde_json::to_value(request()).expect("JSON");
    let request = peer::Base64UrlJson::from_value(&request).expect("JSON");
    let data = serde_json::json!({ "nonce": "KioqKioqKioqKioqKioqKioqKioqKioqKioqKioqKio" });
    let mut group = criterion.benchmark_group("mpp_mint");
    group.bench_function("ours", |bencher| {
        bencher.iter(|| {
            issuer
                .mint(black_box(expires.clone()), &opaque(), None)
                .to_header()
        })
    });
    group.bench_function("peer", |bencher| {
        bencher.iter(|| {
            let opaque = peer::Base64UrlJson::from_value(black_box(&data)).expect("JSON");
            peer::PaymentChallenge::with_secret_key_full(
                SECRET,
                "api.example.com",
                "stellar",
                "charge",
                request.clone(),
                Some(EXPIRES),
                None,
                None,
                Some(opaque),
                None,
            )
            .to_header()
        })
    });
    group.finish();
}
