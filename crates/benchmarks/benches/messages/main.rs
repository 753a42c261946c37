//! Headers, transactions and signatures against their bounds: what base64, JSON, XDR and ed25519 cost by themselves.

use std::hint::black_box;

use coinslot_benchmarks::ratio::{self, Ratio, Target};
use coinslot_channel_commitment::{CommitmentKey, CommitmentVerifier};
use coinslot_soroban_authorization::{SecretKey, TransferEnvelope};
use coinslot_stellar_address::ContractId;
use coinslot_usdc_amount::BaseUnits;
use coinslot_x402_exact_stellar::{CheckedPayment, Rules};
use coinslot_x402_wire::PaymentPayload;
use criterion::Criterion;
use ed25519_dalek::{Signature, Signer as _, SigningKey};

mod mpp;
mod peers;
mod sample;

fn main() {
    let mut criterion = Criterion::default().configure_from_args().sample_size(60);
    header_decode(&mut criterion);
    recognise(&mut criterion);
    verify(&mut criterion);
    voucher(&mut criterion);
    mpp::bench(&mut criterion);
    criterion.final_summary();
    let measured = [
        (
            ("header_decode", "ours", "bound"),
            "decode `PAYMENT-SIGNATURE`",
            "base64 and JSON of the same bytes",
            Some(Target::AtMost(1.3)),
        ),
        (
            ("recognise", "ours", "stellar_xdr"),
            "recognise a transfer in base64",
            "`stellar-xdr`'s base64 reader and extraction",
            Some(Target::AtMost(0.35)),
        ),
        (
            ("verify", "entry", "ed25519"),
            "verify an authorization entry",
            "one strict ed25519 verification",
            None,
        ),
        (
            ("verify", "payment", "ed25519"),
            "check a payment before simulation",
            "one strict ed25519 verification",
            None,
        ),
        (
            ("voucher", "ours", "ed25519"),
            "verify a voucher",
            "one strict ed25519 verification",
            Some(Target::AtMost(1.05)),
        ),
        (
            ("mpp_challenge", "ours", "peer"),
            "parse `WWW-Authenticate: Payment`",
            "the `mpp` crate",
            Some(Target::AtMost(0.35)),
        ),
        (
            ("mpp_credential", "ours", "peer"),
            "parse `Authorization: Payment`",
            "the `mpp` crate",
            Some(Target::AtMost(0.35)),
        ),
        (
            ("mpp_verify", "ours", "peer"),
            "verify the id of a challenge",
            "the `mpp` crate",
            Some(Target::AtMost(0.35)),
        ),
        (
            ("mpp_mint", "ours", "peer"),
            "mint a challenge",
            "the `mpp` crate",
            Some(Target::AtMost(0.35)),
        ),
    ];
    let ratios: Result<Vec<Ratio>, _> = measured
        .into_iter()
        .map(|((group, ours, bound), what, peer, target)| {
            let ratio = quotient(
                ratio::criterion_median(group, ours)?,
                ratio::criterion_median(group, bound)?,
            );
            Ok::<_, std::io::Error>(Ratio {
                what: what.into(),
                peer: peer.into(),
                ratio,
                target,
            })
        })
        .collect();
    // A run with a filter measures only a part, and keeps no ratios.
    if let Ok(ratios) = ratios {
        ratio::keep("messages", &ratios).expect("the build folder can be written");
    }
}

fn header_decode(criterion: &mut Criterion) {
    let header = sample::payment().payload.to_header();
    let mut group = criterion.benchmark_group("header_decode");
    group.bench_function("ours", |bencher| {
        bencher.iter(|| PaymentPayload::from_header(black_box(&header)))
    });
    group.bench_function("bound", |bencher| {
        bencher.iter(|| peers::decode_header(black_box(&header)))
    });
}

fn recognise(criterion: &mut Criterion) {
    let text = sample::payment().envelope.to_base64();
    assert!(TransferEnvelope::from_base64(&text).is_ok());
    let mut group = criterion.benchmark_group("recognise");
    group.bench_function("ours", |bencher| {
        bencher.iter(|| TransferEnvelope::from_base64(black_box(&text)))
    });
    group.bench_function("stellar_xdr", |bencher| {
        bencher.iter(|| peers::recognise(black_box(&text)))
    });
}

fn verify(criterion: &mut Criterion) {
    let sample = sample::payment();
    let transfer = TransferEnvelope::recognise(&sample.envelope).expect("a transfer");
    let entry = transfer.auth.first().expect("an entry");
    let network = sample::NETWORK.network_id();
    let rules = Rules {
        network: sample::NETWORK,
        sponsors: vec![SecretKey::from_seed([3; 32]).account_id()],
        assets: None,
        max_fee_stroops: 1_000_000,
        expiration_tolerance_ledgers: 2,
    };
    let key = SigningKey::from_bytes(&[7; 32]);
    let message = [5; 32];
    let signature: Signature = key.sign(&message);
    let mut group = criterion.benchmark_group("verify");
    group.bench_function("entry", |bencher| {
        bencher.iter(|| black_box(entry).verify_account_signature(&network))
    });
    group.bench_function("payment", |bencher| {
        bencher.iter(|| {
            CheckedPayment::check(black_box(&sample.payload), &sample.requirements, &rules)
        })
    });
    group.bench_function("ed25519", |bencher| {
        bencher.iter(|| {
            key.verifying_key()
                .verify_strict(black_box(&message), &signature)
        })
    });
}

fn voucher(criterion: &mut Criterion) {
    let (network, channel) = (
        sample::NETWORK.network_id(),
        ContractId::from_bytes([5; 32]),
    );
    let secret = CommitmentKey::from_seed([7; 32]);
    let verifier = CommitmentVerifier::new(&network, &channel, &secret.public_key());
    let verifier = verifier.expect("a key that can be used");
    let amount = BaseUnits::from_u64(10_000);
    let voucher = secret.sign_amount(verifier.template(), amount);
    let message = verifier.template().with_amount(amount);
    let key = SigningKey::from_bytes(&[7; 32]).verifying_key();
    let signature = Signature::from_bytes(voucher.signature());
    let mut group = criterion.benchmark_group("voucher");
    group.bench_function("ours", |bencher| {
        bencher.iter(|| verifier.verify(black_box(voucher)))
    });
    group.bench_function("ed25519", |bencher| {
        bencher.iter(|| key.verify_strict(black_box(&message), &signature))
    });
}

#[expect(clippy::float_arithmetic, reason = "a ratio is a quotient")]
fn quotient(ours: f64, bound: f64) -> f64 {
    ours / bound
}
