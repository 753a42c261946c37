use coinslot_caip2_network::StellarNetwork;
use coinslot_mpp_charge_stellar::{ClientPlan, Mode, plan};
use coinslot_mpp_wire::stellar::{ChargeDetails, ChargePayload, ChargeRequest, CredentialType};
use coinslot_mpp_wire::{
    Challenge, Credential, EncodedRequest, IntentName, MethodName, OpaqueData,
};
use coinslot_soroban_authorization::{SecretKey, SorobanResources};
use serde_json::{Map, Value, json};

use crate::inspect::tests::{NOW, cases, json, words};

const USDC: &str = "CBIELTK6YBZJU5UP2WWQEUCYKLPU6AUNZ2BQ4WWFEIE3USCIHMXQDAMA";
/// Who is paid in the vectors' transfer of 0.01 USDC.
const PAYEE: &str = "GDH4FI462RN37HLVEZG7TNWGNNYWIKYHONYQWLZFPSQDK6YUQUJPO5IN";

fn sponsored() -> ChargeDetails {
    ChargeDetails::sponsored("stellar:testnet".parse().unwrap())
}

fn unsponsored(types: impl Into<Vec<CredentialType>>) -> ChargeDetails {
    ChargeDetails {
        credential_types: Some(types.into()),
        ..ChargeDetails::unsponsored("stellar:testnet".parse().unwrap())
    }
}

fn request(amount: &str, recipient: &str, details: ChargeDetails) -> ChargeRequest {
    ChargeRequest::new(amount.parse().unwrap(), USDC, recipient, details)
}

fn challenge(request: EncodedRequest) -> Challenge {
    let (method, intent) = (MethodName::stellar(), IntentName::charge());
    Challenge::new("x1", "shop.example", method, intent, request)
        .unwrap()
        .with_expires("2026-01-06T12:00:00Z".parse().unwrap())
}

fn problems(explained: &Value) -> Vec<&str> {
    let problems = explained["problems"].as_array().unwrap();
    problems.iter().map(|text| text.as_str().unwrap()).collect()
}

/// The problems of a challenge.
fn problems_of(challenge: &Challenge) -> Vec<String> {
    let explained = json(&challenge.to_header());
    let problems = problems(&explained["challenges"][0]);
    problems.iter().map(ToString::to_string).collect()
}

