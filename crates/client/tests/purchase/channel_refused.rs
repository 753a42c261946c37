//! Sellers who refuse vouchers, or deny to have them: each request is signed for once.

use coinslot_client::{PaymentError, RefusalReason, Standing};
use coinslot_mpp_wire::ProblemKind;
use coinslot_usdc_amount::BaseUnits;

use crate::booth::{Booth, PRICE, buyer, status, with_channels};
use crate::seller::{Seller, answer};
use crate::shop::{Failure, ledger, memory};

#[tokio::test]
async fn a_seller_who_keeps_asking_gets_one_voucher() {
    for kind in [
        ProblemKind::InvalidChallenge,
        ProblemKind::PaymentExpired,
        ProblemKind::VerificationFailed,
        ProblemKind::DeltaTooSmall,
        ProblemKind::InsufficientBalance,
    ] {
        let (ledger, store) = (ledger(), memory());
        let booth = Booth::default();
        let shop = booth.clone();
        let seller = Seller::start(move |call| match &call.payment {
            None => shop.sell(&call),
            Some(header) => {
                shop.note(header, &call);
                shop.refuse(1, kind, |_| {})
            }
        })
        .await;
        let client = buyer(&ledger, &store);
        for _ in 0..3 {
            let result = client.get(seller.url("/")).send().await;
            let PaymentError::Refused(refused) = result.failure() else {
                panic!("{}", result.failure());
            };
            assert_eq!(refused.reason, Some(RefusalReason::Mpp(kind)));
        }
        let amounts = booth.amounts();
        assert!(amounts.len() <= 9, "{amounts:?}");
        assert!(amounts.iter().all(|amount| *amount == PRICE), "{amounts:?}");
        let spent = client.spent("127.0.0.1").await.unwrap();
        assert_eq!(spent.per_day, BaseUnits::from_u64(PRICE));
    }
}

#[tokio::test]
async fn a_price_that_rises_with_every_try_is_not_followed() {
    let (ledger, store) = (ledger(), memory());
    let booth = Booth::default();
    let shop = booth.clone();
    let seller = Seller::start(move |call| {
        let price = PRICE + 1_000 * u64::try_from(call.earlier).unwrap();
        match &call.payment {
            None => shop.sell_for(&call, |terms| terms.price = price),
            Some(header) => {
                shop.note(header, &call);
                shop.refuse(1, ProblemKind::InvalidChallenge, |it| {
                    it.price = price + 1_000
                })
            }
        }
    })
    .await;
    let client = buyer(&ledger, &store);
    assert!(client.get(seller.url("/")).send().await.is_err());
    // It was told once that the first voucher is not there; nothing was lost, as the next one covers it.
    let amounts = booth.amounts();
    assert!(
        amounts.len() <= 3 && amounts.iter().all(|it| *it < 2 * PRICE),
        "{amounts:?}"
    );
    let signed = client.channels().await.unwrap()[0].signed.units;
    assert!(signed < BaseUnits::from_u64(2 * PRICE));
    assert!(client.spent("127.0.0.1").await.unwrap().per_day >= signed);
}

#[tokio::test]
async fn what_a_seller_denies_to_have_is_not_signed_for_the_same_request_again() {
    // It has taken one, and shows that one only; or it shows nothing and asks for more.
    for (shows, raise) in [(true, 0), (false, 1_000)] {
        let (ledger, store) = (ledger(), memory());
        let booth = Booth::default();
        let shop = booth.clone();
        let seller = Seller::start(move |call| {
            let dearer = PRICE + raise * u64::from(call.earlier > 0);
            let mut response = match &call.payment {
                Some(header) if call.uri.path() == "/b" => {
                    shop.note(header, &call);
                    shop.refuse(1, ProblemKind::InvalidChallenge, |it| it.price = dearer)
                }
                _ => shop.sell_for(&call, |terms| {
                    terms.price = if call.uri.path() == "/b" {
                        PRICE + raise
                    } else {
                        PRICE
                    };
                }),
            };
            if !shows {
                response.headers_mut().remove("payment-channel");
            }
            response
        })
        .await;
        let client = buyer(&ledger, &store);
        assert_eq!(status(&client, seller.url("/a")).await, 200);
        for _ in 0..2 {
            assert!(client.get(seller.url("/b")).send().await.is_err());
        }
        let amounts: Vec<_> = booth.amounts().split_off(1);
        let first = 2 * PRICE + raise;
        assert!(amounts.iter().all(|amount| *amount == first), "{amounts:?}");
        let open = client.open_payments().await.unwrap();
        let cumulative = BaseUnits::from_u64(first);
        assert_eq!(open[0].standing, Standing::Voucher { cumulative });
    }
}

