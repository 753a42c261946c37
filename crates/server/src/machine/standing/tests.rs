use coinslot_payment_store::{ClaimKey, ClaimState};
use coinslot_x402_wire::SettleResponse;
use http::{Method, Response};

use super::*;
use crate::RecordPolicy;
use crate::answer::Taken;
use crate::machine::held::encode;

const NOW: UnixMillis = UnixMillis::new(1_000_000);

fn credential(text: &str) -> Fingerprint {
    Fingerprint::of_credential(text.as_bytes())
}

fn request(url: &str) -> Fingerprint {
    Fingerprint::of_request(&Method::GET, url, b"")
}

fn receipt() -> Receipt {
    let network = "stellar:testnet".parse().unwrap();
    Receipt::X402(SettleResponse::success("a".repeat(64), network))
}

fn answer() -> Answer {
    let response = Response::new("sunny".into());
    Taken::<http_body_util::Full<bytes::Bytes>>::whole(response, &RecordPolicy::default(), NOW)
        .answer
        .unwrap()
}

fn claim(phase: Phase, lease_until: i64) -> Claim {
    let detail = Detail {
        purchase: "a purchase".to_owned(),
        credential: credential("mine"),
        request: request("/"),
        phase,
    };
    Claim {
        key: ClaimKey::delivery("auth:x".parse().unwrap()),
        version: 1,
        state: detail.phase.state(),
        detail: encode(&detail),
        claimed_at: NOW,
        updated_at: NOW,
        lease_until: UnixMillis::new(lease_until),
    }
}

fn phases() -> Vec<Phase> {
    vec![
        Phase::Running,
        Phase::Settling { answer: None },
        Phase::Settling {
            answer: Some(answer()),
        },
        Phase::Pending {
            answer: None,
            transaction: Some("hash".to_owned()),
        },
        Phase::Settled { receipt: receipt() },
        Phase::Delivered {
            receipt: receipt(),
            answer: None,
        },
        Phase::Delivered {
            receipt: receipt(),
            answer: Some(answer()),
        },
        Phase::Failed { receipt: receipt() },
    ]
}

fn mine(claim: &Claim, now: UnixMillis) -> Standing {
    standing(claim, credential("mine"), request("/"), now).unwrap()
}

#[test]
fn a_detail_is_read_back_as_it_was_written() {
    for phase in phases() {
        let claim = claim(phase.clone(), 0);
        let read: Detail = serde_json::from_slice(&claim.detail).unwrap();
        assert_eq!(format!("{:?}", read.phase), format!("{phase:?}"));
        assert_eq!(encode(&read), claim.detail);
    }
}

#[test]
fn another_credential_or_request_never_gets_an_answer() {
    for phase in phases() {
        for lease_until in [0, i64::MAX] {
            let claim = claim(phase.clone(), lease_until);
            let other = standing(&claim, credential("other"), request("/"), NOW).unwrap();
            assert!(matches!(other, Standing::AlreadyUsed { receipt: None }));
            let elsewhere = standing(&claim, credential("mine"), request("/b"), NOW).unwrap();
            assert!(matches!(elsewhere, Standing::AlreadyUsed { .. }));
        }
    }
}

#[test]
fn nobody_takes_over_before_the_lease_has_lapsed() {
    let in_work = [
        Phase::Running,
        Phase::Settling { answer: None },
        Phase::Settled { receipt: receipt() },
    ];
    for phase in in_work {
        let held = claim(phase.clone(), NOW.as_millis() + 1);
        assert!(matches!(mine(&held, NOW), Standing::InFlight));
        let lapsed = claim(phase, NOW.as_millis());
        assert!(matches!(mine(&lapsed, NOW), Standing::Lapsed { .. }));
    }
}

#[test]
fn a_pending_payment_says_when_to_ask_again() {
    let phase = Phase::Pending {
        answer: None,
        transaction: None,
    };
    for (wait, seconds) in [(1, 1), (1_999, 2), (600_000, 5)] {
        let pending = mine(&claim(phase.clone(), NOW.as_millis() + wait), NOW);
        assert!(
            matches!(pending, Standing::Pending { retry_after_seconds, .. } if retry_after_seconds == seconds)
        );
    }
    assert!(matches!(
        mine(&claim(phase, 0), NOW),
        Standing::Lapsed { .. }
    ));
}

#[test]
fn an_answer_is_replayed_until_its_time_is_over() {
    let delivered = claim(
        Phase::Delivered {
            receipt: receipt(),
            answer: Some(answer()),
        },
        0,
    );
    let ttl = RecordPolicy::default().ttl;
    let last = UnixMillis::new(NOW.saturating_add(ttl).as_millis() - 1);
    assert!(matches!(mine(&delivered, last), Standing::Replay { .. }));
    let late = mine(&delivered, NOW.saturating_add(ttl));
    assert!(matches!(late, Standing::AlreadyUsed { receipt: Some(_) }));
    let bodiless = claim(
        Phase::Delivered {
            receipt: receipt(),
            answer: None,
        },
        0,
    );
    assert!(matches!(
        mine(&bodiless, NOW),
        Standing::AlreadyUsed { receipt: Some(_) }
    ));
}

#[test]
fn the_states_are_the_stores_own() {
    let states: Vec<_> = phases().iter().map(Phase::state).collect();
    use ClaimState::{Claimed, Failed, Pending, Settled};
    assert_eq!(
        states,
        [
            Claimed, Claimed, Claimed, Pending, Settled, Settled, Settled, Failed
        ]
    );
}

#[test]
fn a_foreign_detail_has_no_standing() {
    for detail in ["", "{}", "null", "{\"credential\":1}"] {
        let mut claim = claim(Phase::Running, 0);
        claim.detail = detail.as_bytes().to_vec();
        assert!(standing(&claim, credential("mine"), request("/"), NOW).is_none());
    }
}
