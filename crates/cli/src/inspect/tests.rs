use serde_json::{Value, json};

use super::*;

const USDC: &str = "CBIELTK6YBZJU5UP2WWQEUCYKLPU6AUNZ2BQ4WWFEIE3USCIHMXQDAMA";
const SECRET: &str = "SD2HE6POY7D6P54CCUJ65SQW3C5SVBHT6PMI3BAQ7UVMBOTK7RI5WORH";
const ACCOUNT: &str = "GBHU3N4ON2XO5ROEHBOECRTKOOE2MWOMAISZ65YYX32QBNFJ6DKD3HOR";

/// 2026-01-06T11:58:55Z.
pub(super) const NOW: u64 = 1_767_700_735;

fn explain(input: &str) -> Result<Explanation, InspectError> {
    super::explain(input, NOW)
}

/// The cases of one kind of a family of shared vectors.
pub(super) fn cases(family: &str, kind: &str) -> Vec<Value> {
    let path = format!(
        "{}/../../tests/vectors/{family}.json",
        env!("CARGO_MANIFEST_DIR")
    );
    let vectors: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let cases = vectors["cases"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|case| case["kind"] == kind);
    let cases: Vec<_> = cases.cloned().collect();
    assert!(!cases.is_empty(), "{family} {kind}");
    cases
}

pub(super) fn json(input: &str) -> Value {
    serde_json::to_value(explain(input).unwrap()).unwrap()
}

pub(super) fn words(input: &str) -> String {
    explain(input).unwrap().to_string()
}

#[test]
fn a_signed_entry_is_valid_on_its_network_and_on_no_other() {
    for case in cases("stellar_auth_entry", "authorize_entry") {
        let on_testnet = case["input"]["network_passphrase"] == "Test SDF Network ; September 2015";
        let on_pubnet =
            case["input"]["network_passphrase"] == "Public Global Stellar Network ; September 2015";
        let signed = json(case["expected"]["signed_entry_xdr"].as_str().unwrap());
        assert_eq!(
            (&signed["kind"], &signed["payer"]),
            (&json!("auth-entry"), &case["input"]["address"]),
            "{}",
            case["id"]
        );
        assert_eq!(
            signed["expirationLedger"],
            case["input"]["expiration_ledger"]
        );
        if signed["payer"].as_str().unwrap().starts_with('C') {
            assert_eq!(
                signed["signatures"][1]["reason"],
                "only the contract that authorizes can judge it"
            );
            continue;
        }
        assert_eq!(
            signed["signatures"][0]["valid"], on_pubnet,
            "{}",
            case["id"]
        );
        assert_eq!(
            signed["signatures"][1]["valid"], on_testnet,
            "{}",
            case["id"]
        );
        let unsigned = json(case["expected"]["unsigned_entry_xdr"].as_str().unwrap());
        assert_eq!(
            (&unsigned["signed"], &unsigned["signatures"]),
            (&json!(false), &json!([]))
        );
    }
}

#[test]
fn a_transfer_is_told_in_words_and_json() {
    let case = &cases("stellar_transfer_tx", "unsigned")[0];
    let input = case["expected"]["envelope_xdr"].as_str().unwrap();
    let explained = json(input);
    let usdc = json!({ "baseUnits": "100000", "asset": USDC, "usdc": "0.01", "usdcOn": "stellar:testnet" });
    assert_eq!(
        (&explained["kind"], &explained["transfer"]["amount"]),
        (&json!("transaction"), &usdc)
    );
    assert_eq!(explained["hashes"][1]["hash"], case["expected"]["hash"]);
    let words = words(input);
    assert!(
        words.contains("amount: 0.01 USDC on stellar:testnet (100000 base units)"),
        "{words}"
    );
    assert!(words.contains("source: nobody yet"), "{words}");
}

