//! Lost, late and missing answers: one payment, sent again as it is.

use std::sync::atomic::Ordering;

use coinslot_caip2_network::StellarNetwork;
use coinslot_client::{LastAnswer, PaymentError, PaymentReceipt, Standing};
use coinslot_payment_store::Store;
use coinslot_usdc_amount::BaseUnits;
use coinslot_x402_wire::{ReasonCode, SettleResponse};

use crate::seller::{Seller, answer};
use crate::shop::{Failure, challenge, client, ledger, memory, required, sell, served, terms};

fn raw_challenge() -> String {
    let header = required(vec![terms(10_000)]).to_header();
    format!(
        "HTTP/1.1 402 Payment Required\r\npayment-required: {header}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    )
}

const ANSWER: &str = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\n";

#[tokio::test]
async fn a_lost_answer_is_had_with_the_same_payment() {
    let (ledger, store) = (ledger(), memory());
    let network = ledger.clone();
    let seller = Seller::raw(move |payment, earlier| {
        let Some(payment) = payment else {
            return Some(raw_challenge());
        };
        match earlier {
            // Settled, and the connection breaks; then the body breaks off; then it works.
            0 => network.settle(&payment).map(|_| None).unwrap(),
            1 => Some(format!("{ANSWER}su")),
            _ => Some(format!("{ANSWER}sunny")),
        }
    })
    .await;
    let response = client(&ledger, &store)
        .get(seller.url("/"))
        .send()
        .await
        .unwrap();
    assert!(response.extensions().get::<PaymentReceipt>().is_some());
    assert_eq!(response.text().await.unwrap(), "sunny");
    assert_eq!(
        (
            ledger.settled(),
            seller.seen.payments().len(),
            seller.seen.distinct_payments()
        ),
        (1, 3, 1)
    );
}

#[tokio::test]
async fn patience_is_asked_for_and_had() {
    let (ledger, store) = (ledger(), memory());
    let network = ledger.clone();
    let seller = Seller::start(move |call| {
        let pending = SettleResponse::failure(
            ReasonCode::SettlementPending,
            StellarNetwork::Testnet.chain_id().to_owned(),
        );
        match call.earlier {
            _ if call.payment.is_none() => challenge(vec![terms(10_000)]),
            0 => answer(409, &[("retry-after", "0")], ""),
            1 => answer(
                503,
                &[
                    ("retry-after", "0"),
                    ("payment-response", &pending.to_header()),
                ],
                "",
            ),
            2 => answer(502, &[], "<html>bad gateway</html>"),
            _ => sell(&network, &call, 10_000),
        }
    })
    .await;
    let response = client(&ledger, &store)
        .get(seller.url("/"))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(
        (
            seller.seen.payments().len(),
            seller.seen.distinct_payments()
        ),
        (4, 1)
    );
}

#[tokio::test]
async fn an_unknown_outcome_is_never_paid_a_second_time_not_even_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("sqlite:{}", folder.path().join("wallet.db").display());
    let ledger = ledger();
    let network = ledger.clone();
    let seller = Seller::start(move |call| match (&call.payment, call.earlier) {
        (None, _) => challenge(vec![terms(10_000)]),
        (Some(payment), 0) => network
            .settle(payment)
            .map(|_| answer(500, &[], "lost"))
            .unwrap(),
        (Some(_), 1..=5) => answer(500, &[], "lost"),
        _ => served(&"ab".repeat(32), "sunny"),
    })
    .await;
    {
        let store = Store::open(&address).await.unwrap();
        let client = client(&ledger, &store);
        let result = client.get(seller.url("/")).send().await;
        let PaymentError::OutcomeUnknown(unknown) = result.failure() else {
            panic!("{result:?}")
        };
        assert_eq!(
            (unknown.attempts, unknown.last),
            (
                4,
                LastAnswer::Status(reqwest::StatusCode::INTERNAL_SERVER_ERROR)
            )
        );
        assert!(matches!(unknown.standing, Standing::Open { .. }));
        assert!(result.failure().may_have_paid());
        let open = client.open_payments().await.unwrap();
        assert_eq!(open.len(), 1);
        assert_eq!(open[0].amount.to_string(), "0.001 USDC");
        let request = client.get(seller.url("/")).build().unwrap();
        let preview = client.dry_run(&request).await.unwrap().to_string();
        assert!(preview.contains("nothing new would be paid"), "{preview}");
    }
    let store = Store::open(&address).await.unwrap();
    let client = client(&ledger, &store);
    let response = client.get(seller.url("/")).send().await.unwrap();
    assert_eq!(response.text().await.unwrap(), "sunny");
    assert_eq!((ledger.settled(), seller.seen.distinct_payments()), (1, 1));
    assert_eq!(
        client.spent("127.0.0.1").await.unwrap().per_day,
        BaseUnits::from_u64(10_000)
    );
    assert_eq!(client.open_payments().await.unwrap(), []);
}

