//! The shared vectors of the family `channel_commitment`, made by the official SDKs.

use coinslot_caip2_network::{NetworkId, StellarNetwork};
use coinslot_channel_commitment::{
    Commitment, CommitmentKey, CommitmentPublicKey, CommitmentTemplate, CommitmentVerifier, Voucher,
};
use serde_json::Value;

const FAMILY: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../tests/vectors/channel_commitment.json"
));

fn cases(kind: &str) -> Vec<Value> {
    let family: Value = serde_json::from_str(FAMILY).unwrap();
    let cases = family["cases"].as_array().unwrap();
    assert_eq!(family["count"], 59);
    assert_eq!(cases.len(), 59);
    let known =
        |case: &&Value| ["commit", "assert", "verify"].contains(&case["kind"].as_str().unwrap());
    assert!(cases.iter().all(|case| known(&case)), "an unknown kind");
    cases
        .iter()
        .filter(|case| case["kind"] == kind)
        .cloned()
        .collect()
}

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().unwrap()
}

fn wanted(input: &Value) -> Commitment {
    let network: StellarNetwork = text(input, "network").parse().unwrap();
    Commitment {
        network: network.network_id(),
        channel: text(input, "channel").parse().unwrap(),
        amount: text(input, "amount").parse().unwrap(),
    }
}

#[test]
fn commitments_and_signatures_are_the_reference_s_own() {
    let cases = cases("commit");
    assert!(cases.len() > 30);
    for case in &cases {
        let (id, input, expected) = (text(case, "id"), &case["input"], &case["expected"]);
        let commitment = wanted(input);
        assert_eq!(
            commitment.network,
            NetworkId::from_passphrase(text(input, "network_passphrase")),
            "{id}"
        );
        let bytes = hex::decode(text(expected, "commitment_xdr_hex")).unwrap();
        assert_eq!(commitment.encode().as_slice(), bytes, "{id}");
        assert_eq!(Commitment::decode(&bytes), Ok(commitment), "{id}");

        let key: CommitmentKey = text(input, "commitment_seed_hex").parse().unwrap();
        let public: CommitmentPublicKey = text(expected, "public_key_hex").parse().unwrap();
        assert_eq!(key.public_key(), public, "{id}");
        let voucher = key.sign(&commitment);
        assert_eq!(
            voucher.signature_hex(),
            text(expected, "signature_hex"),
            "{id}"
        );
        let template = CommitmentTemplate::new(&commitment.network, &commitment.channel);
        assert_eq!(
            key.sign_amount(&template, commitment.amount),
            voucher,
            "{id}"
        );

        let verifier =
            CommitmentVerifier::new(&commitment.network, &commitment.channel, &public).unwrap();
        assert_eq!(
            verifier.verify(voucher).unwrap().commitment(),
            &commitment,
            "{id}"
        );
    }
}

/// Where the reference takes what the contract never makes, we do not; see `decisions.md`.
#[test]
fn commitments_are_told_from_other_bytes() {
    let cases = cases("assert");
    assert_eq!(cases.len(), 16);
    let mut otherwise = 0;
    for case in &cases {
        let input = &case["input"];
        let bytes = hex::decode(text(input, "commitment_xdr_hex")).unwrap();
        let ours = Commitment::decode(&bytes) == Ok(wanted(input));
        let reference = case["expected"] == "ok";
        let questionable = case["questionable"] == true;
        assert_eq!(ours, reference && !questionable, "{}", text(case, "id"));
        otherwise += u32::from(questionable);
    }
    assert_eq!(otherwise, 4);
}

#[test]
fn signatures_are_judged_as_by_the_reference() {
    let cases = cases("verify");
    assert_eq!(cases.len(), 5);
    for case in &cases {
        let input = &case["input"];
        let bytes = hex::decode(text(input, "commitment_xdr_hex")).unwrap();
        let Commitment {
            network,
            channel,
            amount,
        } = Commitment::decode(&bytes).unwrap();
        let key = text(input, "public_key_hex").parse().unwrap();
        let verifier = CommitmentVerifier::new(&network, &channel, &key).unwrap();
        let voucher = Voucher::from_hex(amount, text(input, "signature_hex")).unwrap();
        assert_eq!(
            verifier.verify(voucher).is_ok(),
            case["expected"] == true,
            "{}",
            text(case, "id")
        );
    }
}
