use coinslot_caip2_network::STELLAR_TESTNET;
use coinslot_x402_wire::{PaymentRequirements, ReasonCode};
use reqwest::StatusCode;

use super::{Settling, in_doubt, settle, supported, verify};
use crate::http::exchange::Answer;
use crate::{FacilitatorError, MalformedAnswer, Settlement};

const HASH: &str = "f863ebc39d527478f13075c5585e2d030b85f3211a288ed9a30a01e4cdb2de6b";

fn requirements() -> PaymentRequirements {
    serde_json::from_str(
        r#"{"scheme":"exact","network":"stellar:testnet","amount":"10000",
            "asset":"CBIELTK6YBZJU5UP2WWQEUCYKLPU6AUNZ2BQ4WWFEIE3USCIHMXQDAMA",
            "payTo":"GB2LXYC2QPTL23P5TJ6QAJ2FUQAPBYKMODXCQTUKKGE52Z2I2ISYIKBZ",
            "maxTimeoutSeconds":60}"#,
    )
    .unwrap()
}

fn answer(status: u16, body: &str) -> Answer {
    let status = StatusCode::from_u16(status).unwrap();
    Answer {
        status,
        retry_after: None,
        body: body.as_bytes().to_vec(),
    }
}

fn success() -> String {
    format!(r#"{{"success":true,"transaction":"{HASH}","network":"{STELLAR_TESTNET}"}}"#)
}

fn failure(reason: &str, transaction: &str) -> String {
    format!(
        r#"{{"success":false,"errorReason":"{reason}","transaction":"{transaction}","network":"{STELLAR_TESTNET}"}}"#
    )
}

fn settled(status: u16, body: &str) -> Result<Settling, FacilitatorError> {
    settle(&answer(status, body), &requirements())
}

#[test]
fn a_settlement_is_confirmed_by_a_success_behind_a_success() {
    for status in [200, 201] {
        let Ok(Settling::Known(Settlement::Confirmed(response))) = settled(status, &success())
        else {
            panic!("{status} with a success is confirmed");
        };
        assert_eq!(response.transaction, HASH);
    }
    for status in [301, 303, 400, 402, 429, 500, 503] {
        let error = settled(status, &success()).unwrap_err();
        assert!(error.may_have_settled(), "{status} gave {error:?}");
    }
}

#[test]
fn a_success_that_is_not_of_this_payment_confirms_nothing() {
    let body = success();
    for other in [
        body.replace("testnet", "pubnet"),
        body.replace(HASH, ""),
        body.replace('}', r#","amount":"9999"}"#),
        body.replace('}', r#","amount":"10001"}"#),
    ] {
        let error = settled(200, &other).unwrap_err();
        assert!(error.may_have_settled(), "{other} gave {error:?}");
    }
    let same = body.replace('}', r#","amount":"10000"}"#);
    assert!(matches!(
        settled(200, &same),
        Ok(Settling::Known(Settlement::Confirmed(_)))
    ));
}

#[test]
fn a_failure_counts_behind_any_status() {
    let body = failure("invalid_exact_stellar_payload_wrong_amount", "");
    for status in [200, 400, 402, 403, 404, 429, 500, 502] {
        let Ok(Settling::Known(Settlement::Failed(response))) = settled(status, &body) else {
            panic!("{status} with a failure is a failure");
        };
        assert_eq!(response.error_reason, Some(ReasonCode::StellarWrongAmount));
    }
}

#[test]
fn a_failure_may_be_none() {
    for body in [
        failure("settle_exact_stellar_transaction_failed", HASH),
        failure("unexpected_settle_error", ""),
        failure("unexpected_settle_error", HASH),
        failure("duplicate_settlement", ""),
    ] {
        let Ok(Settling::FailedPerhaps(response)) = settled(200, &body) else {
            panic!("{body} may be of a payment that moves after all");
        };
        let known = !response.transaction.is_empty();
        match in_doubt(response) {
            Ok(Settlement::Pending { response, .. }) => {
                assert!(known);
                assert_eq!(response.transaction, HASH);
            }
            Ok(other) => panic!("{body} gave {other:?}"),
            Err(error) => assert!(!known && error.may_have_settled(), "{body} gave {error:?}"),
        }
    }
}

#[test]
fn pending_is_pending_behind_any_status() {
    let body = failure("settlement_pending", HASH);
    for (status, retry_after, expected) in [(503, None, 5), (503, Some(7), 7), (200, Some(0), 1)] {
        let answer = Answer {
            retry_after,
            ..answer(status, &body)
        };
        let Ok(Settling::Known(Settlement::Pending {
            response,
            retry_after_seconds,
        })) = settle(&answer, &requirements())
        else {
            panic!("{status} with settlement_pending is pending");
        };
        assert_eq!(
            (response.transaction.as_str(), retry_after_seconds),
            (HASH, expected)
        );
    }
}

#[test]
fn refusals_without_a_message() {
    let bodies = [
        "",
        "{}",
        "null",
        "<html>",
        r#"{"error":"no"}"#,
        r#"{"success":false}"#,
    ];
    for body in bodies {
        for status in [401, 403] {
            let error = settled(status, body).unwrap_err();
            assert!(
                matches!(error, FacilitatorError::Unauthorized { .. }),
                "{error:?}"
            );
        }
        for status in [301, 302, 307, 308, 404, 405, 413, 415, 429] {
            let error = settled(status, body).unwrap_err();
            assert!(
                matches!(error, FacilitatorError::Unavailable { .. }),
                "{error:?}"
            );
            assert!(!error.may_have_settled());
        }
        for status in [
            200, 202, 204, 303, 400, 402, 408, 409, 422, 500, 502, 503, 504,
        ] {
            let error = settled(status, body).unwrap_err();
            assert!(error.may_have_settled(), "{status} {body} gave {error:?}");
        }
    }
}

#[test]
fn a_ledger_that_is_down_is_nobodys_refusal() {
    let error = settled(503, &failure("ledger_unavailable", "")).unwrap_err();
    assert!(
        matches!(error, FacilitatorError::Unavailable { .. }),
        "{error:?}"
    );
    // But something was broadcast here.
    let doubtful = settled(503, &failure("ledger_unavailable", HASH));
    assert!(
        matches!(doubtful, Ok(Settling::FailedPerhaps(_))),
        "{doubtful:?}"
    );
}

#[test]
fn verdicts() {
    let valid = r#"{"isValid":true,"payer":"GB2L"}"#;
    assert!(verify(&answer(200, valid)).unwrap().is_valid);
    for status in [400, 402, 500] {
        let error = verify(&answer(status, valid)).unwrap_err();
        assert!(matches!(error, FacilitatorError::Malformed(_)), "{error:?}");
    }
    let invalid = r#"{"isValid":false,"invalidReason":"insufficient_funds"}"#;
    for status in [200, 400, 402, 412, 500] {
        assert!(!verify(&answer(status, invalid)).unwrap().is_valid);
    }
    let trouble = r#"{"isValid":false,"invalidReason":"unexpected_verify_error"}"#;
    for status in [200, 500] {
        let error = verify(&answer(status, trouble)).unwrap_err();
        assert!(
            matches!(error, FacilitatorError::Unavailable { .. }),
            "{error:?}"
        );
    }
    for (status, unavailable) in [
        (200, false),
        (400, false),
        (404, true),
        (429, true),
        (502, true),
    ] {
        for body in ["", "{}", r#"{"isValid":"true"}"#, r#"{"isValid":1}"#] {
            let error = verify(&answer(status, body)).unwrap_err();
            let is = matches!(error, FacilitatorError::Unavailable { .. });
            assert_eq!(is, unavailable, "{status} gave {error:?}");
            assert!(!error.may_have_settled());
        }
    }
    assert!(matches!(
        verify(&answer(401, "")).unwrap_err(),
        FacilitatorError::Unauthorized { status: 401 }
    ));
}

#[test]
fn supported_kinds() {
    let kinds = r#"{"kinds":[{"x402Version":2,"scheme":"exact","network":"stellar:testnet"}]}"#;
    assert_eq!(supported(&answer(200, kinds)).unwrap().kinds.len(), 1);
    for (status, body) in [(200, ""), (200, "{}"), (204, ""), (400, kinds)] {
        let error = supported(&answer(status, body)).unwrap_err();
        assert!(
            matches!(error, FacilitatorError::Malformed(_)),
            "{status} gave {error:?}"
        );
    }
    for status in [404, 429, 500, 503] {
        let error = supported(&answer(status, kinds)).unwrap_err();
        assert!(
            matches!(error, FacilitatorError::Unavailable { .. }),
            "{error:?}"
        );
    }
    let error = supported(&answer(308, "")).unwrap_err();
    assert_eq!(
        std::error::Error::source(&error).unwrap().to_string(),
        MalformedAnswer::Redirect { status: 308 }.to_string()
    );
}
