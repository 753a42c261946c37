//! The 402 of a request without payment.

use coinslot_server::Page;
use coinslot_x402_wire::PaymentRequired;
use http::{HeaderMap, StatusCode};

use crate::harness::*;

#[tokio::test]
async fn a_402_tells_the_offer_in_the_header_and_in_the_body() {
    let world = World::new(TestFacilitator::new());
    let gate = world
        .builder()
        .description("Weather")
        .mime_type("text/plain")
        .build()
        .await
        .unwrap();
    let reply = world.seller_behind(gate).get("/weather?city=Bern").await;

    assert_eq!(reply.status, StatusCode::PAYMENT_REQUIRED);
    assert_eq!(reply.header("content-type"), "application/json");
    let required = reply.required();
    assert_eq!(
        required.error.as_deref(),
        Some("PAYMENT-SIGNATURE header is required")
    );
    assert_eq!(
        required.resource.url,
        "https://api.example.com/weather?city=Bern"
    );
    assert_eq!(required.resource.description.as_deref(), Some("Weather"));
    assert_eq!(required.resource.mime_type.as_deref(), Some("text/plain"));
    let [accepts] = &required.accepts[..] else {
        panic!("one offer")
    };
    assert_eq!(accepts.scheme, "exact");
    assert_eq!(accepts.network.as_str(), "stellar:testnet");
    assert_eq!(accepts.amount.to_string(), "10000");
    assert_eq!(
        accepts.asset,
        "CBIELTK6YBZJU5UP2WWQEUCYKLPU6AUNZ2BQ4WWFEIE3USCIHMXQDAMA"
    );
    assert_eq!(accepts.pay_to, PAY_TO);
    assert_eq!(accepts.max_timeout_seconds, 60);
    assert_eq!(accepts.extra.as_ref().unwrap()["areFeesSponsored"], true);

    assert_eq!(
        PaymentRequired::from_json(&reply.body).unwrap(),
        required,
        "header and body agree"
    );
    let message = reply.json()["message"].as_str().unwrap().to_owned();
    assert!(
        message.contains("$0.001") && message.contains("PAYMENT-SIGNATURE"),
        "{message}"
    );
    assert!(!reply.has("x-payment-required"));
}

#[tokio::test]
async fn several_offers_are_all_told() {
    let world = World::new(TestFacilitator::new());
    let gate = world.builder().offer(offer("$0.5")).build().await.unwrap();
    let required = world.seller_behind(gate).get("/").await.required();
    let amounts: Vec<_> = required
        .accepts
        .iter()
        .map(|offer| offer.amount.to_string())
        .collect();
    assert_eq!(amounts, ["10000", "5000000"]);
}

/// Known failure 74: a 402 with an ETag or without `Cache-Control`.
#[tokio::test]
async fn no_cache_keeps_a_402() {
    let world = World::new(TestFacilitator::new());
    let reply = world.seller().await.get("/").await;
    assert_eq!(reply.header("cache-control"), "no-store");
    for header in ["etag", "last-modified", "expires", "age"] {
        assert!(!reply.has(header), "{header}");
    }
    let exposed = reply.header("access-control-expose-headers");
    for header in ["PAYMENT-REQUIRED", "PAYMENT-RESPONSE"] {
        assert!(exposed.split(", ").any(|name| name == header), "{exposed}");
    }
}

/// Known failures 46 and 74: `resource.url` that follows the Host header.
#[tokio::test]
async fn the_resource_is_where_the_seller_says() {
    let world = World::new(TestFacilitator::new());
    let seller = world.seller().await;
    for uri in ["/weather", "https://attacker.example/weather"] {
        let mut request = get(uri);
        for name in ["host", "x-forwarded-host", "forwarded", "x-original-url"] {
            request
                .headers_mut()
                .insert(name, "attacker.example".parse().unwrap());
        }
        let reply = seller.send(request).await;
        assert_eq!(
            reply.required().resource.url,
            "https://api.example.com/weather"
        );
        assert!(!reply.text().contains("attacker"));
    }
}

/// Known failure 39: a gate on the route is not walked around by a path that looks different.
#[tokio::test]
async fn no_spelling_of_the_path_is_free() {
    let world = World::new(TestFacilitator::new());
    let seller = world.seller().await;
    for path in [
        "/weather",
        "/weather/",
        "//weather",
        "/%77eather",
        "/a%2Fb",
        "/a%252Fb",
        "/%zz",
        "/a/../b",
        "*",
    ] {
        assert_eq!(
            seller.get(path).await.status,
            StatusCode::PAYMENT_REQUIRED,
            "{path}"
        );
    }
    assert_eq!(world.runs(), 0);
}

#[tokio::test]
async fn the_offer_is_mirrored_on_request() {
    let world = World::new(TestFacilitator::new());
    let gate = world.builder().mirror_header(true).build().await.unwrap();
    let reply = world.seller_behind(gate).get("/").await;
    assert_eq!(
        reply.header("x-payment-required"),
        reply.header("payment-required")
    );
}

#[tokio::test]
async fn a_page_replaces_the_body_and_nothing_else() {
    let world = World::new(TestFacilitator::new());
    let gate = world
        .builder()
        .page(|challenge| {
            challenge.accept.contains("text/html").then(|| {
                assert_eq!(challenge.url, "https://api.example.com/");
                assert_eq!(challenge.prices[0].price, "$0.001");
                assert_eq!(challenge.refused, None);
                let mut headers = HeaderMap::new();
                headers.insert("content-type", "text/html".parse().unwrap());
                headers.insert("cache-control", "public".parse().unwrap());
                headers.insert("payment-required", "forged".parse().unwrap());
                Page {
                    headers,
                    body: "<p>pay</p>".into(),
                }
            })
        })
        .build()
        .await
        .unwrap();
    let seller = world.seller_behind(gate);
    let mut request = get("/");
    request
        .headers_mut()
        .insert("accept", "text/html".parse().unwrap());
    let page = seller.send(request).await;
    assert_eq!(
        (page.status, page.text()),
        (StatusCode::PAYMENT_REQUIRED, "<p>pay</p>")
    );
    assert_eq!(page.header("content-type"), "text/html");
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.header("vary"), "Accept");
    assert_eq!(page.required().accepts.len(), 1);

    let json = seller.get("/").await;
    assert_eq!(json.header("content-type"), "application/json");
    assert_eq!(json.header("vary"), "Accept");
}

#[tokio::test]
async fn the_path_can_come_from_elsewhere_than_the_uri() {
    let world = World::new(TestFacilitator::new());
    let gate = world
        .builder()
        .resource_uri(|_| "/api/v1".parse().unwrap())
        .build()
        .await
        .unwrap();
    let reply = world.seller_behind(gate).get("/v1").await;
    assert_eq!(
        reply.required().resource.url,
        "https://api.example.com/api/v1"
    );
}
