//! Paid routes in a router.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::routing::{get, post};
use coinslot_caip2_network::StellarNetwork;
use coinslot_facilitator_api::{Facilitator, FacilitatorError, Settlement};
use coinslot_payment_store::MemoryStore;
use coinslot_server::{Gate, GateBuilder, x402};
use coinslot_server_axum::{GateBuilderExt, Paid, paid, paid_get, paid_post};
use coinslot_x402_wire::{
    FacilitatorRequest, PaymentRequired, SupportedKind, SupportedResponse, VerifyResponse,
};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt;
use tower::ServiceExt;

/// Supports testnet, and is never asked for more here: purchases are covered by the gate's own
/// tests and by the whole-flow tests.
struct Supports;

#[async_trait]
impl Facilitator for Supports {
    async fn verify(&self, _: &FacilitatorRequest) -> Result<VerifyResponse, FacilitatorError> {
        Err(FacilitatorError::unavailable("not asked here"))
    }

    async fn settle(&self, _: &FacilitatorRequest) -> Result<Settlement, FacilitatorError> {
        Err(FacilitatorError::unavailable("not asked here"))
    }

    async fn supported(&self) -> Result<SupportedResponse, FacilitatorError> {
        let kind = SupportedKind::new("exact", StellarNetwork::Testnet.chain_id().to_owned());
        Ok(SupportedResponse {
            kinds: vec![kind],
            ..SupportedResponse::default()
        })
    }
}

fn builder() -> GateBuilder {
    let pay_to = "GDKYZQVB74MCNGJIIDK3XQ7B4TNDFSY4V2NL72HNFT4VEKVUXI2MYMX5";
    let offer = x402::exact("$0.001").unwrap().pay_to(pay_to).unwrap();
    Gate::builder()
        .offer(offer.network(StellarNetwork::Testnet))
        .facilitator(Supports)
        .store(Arc::new(MemoryStore::new()))
        .resource_base("https://api.example.com")
        .for_axum()
}

async fn gate() -> Gate {
    builder().build().await.unwrap()
}

async fn weather(Paid(payment): Paid) -> String {
    payment.payer
}

struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

async fn send(router: Router, method: Method, uri: &str, accept: &str) -> Reply {
    let request = Request::builder()
        .method(method)
        .uri(uri)
        .header("accept", accept)
        .body(Body::empty());
    let (parts, body) = router.oneshot(request.unwrap()).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let text = String::from_utf8(body.to_vec()).unwrap();
    Reply {
        status: parts.status,
        headers: parts.headers,
        text,
    }
}

fn url(reply: &Reply) -> String {
    let header = reply.headers["payment-required"].to_str().unwrap();
    PaymentRequired::from_header(header).unwrap().resource.url
}

/// Known failure 71: HEAD runs the handler of a GET, and costs the same.
#[tokio::test]
async fn get_and_head_are_paid_for() {
    for method in [Method::GET, Method::HEAD] {
        let router = Router::new().route("/weather", paid_get(gate().await, weather));
        let reply = send(router, method, "/weather?city=Bern", "*/*").await;
        assert_eq!(reply.status, StatusCode::PAYMENT_REQUIRED);
        assert_eq!(url(&reply), "https://api.example.com/weather?city=Bern");
    }
}

#[tokio::test]
async fn nobody_pays_for_a_method_that_is_not_there() {
    let gate = gate().await;
    let router = Router::new()
        .route("/weather", paid_get(gate.clone(), weather))
        .route("/report", paid_post(gate.clone(), weather))
        .route("/both", paid(gate, get(weather).post(weather)));
    for (method, path, status) in [
        (Method::POST, "/weather", 405),
        (Method::GET, "/report", 405),
        (Method::POST, "/report", 402),
        (Method::GET, "/both", 402),
        (Method::POST, "/both", 402),
        (Method::DELETE, "/both", 405),
        (Method::GET, "/elsewhere", 404),
    ] {
        let reply = send(router.clone(), method.clone(), path, "*/*").await;
        assert_eq!(reply.status.as_u16(), status, "{method} {path}");
    }
}

#[tokio::test]
async fn a_nested_route_is_told_by_its_whole_path() {
    let inner = Router::new().route("/weather", paid_get(gate().await, weather));
    let router = Router::new().nest("/v1", inner);
    let reply = send(router, Method::GET, "/v1/weather?a=b", "*/*").await;
    assert_eq!(url(&reply), "https://api.example.com/v1/weather?a=b");
}

#[tokio::test]
async fn a_route_without_a_gate_is_explained() {
    let optional = |paid: Option<Paid>| async move { paid.is_none().to_string() };
    let router = Router::new()
        .route("/", get(weather))
        .route("/optional", post(optional));
    let reply = send(router.clone(), Method::GET, "/", "*/*").await;
    assert_eq!(reply.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(
        reply.text.contains("no gate stands before its route"),
        "{}",
        reply.text
    );
    let reply = send(router, Method::POST, "/optional", "*/*").await;
    assert_eq!(
        (reply.status, reply.text.as_str()),
        (StatusCode::OK, "true")
    );
}

#[tokio::test]
async fn a_browser_sees_a_page_and_the_same_offer() {
    let gate = builder()
        .description("<img src=x onerror=\"a\">")
        .build()
        .await
        .unwrap();
    let router = Router::new().route("/weather", paid_get(gate, weather));
    let browser = "text/html,application/xhtml+xml,*/*;q=0.8";
    let page = send(
        router.clone(),
        Method::GET,
        "/weather?it's=%3Cb%3E&a=b",
        browser,
    )
    .await;
    assert_eq!(page.status, StatusCode::PAYMENT_REQUIRED);
    assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
    assert_eq!(page.headers["cache-control"], "no-store");
    assert_eq!(page.headers["vary"], "Accept");
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(
        policy.starts_with("default-src 'none'") && !policy.contains("unsafe"),
        "{policy}"
    );
    assert!(page.text.contains("$0.001") && page.text.contains("lang=\"en\""));
    assert!(
        page.text
            .contains("&lt;img src=x onerror=&quot;a&quot;&gt;")
    );
    let command = "coinslot fetch 'https://api.example.com/weather?it%27s=%3Cb%3E&amp;a=b'";
    assert!(page.text.contains(command), "{}", page.text);
    for forbidden in [
        "<script",
        "<img",
        "src=\"",
        "href=",
        "onerror=\"",
        "http://",
    ] {
        assert!(!page.text.contains(forbidden), "{forbidden}");
    }

    let json = send(router, Method::GET, "/weather?it's=%3Cb%3E&a=b", "*/*").await;
    assert_eq!(json.headers["content-type"], "application/json");
    assert_eq!(
        json.headers["payment-required"],
        page.headers["payment-required"]
    );
}