/// The problems of a credential that are not its challenge's.
fn problems_with(
    challenge: Challenge,
    payload: &ChargePayload,
    source: Option<&str>,
) -> Vec<String> {
    let mut credential = Credential::new(challenge, payload);
    credential.source = source.map(|source| format!("did:pkh:stellar:testnet:{source}"));
    let explained = json(&credential.to_header());
    problems(&explained)
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[test]
fn a_challenge_is_told_with_its_price_and_its_time() {
    let terms = ChargeRequest {
        description: Some("One day's weather".into()),
        external_id: Some("order-9".into()),
        ..request("10000", PAYEE, sponsored())
    };
    let opaque = OpaqueData::new([0; 16])
        .with("route", "GET /weather")
        .unwrap();
    let challenge = challenge(terms.encode()).with_opaque(opaque.encode());
    let words = words(&format!("WWW-Authenticate: {}", challenge.to_header()));
    for line in [
        "A seller asks for a payment (WWW-Authenticate: Payment)",
        "  realm: shop.example",
        "  method and intent: stellar charge",
        "  amount: 0.001 USDC on stellar:testnet (10000 base units)",
        &format!("  to: {PAYEE}"),
        "  network fees: paid by the seller",
        "  paid with: transaction",
        "  what for: One day's weather",
        "  seller's own name for it: order-9",
        "  expires: 2026-01-06T12:00:00Z (in 1 minute 5 seconds)",
        "    entry: route = GET /weather",
    ] {
        assert!(words.lines().any(|told| told == line), "{line}\n{words}");
    }
    assert!(!words.contains("PROBLEM"), "{words}");
}

#[test]
fn challenges_are_found_in_one_line_and_in_several() {
    let header = challenge(request("1", PAYEE, sponsored()).encode()).to_header();
    for input in [
        format!("{header}, {header}"),
        format!("Bearer realm=\"x\", {header}, {header}"),
        format!("WWW-Authenticate: {header}, Basic realm=\"x\", {header}"),
        format!(
            "www-authenticate: {header}\r\nwww-authenticate: Bearer\r\nwww-authenticate: {header}\r\n"
        ),
        format!("{header}\n{header}"),
    ] {
        let explained = json(&input);
        assert_eq!(explained["kind"], "mpp-challenges", "{input}");
        assert_eq!(
            explained["challenges"].as_array().unwrap().len(),
            2,
            "{input}"
        );
    }
}

#[test]
fn the_time_is_told_from_now() {
    let explained = |expires: &str| {
        let request = request("1", PAYEE, sponsored()).encode();
        json(
            &challenge(request)
                .with_expires(expires.parse().unwrap())
                .to_header(),
        )["challenges"][0]
            .clone()
    };
    for (expires, seconds, is_over) in [
        ("2026-01-06T11:58:56Z", 1, false),
        ("2026-01-06T11:58:55Z", 0, true),
        ("2026-01-06T12:58:54+01:00", -1, true),
    ] {
        let challenge = explained(expires);
        assert_eq!(challenge["expires"]["at"], expires);
        assert_eq!(challenge["expires"]["secondsFromNow"], seconds, "{expires}");
        assert_eq!(challenge["expires"]["isOver"], is_over, "{expires}");
        assert_eq!(
            problems(&challenge).len(),
            usize::from(is_over),
            "{expires}"
        );
    }
}

#[test]
fn what_is_wrong_with_a_challenge_is_said() {
    let good = request("10000", PAYEE, sponsored());
    assert_eq!(problems_of(&challenge(good.encode())), [""; 0]);

    let without = Challenge::new(
        "x1",
        "shop.example",
        MethodName::stellar(),
        IntentName::charge(),
        good.encode(),
    );
    let on = |details| ChargeRequest {
        method_details: details,
        ..good.clone()
    };
    let network = |name: &str| ChargeDetails {
        network: name.parse().unwrap(),
        ..sponsored()
    };
    let takes = |form| ChargeDetails {
        credential_types: Some(vec![form]),
        ..sponsored()
    };
    let odd = EncodedRequest::parse("eyJiIjoiMSIsImEiOiIxIn0").unwrap();
    for (challenge, sentence) in [
        (without.unwrap(), "no `expires`"),
        (challenge(on(None).encode()), "no `methodDetails`"),
        (
            challenge(on(Some(network("stellar:pubnet"))).encode()),
            "USDC on stellar:testnet, and its network is stellar:pubnet",
        ),
        (
            challenge(on(Some(network("eip155:1"))).encode()),
            "its network cannot be used",
        ),
        (
            challenge(on(Some(takes(CredentialType::SignedHash))).encode()),
            "nobody can pay",
        ),
        (
            challenge(on(Some(unsponsored([CredentialType::from("card".to_owned())]))).encode()),
            "no type of credential that is known",
        ),
        (
            challenge(request("0", PAYEE, sponsored()).encode()),
            "the amount is zero",
        ),
        (
            challenge(request("1", "GABC", sponsored()).encode()),
            "the recipient is not an address",
        ),
        (
            challenge(
                ChargeRequest {
                    currency: PAYEE.into(),
                    ..good.clone()
                }
                .encode(),
            ),
            "named by its contract",
        ),
    ] {
        let problems = problems_of(&challenge);
        assert!(
            problems.len() == 1 && problems[0].contains(sentence),
            "{sentence}: {problems:?}"
        );
    }
    let problems = problems_of(&challenge(odd));
    assert!(
        problems.len() == 2 && problems[1].contains("RFC 8785"),
        "{problems:?}"
    );
}

#[test]
fn what_contradicts_the_challenge_is_a_problem() {
    let case = &cases("stellar_transfer_tx", "unsigned")[0];
    let payload = ChargePayload::Transaction {
        transaction: case["expected"]["envelope_xdr"].as_str().unwrap().into(),
    };
    let from = json(case["expected"]["envelope_xdr"].as_str().unwrap())["transfer"]["from"].clone();
    let from = from.as_str().unwrap();
    let with = |request: ChargeRequest, source| {
        problems_with(challenge(request.encode()), &payload, source)
    };
    let nothing_signed = "it has 0 authorization entries, where one belongs";
    let push_only = unsponsored([CredentialType::SignedHash]);
    for (request, source, problem) in [
        (
            request("100001", PAYEE, sponsored()),
            None,
            "it pays another amount or asset than the challenge asks for",
        ),
        (
            request("100000", from, sponsored()),
            None,
            "it pays somebody else than the challenge asks for",
        ),
        (
            request("100000", PAYEE, sponsored()),
            Some(PAYEE),
            "its source is not who pays",
        ),
        (
            request("100000", PAYEE, unsponsored([CredentialType::Transaction])),
            Some(from),
            "the buyer pays the fees, and its transaction is not signed",
        ),
        (
            request("100000", PAYEE, push_only),
            None,
            "it is paid with `transaction`, which the challenge does not take",
        ),
    ] {
        let problems = with(request, source);
        assert!(
            problems.iter().any(|found| found == problem),
            "{problem}: {problems:?}"
        );
        assert!(
            problems.iter().any(|found| found == nothing_signed),
            "{problems:?}"
        );
    }
    assert_eq!(
        with(request("100000", PAYEE, sponsored()), Some(from)),
        [nothing_signed]
    );
}

#[test]
fn an_authorization_that_is_not_signed_for_the_network_is_a_problem() {
    let cases = cases("stellar_auth_entry", "authorize_entry");
    let entry = |signed: &str| {
        let on_testnet = |case: &&Value| {
            case["input"]["network_passphrase"] == "Test SDF Network ; September 2015"
        };
        let case = cases.iter().find(on_testnet).unwrap();
        case["expected"][signed].as_str().unwrap().to_owned()
    };
    for (text, lacks) in [
        (entry("signed_entry_xdr"), false),
        (entry("unsigned_entry_xdr"), true),
    ] {
        let entry = crate::inspect::auth_entry::explain(
            &coinslot_soroban_authorization::AuthEntry::from_base64(&text).unwrap(),
        );
        assert_eq!(entry.lacks_signature_on("stellar:testnet"), lacks);
        assert!(entry.lacks_signature_on("stellar:pubnet"));

        // It is not what a payload holds, and told all the same.
        let payload = ChargePayload::Transaction { transaction: text };
        let credential = Credential::new(
            challenge(request("1", PAYEE, sponsored()).encode()),
            &payload,
        );
        let explained = json(&credential.to_header());
        assert_eq!(explained["payload"]["authEntry"]["authorizedBy"], "address");
        assert!(problems(&explained)[0].contains("authorization entry alone"));
    }
}

#[test]
fn a_payment_that_a_client_made_has_no_problems() {
    let payer = SecretKey::from_seed([1; 32]);
    let terms = request("10000", PAYEE, sponsored());
    let challenge = challenge(terms.encode());
    let signed_on = |network: StellarNetwork| {
        let plan = plan(&challenge, payer.account_id(), Mode::Pull, b"", NOW).unwrap();
        let ClientPlan::Sponsored(plan) = plan else {
            panic!("the seller pays the fees")
        };
        let entry = plan.authorization(42, 1_000);
        let entry = entry.sign(&payer, &network.network_id()).unwrap();
        let resources =
            SorobanResources::from_base64("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").unwrap();
        plan.credential(entry, resources, 40_000).to_header()
    };
    let explained = json(&signed_on(StellarNetwork::Testnet));
    assert_eq!(problems(&explained), [""; 0]);
    assert_eq!(problems(&explained["challenge"]), [""; 0]);
    let transfer = &explained["payload"]["transaction"]["transfer"];
    assert_eq!(transfer["amount"]["usdc"], "0.001");
    assert_eq!(transfer["from"], payer.account_id().to_string());
    let words = words(&signed_on(StellarNetwork::Testnet));
    assert!(
        words.contains("signature on stellar:testnet: valid"),
        "{words}"
    );

    assert_eq!(
        problems(&json(&signed_on(StellarNetwork::Pubnet))),
        ["its authorization is not signed for stellar:testnet"]
    );
}

#[test]
fn a_pushed_payment_is_told_with_its_proof() {
    let case = cases("mpp_credential", "deserialize")
        .into_iter()
        .find(|case| case["expected"]["payload"]["type"] == "signedHash")
        .unwrap();
    let header = case["input"]["header"].as_str().unwrap();
    let explained = json(header);
    assert_eq!(explained["payload"]["type"], "signedHash");
    assert_eq!(
        explained["payload"]["hash"],
        case["expected"]["payload"]["hash"]
    );
    assert_eq!(explained["payload"]["signatureValid"], true);
    assert_eq!(problems(&explained), [""; 0]);

    let mut credential = Credential::from_header(header).unwrap();
    let other = SecretKey::from_seed([9; 32]).account_id();
    credential.source = Some(format!("did:pkh:stellar:testnet:{other}"));
    let explained = json(&credential.to_header());
    assert_eq!(explained["payload"]["signatureValid"], false);
    assert_eq!(problems(&explained).len(), 1);
    credential.source = Some(format!("did:pkh:stellar:pubnet:{other}"));
    assert_eq!(problems(&json(&credential.to_header())).len(), 2);
    credential.source = Some("me".into());
    assert!(problems(&json(&credential.to_header()))[0].contains("no DID"));
    credential.source = None;
    assert_eq!(
        json(&credential.to_header())["payload"]["signatureValid"],
        Value::Null
    );

    let mut upper: Map<String, Value> = credential.payload.read().unwrap();
    let hash = upper["hash"].as_str().unwrap().to_uppercase();
    upper.insert("hash".into(), hash.clone().into());
    credential.payload = upper.into();
    let explained = json(&credential.to_header());
    assert!(problems(&explained)[0].contains("`hash` is not written in lower case"));
    assert_eq!(explained["payload"]["hash"], hash.to_lowercase());
}

#[test]
fn messages_are_told_as_json_and_without_their_name() {
    let credential = cases("mpp_credential", "deserialize")[0]["input"]["header"].clone();
    let header = credential.as_str().unwrap();
    let credential = Credential::from_header(header).unwrap();
    let token = header.strip_prefix("Payment ").unwrap();
    let text = serde_json::to_string(&credential).unwrap();
    for input in [
        header,
        &format!("Authorization: {header}"),
        &format!("payment {token}"),
        token,
        &text,
    ] {
        assert_eq!(
            json(input)["challenge"]["id"],
            credential.challenge.id(),
            "{input}"
        );
    }
    let case = &cases("mpp_receipt", "deserialize")[0];
    let header = case["input"]["header"].as_str().unwrap();
    for input in [
        header,
        &format!("Payment-Receipt: {header}"),
        &case["expected"].to_string(),
    ] {
        assert_eq!(
            json(input)["reference"],
            case["expected"]["reference"],
            "{input}"
        );
    }
}

#[test]
fn a_receipt_is_told_with_what_the_seller_added() {
    let receipt = json!({
        "status": "success", "method": "stellar", "timestamp": "2026-01-06T11:00:00Z", "reference": "NOT A HASH",
        "externalId": "order-9", "table": 4,
    });
    let words = words(&receipt.to_string());
    for line in [
        "settled: 2026-01-06T11:00:00Z (58 minutes 55 seconds ago)",
        "seller's own name for it: order-9",
        "extension: table = 4",
    ] {
        assert!(words.lines().any(|told| told == line), "{line}\n{words}");
    }
    assert!(
        words.contains("PROBLEM: its reference is no transaction's hash"),
        "{words}"
    );
}

#[test]
fn a_refusal_is_told_with_what_to_do() {
    for case in cases("mpp_problem_details", "error_mapping") {
        let problem = &case["expected"]["problem"];
        let explained = json(&problem.to_string());
        assert_eq!(explained["kind"], "mpp-problem", "{problem}");
        assert_eq!(explained["detail"], problem["detail"]);
        assert_eq!(explained["challengeId"], problem["challengeId"]);
        assert_eq!(problems(&explained), [""; 0], "{problem}");
        let code = problem["type"]
            .as_str()
            .unwrap()
            .strip_prefix("https://paymentauth.org/problems/");
        assert_eq!(explained["code"].as_str(), code);
    }
    let odd = json(
        r#"{"type":"https://paymentauth.org/problems/payment-required","title":"x","status":403}"#,
    );
    assert!(problems(&odd)[0].contains("402"));
    assert!(odd["advice"].as_str().unwrap().contains("WWW-Authenticate"));
    let other = json(r#"{"type":"https://example.com/out-of-tea","detail":"x"}"#);
    assert!(problems(&other)[0].contains("none of the protocol's"));
}

#[test]
fn a_sellers_words_cannot_move_the_cursor() {
    let terms = ChargeRequest {
        description: Some("tea\u{1b}[2J\nfree".into()),
        external_id: Some("\u{202e}9".into()),
        ..request("1", "\u{7}", sponsored())
    };
    let challenge = challenge(terms.encode());
    let credential = Credential::new(challenge.clone(), &ChargePayload::Hash { hash: [7; 32] })
        .with_source("\u{8}\n");
    let problem = json!({ "title": "\u{1b}", "detail": "\r", "hint": "a\u{1b}b" }).to_string();
    for input in [challenge.to_header(), credential.to_header(), problem] {
        let words = words(&input);
        let printable = |line: &str| {
            !line
                .chars()
                .any(|letter| letter.is_control() || letter == '\u{202e}')
        };
        assert!(words.lines().all(printable), "{words:?}");
    }
}
