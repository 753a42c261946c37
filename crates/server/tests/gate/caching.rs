//! Known failure 41: no shared cache keeps what was paid for.

use http::Response;
use http_body_util::Full;

use crate::harness::*;

async fn cache_control_of(handlers: &'static [(&'static str, &'static str)]) -> Reply {
    let world = World::new(TestFacilitator::new());
    let seller = App::new(&world.gate().await, move |_| async move {
        let mut response = Response::new(Full::from("paid"));
        for (name, value) in handlers {
            response.headers_mut().append(*name, value.parse().unwrap());
        }
        response
    });
    let payment = seller.quote("/", 1).await;
    seller.pay("/", &payment).await
}

#[tokio::test]
async fn a_paid_answer_is_private() {
    for handlers in [
        &[][..],
        &[("cache-control", "public, max-age=3600")],
        &[("cache-control", "max-age=3600")],
        &[
            ("cache-control", "s-maxage=3600"),
            ("cache-control", "public"),
        ],
        &[("cache-control", "not-private-really")],
    ] {
        assert_eq!(
            cache_control_of(handlers).await.header("cache-control"),
            "private"
        );
    }
}

#[tokio::test]
async fn an_answer_that_is_private_already_keeps_its_own_words() {
    for own in [
        "private, max-age=60",
        "no-store",
        "No-Store",
        "max-age=60, PRIVATE",
    ] {
        let handlers = vec![("cache-control", own)].leak();
        assert_eq!(
            cache_control_of(handlers).await.header("cache-control"),
            own
        );
    }
}

#[tokio::test]
async fn what_speaks_to_shared_caches_only_is_removed() {
    let reply = cache_control_of(&[
        ("cache-control", "private"),
        ("cdn-cache-control", "max-age=60"),
        ("cloudflare-cdn-cache-control", "max-age=60"),
        ("edge-control", "max-age=60"),
        ("surrogate-control", "max-age=60"),
        ("x-accel-expires", "60"),
    ])
    .await;
    for header in [
        "cdn-cache-control",
        "cloudflare-cdn-cache-control",
        "edge-control",
        "surrogate-control",
        "x-accel-expires",
    ] {
        assert!(!reply.has(header), "{header}");
    }
}

#[tokio::test]
async fn a_handler_cannot_make_up_payment_headers() {
    let reply = cache_control_of(&[
        ("payment-response", "forged"),
        ("payment-response", "twice"),
        ("payment-required", "forged"),
        ("x-payment-required", "forged"),
        ("access-control-expose-headers", "x-mine"),
    ])
    .await;
    assert!(reply.receipt().success);
    assert_eq!(reply.headers.get_all("payment-response").iter().count(), 1);
    assert!(!reply.has("payment-required") && !reply.has("x-payment-required"));
    let exposed: Vec<_> = reply
        .headers
        .get_all("access-control-expose-headers")
        .iter()
        .collect();
    assert_eq!(exposed[0], "x-mine");
    assert!(exposed[1].to_str().unwrap().contains("PAYMENT-RESPONSE"));
}
