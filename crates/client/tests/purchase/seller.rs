//! Sellers: HTTP servers on this machine whose manners each test chooses.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::Response;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// One request as a seller sees it.
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// The payment header of either protocol, if there is one.
    pub(crate) payment: Option<String>,
    /// How many requests with a payment came before this one.
    pub(crate) earlier: usize,
}

/// What a seller saw.
#[derive(Clone, Default)]
pub(crate) struct Seen(Arc<Mutex<(usize, Vec<String>)>>);

impl Seen {
    /// How many requests came.
    pub(crate) fn requests(&self) -> usize {
        self.0.lock().unwrap().0
    }

    /// The payment headers in the order in which they came.
    pub(crate) fn payments(&self) -> Vec<String> {
        self.0.lock().unwrap().1.clone()
    }

    /// How many different payments came.
    pub(crate) fn distinct_payments(&self) -> usize {
        let mut payments = self.payments();
        payments.sort();
        payments.dedup();
        payments.len()
    }

    fn note(&self, payment: Option<&String>) -> usize {
        let mut seen = self.0.lock().unwrap();
        seen.0 += 1;
        let earlier = seen.1.len();
        seen.1.extend(payment.cloned());
        earlier
    }
}

/// A server that is stopped with the test.
pub(crate) struct Seller {
    pub(crate) address: SocketAddr,
    pub(crate) seen: Seen,
}

impl Seller {
    /// Serves every path with one function.
    pub(crate) async fn start(
        answer: impl Fn(Call) -> Response + Clone + Send + Sync + 'static,
    ) -> Self {
        let seen = Seen::default();
        let noted = seen.clone();
        let serve = move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
            let (answer, noted) = (answer.clone(), noted.clone());
            async move {
                let payment = payment_in(&headers);
                let earlier = noted.note(payment.as_ref());
                answer(Call {
                    method,
                    uri,
                    headers,
                    body,
                    payment,
                    earlier,
                })
            }
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(serve);
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, seen }
    }

    /// Serves raw bytes, one request per connection; `None` closes without a word.
    pub(crate) async fn raw(
        answer: impl Fn(Option<String>, usize) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        let seen = Seen::default();
        let noted = seen.clone();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let mut request = Vec::new();
                while !request.windows(4).any(|end| end == b"\r\n\r\n") {
                    let mut buffer = [0; 4096];
                    match socket.read(&mut buffer).await {
                        Ok(0) | Err(_) => break,
                        Ok(read) => request.extend_from_slice(&buffer[..read]),
                    }
                }
                let text = String::from_utf8_lossy(&request).into_owned();
                let payment = text
                    .lines()
                    .find_map(|line| {
                        line.strip_prefix("payment-signature: ")
                            .or_else(|| line.strip_prefix("authorization: "))
                    })
                    .map(str::to_owned);
                let earlier = noted.note(payment.as_ref());
                if let Some(bytes) = answer(payment, earlier) {
                    let _ = socket.write_all(bytes.as_bytes()).await;
                }
            }
        });
        Self { address, seen }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

fn payment_in(headers: &HeaderMap) -> Option<String> {
    let text = |name| {
        headers
            .get(name)
            .map(|value| value.to_str().unwrap().to_owned())
    };
    let credential = text("authorization").filter(|value| value.starts_with("Payment "));
    text("payment-signature").or(credential)
}

/// An answer with a status, headers and a body.
pub(crate) fn answer(status: u16, headers: &[(&str, &str)], body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    for (name, value) in headers {
        let name: http::HeaderName = name.parse().unwrap();
        response.headers_mut().append(name, value.parse().unwrap());
    }
    response
}