#[tokio::test]
async fn what_expired_unused_is_free_again() {
    let (ledger, store) = (ledger(), memory());
    let network = ledger.clone();
    let seller = Seller::start(move |call| match (&call.payment, call.earlier) {
        (None, _) => challenge(vec![terms(10_000)]),
        (Some(_), 0..=3) => answer(503, &[], ""),
        _ => sell(&network, &call, 10_000),
    })
    .await;
    let client = client(&ledger, &store);
    assert!(matches!(
        client.get(seller.url("/")).send().await.failure(),
        PaymentError::OutcomeUnknown(_)
    ));
    // Sixty seconds are twelve ledgers; while the authorization can be used, nothing is freed.
    ledger.advance(12);
    assert_eq!(client.resolve_open_payments().await.unwrap(), 0);
    ledger.advance(3);
    assert_eq!(client.resolve_open_payments().await.unwrap(), 1);
    assert_eq!(
        client.spent("127.0.0.1").await.unwrap().per_day,
        BaseUnits::ZERO
    );
    assert_eq!(
        client.get(seller.url("/")).send().await.unwrap().status(),
        200
    );
    assert_eq!((ledger.settled(), seller.seen.distinct_payments()), (1, 2));
}

#[tokio::test]
async fn what_was_taken_before_it_expired_stays_spent() {
    let (ledger, store) = (ledger(), memory());
    let network = ledger.clone();
    let seller = Seller::start(move |call| match (&call.payment, call.earlier) {
        (None, _) => challenge(vec![terms(10_000)]),
        (Some(payment), 0) => network
            .settle(payment)
            .map(|_| answer(503, &[], ""))
            .unwrap(),
        (Some(_), 1..=3) => answer(503, &[], ""),
        // Long after it has the money, the seller denies it.
        _ => challenge(vec![terms(10_000)]),
    })
    .await;
    let client = client(&ledger, &store);
    assert!(matches!(
        client.get(seller.url("/")).send().await.failure(),
        PaymentError::OutcomeUnknown(_)
    ));
    ledger.advance(100);
    assert_eq!(client.resolve_open_payments().await.unwrap(), 0);
    let result = client.get(seller.url("/")).send().await;
    let PaymentError::Refused(refused) = result.failure() else {
        panic!("{result:?}")
    };
    assert!(
        matches!(refused.standing, Standing::Taken { .. }),
        "{refused}"
    );
    assert_eq!(
        seller.seen.distinct_payments(),
        1,
        "a refusal is no reason for a second payment"
    );
    assert_eq!(
        client.spent("127.0.0.1").await.unwrap().per_day,
        BaseUnits::from_u64(10_000)
    );
}

