//! Prices by request.

use coinslot_server::{Offer, PriceError};
use http::StatusCode;

use crate::harness::*;

#[tokio::test]
async fn the_price_follows_the_request_and_never_the_credential() {
    let world = World::new(TestFacilitator::new());
    let gate = world
        .unpriced()
        .price_by(|parts| {
            assert!(!parts.headers.contains_key("payment-signature"));
            let price = if parts.uri.path() == "/dear" {
                "$5"
            } else {
                "$0.001"
            };
            Ok(vec![Offer::from(offer(price))])
        })
        .build()
        .await
        .unwrap();
    let seller = world.seller_behind(gate);
    let cheap = seller.quote("/cheap", 1).await;
    seller
        .pay("/dear", &cheap)
        .await
        .assert_refused("invalid_payment_requirements");
    assert_eq!(seller.pay("/cheap", &cheap).await.status, StatusCode::OK);
    let dear = seller.get("/dear").await.required();
    assert_eq!(dear.accepts[0].amount.to_string(), "50000000");
}

/// Known failure 40: a gate without a price answers 503, and never serves for free.
#[tokio::test]
async fn no_price_is_503_with_or_without_a_payment() {
    let world = World::new(TestFacilitator::new());
    let payment = world.seller().await.quote("/", 1).await;
    let unknown = offer("$1").network("stellar:pubnet".parse().unwrap());
    let empty = world.unpriced().price_by(|_| Ok(Vec::new()));
    let failing = world
        .unpriced()
        .price_by(|_| Err(PriceError::new("the price list is not readable")));
    let impossible = world
        .unpriced()
        .price_by(move |_| Ok(vec![unknown.clone().into()]));
    let mut gates = Vec::new();
    for builder in [empty, failing, impossible] {
        gates.push(builder.build().await.unwrap());
    }
    for gate in gates {
        let seller = world.seller_behind(gate);
        for reply in [seller.get("/").await, seller.pay("/", &payment).await] {
            reply.assert_try_again(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable");
            assert!(!reply.text().contains("price list"));
        }
    }
    assert_eq!(world.runs(), 0);
}

#[tokio::test]
async fn a_recorded_answer_outlives_its_price() {
    let world = World::new(TestFacilitator::new());
    let seller = world.seller().await;
    let payment = seller.quote("/", 1).await;
    let first = seller.pay("/", &payment).await;
    let dearer = world.unpriced().offer(offer("$9")).build().await.unwrap();
    let again = world.seller_behind(dearer).pay("/", &payment).await;
    assert_eq!((again.status, again.body), (StatusCode::OK, first.body));
}
