use coinslot_caip2_network::StellarNetwork;
use coinslot_channel_commitment::{CommitmentKey, CommitmentTemplate};
use coinslot_mpp_wire::stellar::{
    ChannelAction, ChannelDetails, ChannelPayload, ChannelRequest, KeyProof,
};
use coinslot_mpp_wire::{Challenge, Credential, IntentName, MethodName};
use serde_json::{Value, json as value};

use super::*;
use crate::inspect::explain;
use crate::inspect::tests::{NOW, cases, json, words};

const CHANNEL: &str = "CAG6RI5Q5DXW7DTDQFWEJAQUARGJMCT6X52XAIDGJ2OKT63SYYQBZB3V";

fn template() -> CommitmentTemplate {
    let channel = CHANNEL.parse().unwrap();
    CommitmentTemplate::new(&StellarNetwork::Testnet.network_id(), &channel)
}

/// A challenge of 100 base units.
fn challenge(channel: &str, network: Option<&str>, cumulative: Option<u64>) -> Challenge {
    let details = ChannelDetails {
        cumulative_amount: cumulative.map(Into::into),
        network: network.map(|network| network.parse().unwrap()),
        reference: None,
    };
    let request = ChannelRequest::new(100_u64.into(), channel, details).encode();
    let (method, intent) = (MethodName::stellar(), IntentName::channel());
    Challenge::new("x1", "shop.example", method, intent, request)
        .unwrap()
        .with_expires("2026-01-06T12:00:00Z".parse().unwrap())
}

/// A credential over a channel, explained.
fn paid(challenge: Challenge, action: ChannelAction, amount: u64) -> Value {
    let voucher = CommitmentKey::from_seed([7; 32]).sign_amount(&template(), amount.into());
    let payload = ChannelPayload {
        action,
        amount: voucher.amount(),
        signature: *voucher.signature(),
    };
    json(&Credential::new(challenge, &payload).to_header())
}

fn problems(explained: &Value) -> Vec<String> {
    serde_json::from_value(explained["problems"].clone()).unwrap()
}

#[test]
fn commitments_of_official_programs_are_told() {
    for case in cases("channel_commitment", "commit") {
        let input = &case["input"];
        let Some(bytes) = case["expected"]["commitment_xdr_hex"].as_str() else {
            continue;
        };
        for bytes in [bytes.to_owned(), bytes.to_uppercase()] {
            let told = json(&bytes);
            assert_eq!(told["kind"], "commitment");
            assert_eq!(told["channel"], input["channel"]);
            assert_eq!(told["amount"], input["amount"]);
            assert_eq!(told["network"], input["network"]);
        }
    }
    let zero = "0".repeat(384);
    let error = explain(&zero, NOW).unwrap_err().to_string();
    assert!(
        error.contains("as long as a channel's commitment"),
        "{error}"
    );
    let elsewhere = hex::encode(
        CommitmentTemplate::new(&NetworkId::from_bytes([9; 32]), &CHANNEL.parse().unwrap())
            .with_amount(5_u64.into()),
    );
    assert_eq!(json(&elsewhere)["network"], Value::Null);
    assert!(words(&elsewhere).contains("none of the public ones"));
}

#[test]
fn a_challenge_says_what_cannot_be_paid_from() {
    let of = |challenge: Challenge| {
        let told = json(&challenge.to_header());
        problems(&told["challenges"][0])
    };
    let testnet = Some("stellar:testnet");
    assert!(of(challenge(CHANNEL, testnet, None)).is_empty());
    let damaged = CHANNEL.replace("CAG6", "CAG7");
    for (channel, network, words) in [
        (damaged.as_str(), testnet, "no contract's address"),
        (CHANNEL, None, "on which network"),
        (CHANNEL, Some("eip155:8453"), "network cannot be used"),
    ] {
        let found = of(challenge(channel, network, None));
        assert!(found.len() == 1 && found[0].contains(words), "{found:?}");
    }
}

#[test]
fn a_voucher_is_told_with_what_it_signs() {
    let testnet = Some("stellar:testnet");
    let asked = |cumulative| challenge(CHANNEL, testnet, cumulative);
    let told = paid(asked(None), ChannelAction::Voucher, 140);
    let commitment = hex::encode(template().with_amount(140_u64.into()));
    assert_eq!(
        told["payload"],
        value!({ "type": "voucher", "action": "voucher", "amount": "140", "commitment": commitment })
    );
    assert!(problems(&told).is_empty(), "{told}");
    for (challenge, action, amount, problem) in [
        (
            asked(None),
            ChannelAction::Voucher,
            99,
            Some("below the price"),
        ),
        (
            asked(Some(50)),
            ChannelAction::Voucher,
            149,
            Some("150 base units"),
        ),
        (asked(Some(50)), ChannelAction::Voucher, 150, None),
        (asked(Some(50)), ChannelAction::Close, 50, None),
    ] {
        let found = problems(&paid(challenge, action, amount));
        assert_eq!(found.len(), usize::from(problem.is_some()), "{found:?}");
        if let Some(words) = problem {
            assert!(found[0].contains(words), "{found:?}");
        }
    }
    let nowhere = paid(challenge(CHANNEL, None, None), ChannelAction::Close, 1);
    assert_eq!(nowhere["payload"]["commitment"], Value::Null);
    assert_eq!(nowhere["payload"]["action"], "close");
}

#[test]
fn a_receipt_of_a_voucher_is_no_transaction() {
    let receipt = value!({
        "status": "success", "method": "stellar", "timestamp": "2026-01-06T11:00:00Z", "reference": "x1",
        "channelId": CHANNEL, "acceptedCumulative": "140", "spent": "100", "table": 4,
    });
    let told = json(&receipt.to_string());
    assert!(problems(&told).is_empty(), "{told}");
    assert_eq!(
        told["channel"],
        value!({ "channel": CHANNEL, "accepted": "140", "spent": "100", "closedBy": null })
    );
    assert_eq!(told["extensions"], value!({ "table": 4 }));
    let words = words(&receipt.to_string());
    for line in [
        "reference: x1",
        "spent, in base units: 100",
        "extension: table = 4",
    ] {
        assert!(words.lines().any(|told| told == line), "{line}\n{words}");
    }
}

#[test]
fn the_header_of_a_channel_is_told_from_both_sides() {
    let signature = [7; 64];
    let proved = |at| NamedChannel {
        channel: CHANNEL.to_owned(),
        proof: Some(KeyProof { at, signature }),
    };
    let of = |value: &dyn std::fmt::Display| json(&format!("Payment-Channel: {value}"));
    let named = of(&CHANNEL);
    assert_eq!(named["kind"], "payment-channel");
    assert_eq!(
        (&named["saidBy"], &named["proved"]),
        (&value!("buyer"), &Value::Null)
    );
    assert!(problems(&of(&proved(NOW - 60))).is_empty());
    for stale in [NOW - 61, NOW + 61] {
        assert!(problems(&of(&proved(stale)))[0].contains("this minute"));
    }
    let standing = ChannelStanding {
        channel: CHANNEL.to_owned(),
        cumulative: 140_u64.into(),
        signature,
    };
    let told = of(&standing);
    assert_eq!(
        (&told["saidBy"], &told["cumulative"]),
        (&value!("seller"), &value!("140"))
    );
    assert!(
        !told.to_string().contains(&hex::encode(signature)),
        "{told}"
    );
    let damaged = format!("Payment-Channel: {CHANNEL}; at=1");
    let error = explain(&damaged, NOW).unwrap_err().to_string();
    assert!(error.contains("Payment-Channel"), "{error}");
}