#[test]
fn a_fee_bump_is_told_with_the_transaction_in_it() {
    let case = cases("stellar_transfer_tx", "fee_bump")
        .into_iter()
        .find(|case| case["id"] == "fee_bump/testnet")
        .unwrap();
    let input = case["expected"]["signed_envelope_xdr"].as_str().unwrap();
    let explained = json(input);
    assert_eq!(
        explained["inner"]["hashes"][1]["hash"],
        case["expected"]["inner_hash"]
    );
    assert_eq!(explained["hashes"][1]["hash"], case["expected"]["hash"]);
    assert_eq!(explained["source"], case["input"]["fee_source"]);
    assert_eq!(
        explained["fee"].to_string(),
        case["expected"]["fee"].as_str().unwrap()
    );
    assert!(words(input).starts_with("A fee bump: somebody else pays"));
}

#[test]
fn headers_are_told_with_and_without_their_name_and_as_json() {
    let case = &cases("x402_headers", "decode_required")[0];
    let header = case["input"]["header"].as_str().unwrap();
    let named = [
        header.to_owned(),
        format!("PAYMENT-REQUIRED: {header}"),
        format!("payment-required:{header}\r\n"),
        format!("X-Payment-Required:  {header}"),
        cases("x402_headers", "encode_required")[0]["input"]["value"].to_string(),
    ];
    for input in named {
        let explained = json(&input);
        assert_eq!(explained["kind"], "payment-required");
        assert_eq!(explained["offers"][0]["amount"]["usdc"], "0.0001");
        assert_eq!(explained["offers"][0]["problem"], Value::Null);
    }
    let receipt = r#"{"success":false,"errorReason":"insufficient_funds","transaction":"","network":"stellar:testnet"}"#;
    assert_eq!(json(receipt)["reason"], "insufficient_funds");
    assert!(words(receipt).contains("the payment was not settled"));
}

#[test]
fn what_contradicts_the_accepted_offer_is_a_problem() {
    let transaction =
        cases("stellar_transfer_tx", "unsigned")[0]["expected"]["envelope_xdr"].clone();
    let payment = |amount: &str, pay_to: &str, transaction: &Value| {
        let accepted = json!({
            "scheme": "exact", "network": "stellar:testnet", "amount": amount, "asset": USDC, "payTo": pay_to,
            "maxTimeoutSeconds": 60, "extra": { "areFeesSponsored": true },
        });
        json!({ "x402Version": 2, "accepted": accepted, "payload": { "transaction": transaction } })
            .to_string()
    };
    let payee = "GDH4FI462RN37HLVEZG7TNWGNNYWIKYHONYQWLZFPSQDK6YUQUJPO5IN";
    let problems = |input: String| json(&input)["problems"].as_array().unwrap().len();
    assert_eq!(
        problems(payment("100000", payee, &transaction)),
        1,
        "only the missing authorization"
    );
    assert_eq!(problems(payment("100001", payee, &transaction)), 2);
    assert_eq!(problems(payment("100000", ACCOUNT, &transaction)), 2);
    assert_eq!(problems(payment("100000", payee, &json!("AAAA"))), 1);
}

#[test]
fn a_secret_is_recognised_and_never_repeated() {
    let mistyped = SECRET.replace('D', "E");
    for input in [SECRET, &mistyped, &format!(" {SECRET}\n")] {
        let text = format!("{} {}", words(input), json(input));
        assert!(
            text.contains("SECRET KEY") && !text.contains(input.trim()),
            "{text}"
        );
    }
    assert_eq!(json(SECRET)["account"], ACCOUNT);
    assert_eq!(json(&mistyped)["account"], Value::Null);
    for input in [
        format!("{SECRET}{SECRET}"),
        format!("PAYMENT-REQUIRED: {SECRET}"),
        format!("key {SECRET}"),
        format!("Authorization: Bearer {SECRET}"),
        format!("Payment {SECRET}"),
        format!("Payment id={SECRET}"),
    ] {
        let text = match explain(&input) {
            Ok(explanation) => explanation.to_string(),
            Err(error) => error.to_string(),
        };
        assert!(!text.contains(&SECRET[..20]), "{text}");
    }
}

