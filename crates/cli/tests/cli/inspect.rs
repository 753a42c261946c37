//! `coinslot inspect`, with the vectors that official programs made.

use serde_json::Value;

use crate::support::{Run, run};

#[test]
fn what_can_be_inspected_is_explained() {
    let amount = run(&["inspect", "$0.001"]);
    assert_eq!(amount.code, 0, "{}", amount.stderr);
    assert!(amount.stdout.contains("10000"), "{}", amount.stdout);
    let issuer = run(&[
        "inspect",
        "--json",
        "GBBD47IF6LWK7P7MDEVSCWR7DPUWV3NY3DTQEVFL4NAT4AQH3ZLLFLA5",
    ]);
    assert_eq!(issuer.code, 0, "{}", issuer.stderr);
    assert!(issuer.json().is_object());
    let nothing = run(&["inspect", "nothing of the kind"]);
    assert_eq!(nothing.code, 2);
}

#[test]
fn challenges_of_official_programs_are_explained() {
    let accepted = each("mpp_challenge", "deserialize", |expected, told| {
        let told = &told["challenges"][0];
        for member in ["id", "realm", "method", "intent", "digest", "description"] {
            assert_eq!(told[member], expected[member]);
        }
        assert_eq!(told["expires"]["at"], expected["expires"]);
        if told["request"]["kind"] == "charge" {
            assert_eq!(
                told["request"]["amount"]["baseUnits"],
                expected["request"]["amount"]
            );
            assert_eq!(
                told["request"]["recipient"],
                expected["request"]["recipient"]
            );
        }
    });
    assert!(accepted > 30, "{accepted}");
    let accepted = each("mpp_challenge", "deserialize_list", |expected, told| {
        let ids = |list: &Value| -> Vec<Value> {
            let list = list.as_array().expect("a list").iter();
            list.map(|challenge| challenge["id"].clone()).collect()
        };
        assert_eq!(ids(&told["challenges"]), ids(expected));
    });
    assert!(accepted > 3, "{accepted}");
}

#[test]
fn credentials_of_official_programs_are_explained() {
    let accepted = each("mpp_credential", "deserialize", |expected, told| {
        assert_eq!(told["challenge"]["id"], expected["challenge"]["id"]);
        let source = expected["source"]
            .as_str()
            .filter(|source| !source.is_empty());
        assert_eq!(told["source"].as_str(), source);
        let payload = &expected["payload"];
        if ["transaction", "hash", "signedHash"].contains(&payload["type"].as_str().unwrap_or(""))
            && told["challenge"]["request"]["kind"] == "charge"
        {
            assert_eq!(told["payload"]["type"], payload["type"]);
            assert_eq!(told["payload"]["hash"], payload["hash"]);
        }
    });
    assert!(accepted > 20, "{accepted}");
}

#[test]
fn receipts_of_official_programs_are_explained() {
    let accepted = each("mpp_receipt", "deserialize", |expected, told| {
        assert_eq!(told["kind"], "mpp-receipt");
        for member in ["method", "reference", "externalId"] {
            assert_eq!(told[member], expected[member]);
        }
        assert_eq!(told["settled"]["at"], expected["timestamp"]);
    });
    assert!(accepted > 6, "{accepted}");
}

#[test]
fn answers_of_official_servers_are_explained() {
    let mut answers = 0;
    for case in cases("mpp_problem_details", "server_response") {
        let challenge = case["expected"]["headers"]["www-authenticate"].as_str();
        let body = case["expected"]["body"].to_string();
        for input in challenge.iter().copied().chain([body.as_str()]) {
            let told = run(&["inspect", "--json", input]);
            assert_eq!(told.code, 0, "{}: {input}: {}", case["id"], told.stderr);
            answers += 1;
        }
    }
    assert!(answers > 20, "{answers}");
}

/// Compares what is told with what the official programs read; what they refuse is refused. Answers how many they read.
fn each(family: &str, kind: &str, compare: impl Fn(&Value, &Value)) -> u32 {
    let mut accepted = 0;
    for case in cases(family, kind) {
        // Where they accept what a careful program refuses, or the other way round, `tests/vectors/decisions.md` decides.
        let padded = case["input"]["header"]
            .as_str()
            .is_some_and(|header| header.ends_with('='));
        if case["questionable"] == true || padded || case["id"] == UPPER_CASE {
            continue;
        }
        let header = case["input"]["header"].as_str().expect("a header");
        let Run {
            code,
            stdout,
            stderr,
        } = run(&["inspect", "--json", header]);
        if case["reject"] == true {
            assert_eq!(code, 2, "{}: {stdout}", case["id"]);
            assert!(stderr.contains("\"usage\""), "{stderr}");
        } else {
            assert_eq!(code, 0, "{}: {stderr}", case["id"]);
            let told: Value = serde_json::from_str(&stdout).expect("JSON");
            compare(&case["expected"], &told);
            accepted += 1;
        }
    }
    accepted
}

fn cases(family: &str, kind: &str) -> Vec<Value> {
    let path = format!(
        "{}/../../tests/vectors/{family}.json",
        env!("CARGO_MANIFEST_DIR")
    );
    let vectors = std::fs::read_to_string(path).expect("vectors");
    let vectors: Value = serde_json::from_str(&vectors).expect("JSON");
    let cases = vectors["cases"].as_array().expect("cases").iter();
    cases.filter(|case| case["kind"] == kind).cloned().collect()
}

/// RFC 9110 has the names of parameters in either case.
const UPPER_CASE: &str = "deserialize/upper_case_param_names";