#[tokio::test]
async fn a_voucher_that_is_proved_not_to_be_there_is_replaced_when_the_price_has_risen() {
    let (ledger, store) = (ledger(), memory());
    let booth = Booth::default();
    let shop = booth.clone();
    let seller = Seller::start(move |call| {
        let is_lost = call.uri.path() == "/b" && (1..5).contains(&call.earlier);
        match &call.payment {
            Some(_) if is_lost => answer(502, &[], ""),
            _ => shop.sell_for(&call, |it| it.price = PRICE + u64::from(call.earlier > 4)),
        }
    })
    .await;
    let client = buyer(&ledger, &store);
    assert_eq!(status(&client, seller.url("/a")).await, 200);
    assert!(client.get(seller.url("/b")).send().await.is_err());
    assert_eq!(status(&client, seller.url("/b")).await, 200);
    assert_eq!(booth.amounts(), [PRICE, 2 * PRICE + 1]);
    let spent = client.spent("127.0.0.1").await.unwrap();
    assert_eq!(spent.per_day, BaseUnits::from_u64(2 * PRICE + 1));
}

#[tokio::test]
async fn a_price_that_rises_is_not_signed_on_top_of_what_the_seller_may_have() {
    let (ledger, store) = (ledger(), memory());
    let booth = Booth::default();
    let shop = booth.clone();
    let seller = Seller::start(move |call| {
        let mut response = match (&call.payment, call.uri.path()) {
            (Some(header), "/b") => {
                shop.note(header, &call);
                answer(503, &[], "")
            }
            (None, "/b") if call.earlier > 1 => shop.sell_for(&call, |it| it.price = PRICE + 1),
            _ => shop.sell(&call),
        };
        response.headers_mut().remove("payment-channel");
        response
    })
    .await;
    let client = buyer(&ledger, &store);
    assert_eq!(status(&client, seller.url("/a")).await, 200);
    assert!(client.get(seller.url("/b")).send().await.is_err());
    let result = client.get(seller.url("/b")).send().await;
    assert!(
        result.failure().to_string().contains("asks for more now"),
        "{}",
        result.failure()
    );
    assert_eq!(booth.amounts().iter().max(), Some(&(2 * PRICE)));
}

#[tokio::test]
async fn a_channel_that_the_seller_does_not_take_is_told_with_the_reason() {
    let seller = Seller::start(|_| {
        let problem = ProblemKind::ChannelClosed.because("it is \u{1b}[31mclosed");
        let headers = [("content-type", "application/problem+json")];
        answer(402, &headers, problem.to_json())
    })
    .await;
    let result = buyer(&ledger(), &memory())
        .get(seller.url("/"))
        .send()
        .await;
    let text = result.failure().to_string();
    assert!(
        text.contains("does not take it (session/channel-finalized)"),
        "{text}"
    );
    assert!(!text.contains('\u{1b}'), "{text}");
}

#[tokio::test]
async fn a_channel_whose_deposit_is_used_up_is_left_for_another_by_the_next_request() {
    let (ledger, store) = (ledger(), memory());
    let booth = Booth::default();
    let shop = booth.clone();
    let seller = Seller::start(move |call| {
        let used_up = |header: &String| {
            Booth::channel_in(header) == 1 && !shop.note(header, &call).0.path.is_empty()
        };
        match &call.payment {
            Some(header) if used_up(header) => {
                shop.refuse(1, ProblemKind::AmountExceedsDeposit, |_| {})
            }
            _ => shop.sell(&call),
        }
    })
    .await;
    let client = with_channels(&ledger, &store, [1, 2]).build().unwrap();
    for _ in 0..2 {
        // What was signed for a request is not signed again from another channel.
        let result = client.get(seller.url("/")).send().await;
        let PaymentError::Refused(refused) = result.failure() else {
            panic!("{}", result.failure());
        };
        assert!(
            refused.to_string().ends_with("top up the channel"),
            "{refused}"
        );
        let cumulative = BaseUnits::from_u64(PRICE);
        assert_eq!(refused.standing, Standing::Voucher { cumulative });
    }
    assert!(booth.came().iter().all(|came| came.channel == 1));
    assert_eq!(status(&client, seller.url("/2")).await, 200);
    assert_eq!(booth.came().last().unwrap().channel, 2);
    booth.amounts_rise();
}

#[tokio::test]
async fn a_voucher_that_the_seller_has_and_does_not_answer_is_spent() {
    let (ledger, store) = (ledger(), memory());
    let booth = Booth::default();
    let shop = booth.clone();
    let seller = Seller::start(move |call| {
        let mut response = shop.sell(&call);
        response.headers_mut().remove("payment-channel");
        if call.payment.is_some() {
            // It keeps the money, and its receipt says so, and nothing else does.
            *response.status_mut() = http::StatusCode::PAYMENT_REQUIRED;
        }
        response
    })
    .await;
    let client = buyer(&ledger, &store);
    let result = client.get(seller.url("/")).send().await;
    let PaymentError::Refused(refused) = result.failure() else {
        panic!("{}", result.failure());
    };
    let cumulative = BaseUnits::from_u64(PRICE);
    assert_eq!(refused.standing, Standing::VoucherTaken { cumulative });
    assert_eq!(booth.amounts(), [PRICE]);
    assert_eq!(client.channels().await.unwrap()[0].spent.units, cumulative);
    assert_eq!(client.spent("127.0.0.1").await.unwrap().per_day, cumulative);
}
