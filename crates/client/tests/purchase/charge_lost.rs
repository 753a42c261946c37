//! Lost, late and missing answers to charges (MPP), and processes that die: one payment, sent again as it is.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use coinslot_client::{
    Deadline, LastAnswer, Mode, NothingPaid, PayingClient, PaymentError, PaymentEvent,
    PaymentReceipt, Standing,
};
use coinslot_mpp_wire::ProblemKind;
use coinslot_mpp_wire::stellar::{ChargeDetails, CredentialType};
use coinslot_payment_store::{ManualClock, PaymentStore, Store, UnixMillis};
use coinslot_stellar_ledger::ResultCode;
use coinslot_usdc_amount::BaseUnits;
use serde_json::Value;

use crate::ledger::{Fate, ModelLedger};
use crate::seller::{Seller, answer};
use crate::shop::{Failure, budget, builder, ledger, memory};
use crate::till::{Till, now, pushed, sponsored, unsponsored};

/// A client that pays in every mode that proves who paid.
fn client(ledger: &Arc<ModelLedger>, store: &Arc<dyn PaymentStore>) -> PayingClient {
    let builder = builder(ledger, store, budget());
    builder
        .charge_modes([Mode::Pull, Mode::Push])
        .build()
        .unwrap()
}

fn push() -> ChargeDetails {
    pushed(&[CredentialType::SignedHash])
}

/// The three ways to pay a charge.
fn every_way() -> [ChargeDetails; 3] {
    [sponsored(), unsponsored(), push()]
}

/// The only payment in a store, as the client wrote it.
async fn written(store: &dyn PaymentStore) -> Value {
    let records = store.records("client-payments", None, 100).await.unwrap();
    let [(_, record)] = records.as_slice() else {
        panic!("{} payments are written down", records.len())
    };
    serde_json::from_slice(&record.value).unwrap()
}

async fn spent(client: &PayingClient) -> BaseUnits {
    client.spent("127.0.0.1").await.unwrap().per_day
}

/// What is reserved for network fees, in stroops.
async fn fees(store: &dyn PaymentStore) -> u64 {
    let records = store.records("client-spending", None, 100).await.unwrap();
    let mut sum = 0;
    for (key, record) in records {
        let window: Value = serde_json::from_slice(&record.value).unwrap();
        if key.ends_with(":native") {
            let hosts = window["steps"].as_object().unwrap().values();
            let amounts = hosts.flat_map(|hosts| hosts.as_object().unwrap().values());
            sum += amounts
                .map(|amount| amount.as_str().unwrap().parse::<u64>().unwrap())
                .sum::<u64>();
        }
    }
    sum
}