#[tokio::test]
async fn what_the_ledger_cannot_tell_stays_reserved() {
    let (ledger, store) = (ledger(), memory());
    let network = ledger.clone();
    let seller = Seller::start(move |call| match &call.payment {
        None => challenge(vec![terms(10_000)]),
        Some(payment) => {
            let _ = network.settle(payment);
            answer(503, &[], "")
        }
    })
    .await;
    let client = client(&ledger, &store);
    assert!(
        client
            .get(seller.url("/"))
            .send()
            .await
            .failure()
            .may_have_paid()
    );
    ledger.advance(100);
    ledger.forgetful.store(true, Ordering::SeqCst);
    assert_eq!(client.resolve_open_payments().await.unwrap(), 0);
    assert!(matches!(
        client.open_payments().await.unwrap()[0].standing,
        Standing::Open { .. }
    ));
    ledger.forgetful.store(false, Ordering::SeqCst);
    assert_eq!(client.resolve_open_payments().await.unwrap(), 0);
    assert!(matches!(
        client.open_payments().await.unwrap()[0].standing,
        Standing::Taken { .. }
    ));
    assert_eq!(
        client.spent("127.0.0.1").await.unwrap().per_day,
        BaseUnits::from_u64(10_000)
    );
}

#[tokio::test]
async fn a_payment_that_the_network_would_refuse_is_not_sent_and_says_what_to_do() {
    let (ledger, store) = (ledger(), memory());
    let network = ledger.clone();
    let seller = Seller::start(move |call| sell(&network, &call, 10_000)).await;
    let client = client(&ledger, &store);
    for (message, sentence) in [
        (
            "HostError: Error(Contract, #13)",
            "only the seller can repair that",
        ),
        (
            "HostError: Error(Contract, #11)",
            "the issuer does not allow",
        ),
        (
            "HostError: Error(Auth, \u{1b}[2J)",
            "the network refuses the transfer",
        ),
    ] {
        *ledger.failure.lock().unwrap() = Some(message.to_owned());
        let result = client.get(seller.url("/")).send().await;
        let text = result.failure().to_string();
        assert!(text.contains(sentence), "{text}");
        assert!(!text.contains('\u{1b}'));
        assert!(!result.failure().may_have_paid());
    }
    assert_eq!(seller.seen.payments().len(), 0);
    let open = client.open_payments().await.unwrap();
    assert_eq!(
        open.len(),
        1,
        "the RPC has seen one signature, and the same one every time"
    );
    *ledger.failure.lock().unwrap() = None;
    assert_eq!(
        client.get(seller.url("/")).send().await.unwrap().status(),
        200
    );
    assert_eq!(
        (
            ledger.settled(),
            client.open_payments().await.unwrap().len()
        ),
        (1, 0)
    );
}

#[tokio::test]
async fn what_the_payer_does_not_have_is_not_signed_away() {
    let (ledger, store) = (ledger(), memory());
    let network = ledger.clone();
    let seller = Seller::start(move |call| sell(&network, &call, 10_000)).await;
    let client = client(&ledger, &store);
    for (balance, sentence) in [
        (None, "no trustline for the asset; add one"),
        (
            Some(5),
            "too little: 0.001 USDC are needed, the account has 0.0000005 USDC",
        ),
    ] {
        *ledger.balance.lock().unwrap() = balance;
        let result = client.get(seller.url("/")).send().await;
        let text = result.failure().to_string();
        assert!(text.contains(sentence), "{text}");
        assert!(!result.failure().may_have_paid());
        // Nothing is reserved for it, and nothing is known of it.
        assert!(client.open_payments().await.unwrap().is_empty());
        let spent = client.spent("127.0.0.1").await.unwrap();
        assert_eq!(spent.per_day, BaseUnits::ZERO);
    }
    *ledger.balance.lock().unwrap() = Some(10_000);
    assert_eq!(
        client.get(seller.url("/")).send().await.unwrap().status(),
        200
    );
    assert_eq!(ledger.settled(), 1);
}

#[tokio::test]
async fn what_is_written_off_counts_as_spent() {
    let (ledger, store) = (ledger(), memory());
    let seller = Seller::start(|call| match call.payment {
        None => challenge(vec![terms(10_000)]),
        Some(_) => answer(503, &[], ""),
    })
    .await;
    let client = client(&ledger, &store);
    assert!(client.get(seller.url("/")).send().await.is_err());
    let open = client.open_payments().await.unwrap();
    assert!(client.write_off(&open[0].request).await.unwrap());
    assert!(!client.write_off(&open[0].request).await.unwrap());
    assert_eq!(
        client.spent("127.0.0.1").await.unwrap().per_day,
        BaseUnits::from_u64(10_000)
    );
}