#[test]
fn addresses_are_told_for_what_they_are() {
    assert_eq!(json(ACCOUNT)["addressKind"], "account");
    assert!(words(USDC).contains("the contract of USDC on stellar:testnet"));
    let issuer = "GBBD47IF6LWK7P7MDEVSCWR7DPUWV3NY3DTQEVFL4NAT4AQH3ZLLFLA5";
    assert!(words(issuer).contains("the issuer of USDC on stellar:testnet"));
    let muxed = json("MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJUAAAAAAAAAAAACJUQ");
    assert_eq!(
        (&muxed["addressKind"], &muxed["id"]),
        (&json!("muxed-account"), &json!("0"))
    );
    let mistyped = ACCOUNT.replace("HOR", "HOS");
    assert!(matches!(explain(&mistyped), Err(InspectError::Address(_))));
}

#[test]
fn amounts_are_read_as_price_and_as_base_units() {
    assert_eq!(json("$0.001")["asPrice"]["onStellar"], "10000");
    assert_eq!(json("0.001 USDC")["asPrice"]["onBaseAndSolana"], "1000");
    assert_eq!(json("10000")["asBaseUnits"]["onStellar"], "0.001");
    assert_eq!(json("0.0000001")["asPrice"]["onBaseAndSolana"], Value::Null);
    for wrong in ["1,5", "-1", "+1", "1.2.3", "$", "0", "1_000"] {
        let result = explain(wrong);
        assert!(
            matches!(result, Err(InspectError::Amount(_))) || wrong == "0",
            "{wrong}: {result:?}"
        );
    }
}

#[test]
fn damaged_input_is_a_sentence_without_the_input() {
    for (input, sentence) in [
        ("", "there is nothing to inspect"),
        (
            "PAYMENT-REQUIRED: %%%",
            "not a valid PAYMENT-REQUIRED header",
        ),
        ("X-PAYMENT: e30=", "x402 version 1"),
        (
            r#"{"x402Version":1,"scheme":"exact","network":"base","payload":{}}"#,
            "x402 version 1",
        ),
        ("{\"a\":1}", "none of the messages of x402 or MPP"),
        ("Payment", "not a valid credential (Authorization: Payment)"),
        ("Payment %%%", "not a valid credential"),
        (
            "WWW-Authenticate: Bearer realm=\"x\"",
            "holds nothing of the scheme `Payment`",
        ),
        (
            "Payment id=\"x\", realm=\"x\", method=\"stellar\"",
            "not a valid challenge (WWW-Authenticate: Payment)",
        ),
        ("Payment-Receipt: e30", "not a valid receipt"),
        ("eyJhIjoxfQ", "none of the messages of x402 or MPP"),
        ("eyJhIjox!", "begins like base64 of JSON"),
        ("AAAAAgAA", "looks like a transaction envelope"),
        ("AAAAAQAA", "looks like an authorization entry"),
        ("hello \u{1b}[2J", "this is no header of x402 or MPP"),
    ] {
        let text = explain(input).unwrap_err().to_string();
        assert!(text.contains(sentence), "{text}");
        assert!(!text.contains('\u{1b}'));
    }
    assert!(matches!(
        explain(&"A".repeat(600_000)),
        Err(InspectError::TooLong)
    ));
}

#[test]
fn a_sellers_words_cannot_move_the_cursor() {
    let terms = json!({
        "x402Version": 2,
        "error": "pay\u{1b}[2J\nnow",
        "resource": { "url": "https://shop.example/\u{202e}", "description": "x\ry" },
        "accepts": [{
            "scheme": "exact", "network": "stellar:testnet", "amount": "1", "asset": "\u{7}", "payTo": "\u{8}", "maxTimeoutSeconds": 60,
        }],
    });
    let words = words(&terms.to_string());
    let lines: Vec<_> = words.lines().collect();
    assert!(
        lines.iter().all(|line| !line.chars().any(char::is_control)),
        "{words:?}"
    );
    assert!(
        words.contains("PROBLEM: the offer cannot be paid"),
        "{words}"
    );
}