#[tokio::test]
async fn a_lost_answer_is_had_with_the_same_payment() {
    for details in every_way() {
        let (ledger, store) = (ledger(), memory());
        let (network, till) = (ledger.clone(), Till::new(10_000, details));
        let seller = Seller::raw(move |payment, earlier| {
            let Some(payment) = payment else {
                let header = till.header(now() + 60, None);
                return Some(format!(
                    "HTTP/1.1 402 Payment Required\r\nwww-authenticate: {header}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                ));
            };
            let start = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\n";
            let call = crate::till::call(payment);
            till.take(&network, &call).unwrap();
            match earlier {
                // Settled, and the connection breaks; then the body breaks off; then it works.
                0 => None,
                1 => Some(format!("{start}su")),
                _ => Some(format!("{start}sunny")),
            }
        })
        .await;
        let response = client(&ledger, &store).get(seller.url("/")).send();
        let response = response.await.unwrap();
        assert!(response.extensions().get::<PaymentReceipt>().is_some());
        assert_eq!(response.text().await.unwrap(), "sunny");
        assert_eq!(ledger.settled(), 1);
        assert_eq!(
            (
                seller.seen.payments().len(),
                seller.seen.distinct_payments()
            ),
            (3, 1)
        );
    }
}

#[tokio::test]
async fn patience_is_asked_for_and_had() {
    let (ledger, store) = (ledger(), memory());
    let (network, till) = (ledger.clone(), Till::new(10_000, sponsored()));
    let seller = Seller::start(move |call| match call.earlier {
        _ if call.payment.is_none() => till.challenge(),
        0 => answer(409, &[("retry-after", "0")], ""),
        1 => answer(503, &[("retry-after", "0")], ""),
        2 => answer(502, &[], "<html>bad gateway</html>"),
        _ => till.sell(&network, &call),
    })
    .await;
    let response = client(&ledger, &store).get(seller.url("/")).send();
    assert_eq!(response.await.unwrap().status(), 200);
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
    for details in every_way() {
        let folder = tempfile::tempdir().unwrap();
        let address = format!("sqlite:{}", folder.path().join("wallet.db").display());
        let ledger = ledger();
        let (network, till) = (ledger.clone(), Till::new(10_000, details));
        let seller = Seller::start(move |call| match call.earlier {
            0..=5 if call.payment.is_some() => {
                till.take(&network, &call).unwrap();
                answer(500, &[], "lost")
            }
            _ => till.sell(&network, &call),
        })
        .await;
        {
            let store = Store::open(&address).await.unwrap();
            let result = client(&ledger, &store).get(seller.url("/")).send().await;
            assert!(matches!(
                result.failure(),
                PaymentError::OutcomeUnknown(unknown) if unknown.attempts == 4
            ));
        }
        let store = Store::open(&address).await.unwrap();
        let client = client(&ledger, &store);
        let response = client.get(seller.url("/")).send().await.unwrap();
        assert_eq!(response.text().await.unwrap(), "sunny");
        assert_eq!((ledger.settled(), seller.seen.distinct_payments()), (1, 1));
        assert_eq!(spent(&client).await, BaseUnits::from_u64(10_000));
        assert_eq!(client.open_payments().await.unwrap(), []);
    }
}

/// A process that dies as soon as its payment is written down: nothing is sent, nothing is submitted.
#[tokio::test]
async fn a_process_that_dies_between_signing_and_sending_has_paid_once_when_it_is_back() {
    for details in every_way() {
        let (ledger, store) = (ledger(), memory());
        let (network, till) = (ledger.clone(), Till::new(10_000, details));
        let seller = Seller::start(move |call| till.sell(&network, &call)).await;
        let dying = builder(&ledger, &store, budget())
            .charge_modes([Mode::Pull, Mode::Push])
            .on_event(|event| {
                if matches!(event, PaymentEvent::Signed { .. }) {
                    panic!("the process dies");
                }
            })
            .build()
            .unwrap();
        let request = dying.get(seller.url("/"));
        tokio::spawn(request.send()).await.unwrap_err();
        assert_eq!(seller.seen.payments().len(), 0);
        assert_eq!(ledger.submissions(), []);
        let kept = written(store.as_ref()).await;
        assert_eq!(kept["state"], "open");

        let back = client(&ledger, &store);
        let response = back.get(seller.url("/")).send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(seller.seen.payments(), [kept["header"].as_str().unwrap()]);
        assert_eq!(ledger.settled(), 1);
        assert_eq!(spent(&back).await, BaseUnits::from_u64(10_000));
    }
}

/// A process that dies when its transaction may be on its way already.
#[tokio::test]
async fn a_process_that_dies_after_submitting_submits_nothing_else() {
    for fate in [Fate::Lands, Fate::LandsUnsaid, Fate::IsLost] {
        let (ledger, store) = (ledger(), memory());
        let (network, till) = (ledger.clone(), Till::new(10_000, push()));
        let seller = Seller::start(move |call| till.sell(&network, &call)).await;
        ledger.fates.lock().unwrap().push_back(fate);
        ledger.unseen.store(1, Ordering::SeqCst);
        let dying = builder(&ledger, &store, budget())
            .charge_modes([Mode::Push])
            .on_event(|event| {
                if matches!(event, PaymentEvent::Confirming { .. }) {
                    panic!("the process dies");
                }
            })
            .build()
            .unwrap();
        tokio::spawn(dying.get(seller.url("/")).send())
            .await
            .unwrap_err();
        let back = client(&ledger, &store);
        let response = back.get(seller.url("/")).send().await.unwrap();
        assert_eq!(response.status(), 200);
        let mut submitted = ledger.submissions();
        submitted.dedup();
        assert_eq!((submitted.len(), ledger.settled()), (1, 1));
    }
}

#[tokio::test]
async fn an_uncertain_submission_is_looked_up_and_submitted_again_as_it_is() {
    for (fates, submissions) in [
        (vec![Fate::LandsUnsaid], 1),
        (vec![Fate::IsLost, Fate::MustWait], 3),
    ] {
        let (ledger, store) = (ledger(), memory());
        let (network, till) = (ledger.clone(), Till::new(10_000, push()));
        let seller = Seller::start(move |call| till.sell(&network, &call)).await;
        ledger.fates.lock().unwrap().extend(fates);
        let response = client(&ledger, &store).get(seller.url("/")).send();
        assert_eq!(response.await.unwrap().status(), 200);
        let mut submitted = ledger.submissions();
        assert_eq!(submitted.len(), submissions);
        submitted.dedup();
        assert_eq!((submitted.len(), ledger.settled()), (1, 1));
    }
}

#[tokio::test]
async fn a_push_that_does_not_land_is_free_again_when_it_no_longer_can() {
    let (ledger, store) = (ledger(), memory());
    let (network, till) = (ledger.clone(), Till::new(10_000, push()));
    let seller = Seller::start(move |call| till.sell(&network, &call)).await;
    let client = client(&ledger, &store);
    ledger
        .fates
        .lock()
        .unwrap()
        .extend([Fate::IsDropped, Fate::IsDropped]);
    for _ in 0..2 {
        let result = client.get(seller.url("/")).send().await;
        let PaymentError::OutcomeUnknown(unknown) = result.failure() else {
            panic!("{result:?}")
        };
        assert_eq!((unknown.attempts, unknown.last), (4, LastAnswer::NotLanded));
        assert!(matches!(
            unknown.standing,
            Standing::Open {
                until: Deadline::Time(_)
            }
        ));
    }
    assert_eq!(seller.seen.payments().len(), 0);
    // It can land for 105 seconds.
    ledger.advance(21);
    assert_eq!(client.resolve_open_payments().await.unwrap(), 0);
    assert_eq!(fees(store.as_ref()).await, 40_200);
    ledger.advance(3);
    assert_eq!(client.resolve_open_payments().await.unwrap(), 1);
    assert_eq!(spent(&client).await, BaseUnits::ZERO);
    assert_eq!(fees(store.as_ref()).await, 0);
    let submitted = ledger.submissions();
    assert_eq!(submitted[0], submitted[1]);
}

#[tokio::test]
async fn a_push_that_fails_on_the_network_costs_its_fee_and_nothing_else() {
    let (ledger, store) = (ledger(), memory());
    let (network, till) = (ledger.clone(), Till::new(10_000, push()));
    let seller = Seller::start(move |call| till.sell(&network, &call)).await;
    let client = client(&ledger, &store);
    ledger.fates.lock().unwrap().push_back(Fate::Fails);
    let result = client.get(seller.url("/")).send().await;
    assert!(
        matches!(
            result.failure(),
            PaymentError::NothingPaid(NothingPaid::Failed(_))
        ),
        "{result:?}"
    );
    assert!(!result.failure().may_have_paid());
    assert_eq!(spent(&client).await, BaseUnits::ZERO);
    assert_eq!(fees(store.as_ref()).await, 40_200);
    assert_eq!(client.open_payments().await.unwrap(), []);
    assert_eq!(
        client.get(seller.url("/")).send().await.unwrap().status(),
        200
    );
}

#[tokio::test]
async fn a_transaction_that_is_not_taken_stays_the_one_that_is_submitted() {
    let (ledger, store) = (ledger(), memory());
    let (network, till) = (ledger.clone(), Till::new(10_000, push()));
    let seller = Seller::start(move |call| till.sell(&network, &call)).await;
    let client = client(&ledger, &store);
    let poor = Fate::IsRefused(ResultCode::InsufficientBalance);
    ledger.fates.lock().unwrap().push_back(poor);
    let result = client.get(seller.url("/")).send().await;
    let text = result.failure().to_string();
    assert!(
        text.starts_with("the network does not take the transaction that pays 0.001 USDC (txINSUFFICIENT_BALANCE); it can be taken until 20"),
        "{text}"
    );
    assert!(result.failure().may_have_paid());
    assert_eq!(
        client.get(seller.url("/")).send().await.unwrap().status(),
        200
    );
    let mut submitted = ledger.submissions();
    submitted.dedup();
    assert_eq!((submitted.len(), ledger.settled()), (1, 1));
}

#[tokio::test]
async fn a_seller_whose_node_lags_sees_the_push_a_little_later() {
    let (ledger, store) = (ledger(), memory());
    let (network, till) = (ledger.clone(), Till::new(10_000, push()));
    let seller = Seller::start(move |call| match call.earlier {
        0..=1 if call.payment.is_some() => till.problem(&ProblemKind::VerificationFailed.problem()),
        _ => till.sell(&network, &call),
    })
    .await;
    let response = client(&ledger, &store).get(seller.url("/")).send();
    assert_eq!(response.await.unwrap().status(), 200);
    assert_eq!(
        (
            seller.seen.payments().len(),
            seller.seen.distinct_payments()
        ),
        (3, 1)
    );
}

#[tokio::test]
async fn a_push_that_is_refused_can_be_presented_until_its_time_is_over() {
    let (ledger, store) = (ledger(), memory());
    let till = Till::new(10_000, push());
    let seller = Seller::start(move |call| match call.payment {
        None => till.challenge(),
        Some(_) => till.problem(&ProblemKind::PaymentExpired.problem()),
    })
    .await;
    let clock = Arc::new(ManualClock::new(UnixMillis::from_seconds(now())));
    let client = builder(&ledger, &store, budget())
        .charge_modes([Mode::Push])
        .clock(clock.clone())
        .build()
        .unwrap();
    for open in [1, 1, 0] {
        let result = client.get(seller.url("/")).send().await;
        assert!(matches!(
            result.failure(),
            PaymentError::Refused(refused) if matches!(refused.standing, Standing::Taken { .. })
        ));
        assert_eq!(client.open_payments().await.unwrap().len(), open);
        assert_eq!(ledger.submissions().len(), 1);
        clock.advance(Duration::from_secs(100));
    }
    assert_eq!(spent(&client).await, BaseUnits::from_u64(10_000));
}

#[tokio::test]
async fn what_expired_unused_is_free_again() {
    for details in [sponsored(), unsponsored()] {
        let (ledger, store) = (ledger(), memory());
        let till = Till::new(10_000, details);
        let seller = Seller::start(move |call| match call.payment {
            None => till.challenge(),
            Some(_) => till.problem(&ProblemKind::InvalidChallenge.problem()),
        })
        .await;
        let client = client(&ledger, &store);
        let result = client.get(seller.url("/")).send().await;
        assert!(matches!(
            result.failure(),
            PaymentError::Refused(refused) if matches!(refused.standing, Standing::Open { .. })
        ));
        // Two minutes are twenty-four ledgers; while the payment can be taken, nothing is freed.
        ledger.advance(24);
        assert_eq!(client.resolve_open_payments().await.unwrap(), 0);
        assert_eq!(spent(&client).await, BaseUnits::from_u64(10_000));
        ledger.advance(3);
        assert_eq!(client.resolve_open_payments().await.unwrap(), 1);
        assert_eq!(spent(&client).await, BaseUnits::ZERO);
        assert_eq!(fees(store.as_ref()).await, 0);
        assert!(client.get(seller.url("/")).send().await.is_err());
        assert_eq!(seller.seen.distinct_payments(), 2);
    }
}

#[tokio::test]
async fn what_was_taken_stays_spent_whatever_the_seller_says() {
    for details in [sponsored(), unsponsored()] {
        let (ledger, store) = (ledger(), memory());
        let (network, till) = (ledger.clone(), Till::new(10_000, details));
        let seller = Seller::start(move |call| {
            if call.payment.is_none() {
                return till.challenge();
            }
            let _taken = till.take(&network, &call);
            till.problem(&ProblemKind::InvalidChallenge.problem())
        })
        .await;
        let client = client(&ledger, &store);
        let result = client.get(seller.url("/")).send().await;
        assert!(matches!(result.failure(), PaymentError::Refused(_)));
        ledger.advance(100);
        assert_eq!(client.resolve_open_payments().await.unwrap(), 0);
        let open = client.open_payments().await.unwrap();
        assert!(matches!(open[0].standing, Standing::Taken { .. }));
        assert_eq!(spent(&client).await, BaseUnits::from_u64(10_000));
    }
}

#[tokio::test]
async fn what_the_ledger_cannot_tell_stays_reserved() {
    let (ledger, store) = (ledger(), memory());
    let (network, till) = (ledger.clone(), Till::new(10_000, unsponsored()));
    let seller = Seller::start(move |call| {
        if call.payment.is_none() {
            return till.challenge();
        }
        let _taken = till.take(&network, &call);
        answer(503, &[], "")
    })
    .await;
    let client = client(&ledger, &store);
    let result = client.get(seller.url("/")).send().await;
    assert!(result.failure().may_have_paid());
    ledger.advance(100);
    ledger.forgetful.store(true, Ordering::SeqCst);
    assert_eq!(client.resolve_open_payments().await.unwrap(), 0);
    let open = client.open_payments().await.unwrap();
    assert!(matches!(open[0].standing, Standing::Open { .. }));
    assert_eq!(spent(&client).await, BaseUnits::from_u64(10_000));
}

#[tokio::test]
async fn a_pulled_transaction_that_failed_is_not_waited_for() {
    let (ledger, store) = (ledger(), memory());
    let (network, till) = (ledger.clone(), Till::new(10_000, unsponsored()));
    let seller = Seller::start(move |call| match call.earlier {
        0 if call.payment.is_some() => {
            network.fail(&crate::till::envelope(&call));
            till.problem(&ProblemKind::SettlementFailed.problem())
        }
        _ => till.sell(&network, &call),
    })
    .await;
    let client = client(&ledger, &store);
    let result = client.get(seller.url("/")).send().await;
    assert!(matches!(result.failure(), PaymentError::Refused(_)));
    assert_eq!(
        client.get(seller.url("/")).send().await.unwrap().status(),
        200
    );
    assert_eq!((ledger.settled(), seller.seen.distinct_payments()), (1, 2));
    assert_eq!(spent(&client).await, BaseUnits::from_u64(10_000));
    assert_eq!(fees(store.as_ref()).await, 2 * 40_200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_processes_that_send_the_same_request_agree_on_each_payment() {
    for details in [sponsored(), push()] {
        let folder = tempfile::tempdir().unwrap();
        let address = format!("sqlite:{}", folder.path().join("wallet.db").display());
        let ledger = ledger();
        let (network, till) = (ledger.clone(), Till::new(10_000, details.clone()));
        let seller = Seller::start(move |call| till.sell(&network, &call)).await;
        let mut clients = Vec::new();
        for _ in 0..2 {
            let store = Store::open(&address).await.unwrap();
            clients.push(client(&ledger, &store));
        }
        for round in 0..10 {
            let url = seller.url(&format!("/{round}"));
            let [one, two] = [0, 1].map(|client: usize| clients[client].get(&url).send());
            let (one, two) = tokio::join!(one, two);
            for result in [one, two] {
                match result {
                    Ok(response) => assert_eq!(response.status(), 200),
                    // Each had signed the account's next transaction: one landed, and the other is still to be resolved.
                    Err(_) if details == push() => {}
                    Err(error) => panic!("{error}"),
                }
            }
        }
        let sent = seller.seen.distinct_payments();
        if details == push() {
            // Equal transactions of one second are one transaction, which pays once.
            assert!(sent >= ledger.settled());
        } else {
            assert_eq!(sent, ledger.settled());
        }
        let price = 10_000 * u64::try_from(ledger.settled()).unwrap();
        assert!(spent(&clients[0]).await >= BaseUnits::from_u64(price));
    }
}
