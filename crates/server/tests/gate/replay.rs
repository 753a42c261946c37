//! One payment, one run: what a payment gets that is presented again.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use coinslot_server::RecordPolicy;
use http::{Method, Request, Response, StatusCode};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full};
use tower::{Layer, ServiceExt};

use crate::harness::*;

/// Known failures 1 and 66: a lost answer is had again with the same payment, without a new run.
#[tokio::test]
async fn the_same_credential_for_the_same_request_gets_the_recorded_answer() {
    let world = World::new(TestFacilitator::new());
    let seller = world.seller().await;
    let payment = seller.quote("/weather", 1).await;
    let first = seller.pay("/weather", &payment).await;
    for _ in 0..3 {
        let again = seller.pay("/weather", &payment).await;
        assert_eq!((again.status, &again.body), (first.status, &first.body));
        assert_eq!(again.receipt(), first.receipt());
        assert_eq!(again.header("cache-control"), "private");
    }
    assert_eq!((world.runs(), world.facilitator.settles()), (1, 1));
    assert_eq!(
        world.facilitator.verifies(),
        1,
        "a settled payment would not verify again"
    );
}

/// Known failure 13: a payment is bound to the request that it bought.
#[tokio::test]
async fn the_same_payment_for_another_request_is_refused() {
    let world = World::new(TestFacilitator::new());
    let seller = world.seller().await;
    let payment = seller.quote("/weather?city=Bern", 1).await;
    assert_eq!(
        seller.pay("/weather?city=Bern", &payment).await.status,
        StatusCode::OK
    );
    for other in [
        paid("/weather?city=Basel", &payment),
        paid("/weather", &payment),
        with_payment(request(Method::POST, "/weather?city=Bern", ""), &payment),
        with_payment(request(Method::GET, "/weather?city=Bern", "body"), &payment),
    ] {
        let reply = seller.send(other).await;
        reply.assert_refused("duplicate_payment");
        assert!(
            reply.json()["message"]
                .as_str()
                .unwrap()
                .contains("already used")
        );
        assert!(!reply.text().contains("sunny"));
    }
    assert_eq!((world.runs(), world.facilitator.settles()), (1, 1));
}

/// Known failure 4: the guard is the authorization, not the text around it.
#[tokio::test]
async fn another_text_around_the_same_authorization_is_the_same_payment() {
    let world = World::new(TestFacilitator::new());
    let seller = world.seller().await;
    let required = seller.get("/").await.required();
    let payload = payload(&required.accepts[0], 1);
    assert_eq!(
        seller.pay("/", &payload.to_header()).await.status,
        StatusCode::OK
    );
    let other_text = payload.with_resource(required.resource).to_header();
    let reply = seller.pay("/", &other_text).await;
    reply.assert_refused("duplicate_payment");
    assert!(
        !reply.has("payment-response"),
        "the receipt is for who holds the credential"
    );
    assert_eq!((world.runs(), world.facilitator.settles()), (1, 1));
}

#[tokio::test]
async fn another_gate_on_the_same_store_knows_the_payment() {
    let world = World::new(TestFacilitator::new());
    let payment = world.seller().await.quote("/", 1).await;
    assert_eq!(
        world.seller().await.pay("/", &payment).await.status,
        StatusCode::OK
    );
    let elsewhere = world
        .builder()
        .resource_base("https://other.example")
        .build()
        .await
        .unwrap();
    world
        .seller_behind(elsewhere)
        .pay("/", &payment)
        .await
        .assert_refused("duplicate_payment");
    assert_eq!(world.runs(), 1);
}

#[tokio::test]
async fn after_the_records_time_the_payment_is_used_up() {
    let world = World::new(TestFacilitator::new());
    let record = RecordPolicy {
        ttl: Duration::from_secs(60),
        ..RecordPolicy::default()
    };
    let gate = world.builder().record(record).build().await.unwrap();
    let seller = world.seller_behind(gate);
    let payment = seller.quote("/", 1).await;
    let first = seller.pay("/", &payment).await;
    world.clock.advance(Duration::from_secs(59));
    assert_eq!(seller.pay("/", &payment).await.body, first.body);
    world.clock.advance(Duration::from_secs(1));
    let late = seller.pay("/", &payment).await;
    late.assert_refused("duplicate_payment");
    assert_eq!(
        late.receipt(),
        first.receipt(),
        "the receipt outlives the answer"
    );
    assert_eq!((world.runs(), world.facilitator.settles()), (1, 1));
}

/// Known failure 55: what concerns one session is not given to the next.
#[tokio::test]
async fn only_allowed_headers_are_recorded() {
    let world = World::new(TestFacilitator::new());
    let seller = App::new(&world.gate().await, |_| async {
        Response::builder()
            .status(StatusCode::CREATED)
            .header("content-type", "text/plain")
            .header("set-cookie", "session=1")
            .header("x-tenant", "a")
            .header("connection", "close")
            .header("link", "<a>")
            .header("link", "<b>")
            .body(Full::from("made"))
            .unwrap()
    });
    let payment = seller.quote("/", 1).await;
    let first = seller.pay("/", &payment).await;
    assert_eq!(first.header("set-cookie"), "session=1");
    let again = seller.pay("/", &payment).await;
    assert_eq!((again.status, again.text()), (StatusCode::CREATED, "made"));
    assert_eq!(again.header("content-type"), "text/plain");
    assert_eq!(again.headers.get_all("link").iter().count(), 2);
    for header in ["set-cookie", "x-tenant", "connection"] {
        assert!(!again.has(header), "{header}");
    }
}

#[tokio::test]
async fn an_oversized_answer_goes_out_and_is_recorded_without_its_body() {
    let world = World::new(TestFacilitator::new());
    let record = RecordPolicy {
        max_body: 4,
        ..RecordPolicy::default()
    };
    let gate = world.builder().record(record).build().await.unwrap();
    let seller = world.seller_behind(gate);
    let payment = seller.quote("/", 1).await;
    let first = seller.pay("/", &payment).await;
    assert_eq!(first.text(), "sunny 1");
    let again = seller.pay("/", &payment).await;
    again.assert_refused("duplicate_payment");
    assert_eq!(again.receipt(), first.receipt());
    assert_eq!(world.runs(), 1);
}

/// A body that comes as it is sent.
struct Live(tokio::sync::mpsc::Receiver<Bytes>);

impl Body for Live {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0
            .poll_recv(context)
            .map(|chunk| chunk.map(|chunk| Ok(Frame::data(chunk))))
    }
}

#[tokio::test]
async fn a_streamed_answer_is_not_held_back() {
    let world = World::new(TestFacilitator::new());
    let (sender, receiver) = tokio::sync::mpsc::channel(1);
    let receiver = Arc::new(Mutex::new(Some(receiver)));
    let inner = tower::service_fn(move |_: Request<Full<Bytes>>| {
        let receiver = receiver.lock().unwrap().take().unwrap();
        async move { Ok::<_, Infallible>(Response::new(Live(receiver))) }
    });
    let payment = world.seller().await.quote("/", 1).await;
    let response = world
        .gate()
        .await
        .layer(inner)
        .oneshot(paid("/", &payment))
        .await
        .unwrap();
    assert!(
        response.headers().contains_key("payment-response"),
        "answered before the body ends"
    );
    let mut body = response.into_body();
    sender.send("one".into()).await.unwrap();
    assert_eq!(
        body.frame().await.unwrap().unwrap().into_data().unwrap(),
        "one"
    );
    drop(sender);
    assert!(body.frame().await.is_none());
    world
        .seller()
        .await
        .pay("/", &payment)
        .await
        .assert_refused("duplicate_payment");
}
