//! One request to one endpoint.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use coinslot_caip2_network::NetworkId;
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode, Url};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;

use super::options::RpcConfigError;
use super::text::plain;
use crate::{LedgerError, Malformation, MalformedAnswer, UnavailableReason};

/// The longest answer that is read, in bytes.
pub const MAX_ANSWER_BYTES: usize = 8 * 1024 * 1024;

/// A node.
pub(super) struct Endpoint {
    client: Client,
    url: Url,
    next_id: AtomicU64,
    /// The network that it said it belongs to.
    pub(super) network: OnceCell<NetworkId>,
}

/// Why a try gave nothing, and whether another may.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: LedgerError,
    pub(super) remedy: Remedy,
    /// Whether the request may have reached the node all the same.
    pub(super) may_have_arrived: bool,
}

/// What may help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Remedy {
    /// Any endpoint, and the same one after a pause.
    AnyEndpoint,
    /// Another endpoint.
    AnotherEndpoint,
    /// Nothing: it is the answer.
    Nothing,
}

#[derive(Serialize)]
struct Request<'a, P> {
    jsonrpc: &'static str,
    id: u64,
    method: &'a str,
    params: P,
}

#[derive(Deserialize)]
struct Reply<T> {
    jsonrpc: String,
    id: serde_json::Value,
    result: Option<T>,
    error: Option<ReplyError>,
}

#[derive(Deserialize)]
struct ReplyError {
    code: i64,
    #[serde(default)]
    message: String,
}

impl Endpoint {
    pub(super) fn new(
        url: &str,
        position: usize,
        timeout: Duration,
        root_certificates: &[Vec<u8>],
    ) -> Result<Self, RpcConfigError> {
        let url = Url::parse(url).map_err(|_| RpcConfigError::Address { position })?;
        let mut client = Client::builder()
            .redirect(Policy::none())
            .timeout(timeout)
            .user_agent(concat!("coinslot/", env!("CARGO_PKG_VERSION")));
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => client = client.no_proxy(),
            "http" => return Err(RpcConfigError::NotEncrypted { position }),
            _ => return Err(RpcConfigError::Address { position }),
        }
        for pem in root_certificates {
            let certificate =
                reqwest::Certificate::from_pem(pem).map_err(RpcConfigError::Certificate)?;
            client = client.add_root_certificate(certificate);
        }
        Ok(Self {
            client: client.build().map_err(RpcConfigError::Client)?,
            url,
            next_id: AtomicU64::new(1),
            network: OnceCell::new(),
        })
    }

    /// The host, for logs.
    pub(super) fn name(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// Calls a method once.
    pub(super) async fn call<T: DeserializeOwned>(
        &self,
        method: &'static str,
        params: &impl Serialize,
    ) -> Result<T, Failure> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let request = Request {
            jsonrpc: "2.0",
            id,
            method,
            params,
        };
        let response = self
            .client
            .post(self.url.clone())
            .json(&request)
            .send()
            .await
            .map_err(Failure::in_transport)?;
        if response.status() != StatusCode::OK {
            return Err(Failure::of_status(response.status()));
        }
        let body = read(method, response).await?;
        reply(method, id, &body)
    }
}

/// The path and the query are not shown: they hold keys.
impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("host", &self.name())
            .field("network", &self.network.get())
            .finish_non_exhaustive()
    }
}

impl Failure {
    pub(super) const fn final_answer(error: LedgerError) -> Self {
        Self {
            error,
            remedy: Remedy::Nothing,
            may_have_arrived: true,
        }
    }

    pub(super) const fn unfit(reason: UnavailableReason) -> Self {
        Self {
            error: LedgerError::unavailable(reason),
            remedy: Remedy::AnotherEndpoint,
            may_have_arrived: false,
        }
    }

    /// A node that may catch up.
    pub(super) fn behind(reason: UnavailableReason) -> Self {
        Self {
            remedy: Remedy::AnyEndpoint,
            ..Self::unfit(reason)
        }
    }

    fn in_transport(error: reqwest::Error) -> Self {
        let reason = if error.is_timeout() {
            UnavailableReason::TimedOut
        } else {
            UnavailableReason::Transport
        };
        let may_have_arrived = !error.is_connect();
        // The address may hold a key.
        let source = Some(error.without_url().into());
        Self {
            error: LedgerError::Unavailable { reason, source },
            remedy: Remedy::AnyEndpoint,
            may_have_arrived,
        }
    }

    fn of_status(status: StatusCode) -> Self {
        let again = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
        Self {
            error: LedgerError::unavailable(UnavailableReason::Status(status.as_u16())),
            remedy: if again {
                Remedy::AnyEndpoint
            } else {
                Remedy::AnotherEndpoint
            },
            may_have_arrived: status.is_server_error(),
        }
    }

    fn malformed(method: &'static str, what: Malformation) -> Self {
        Self {
            error: MalformedAnswer { method, what }.into(),
            remedy: Remedy::AnotherEndpoint,
            may_have_arrived: true,
        }
    }
}

/// Reads a body, and stops at the first byte that is too many.
async fn read(method: &'static str, mut response: Response) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| Failure {
        may_have_arrived: true,
        ..Failure::in_transport(error)
    })? {
        if chunk.len() > MAX_ANSWER_BYTES.saturating_sub(body.len()) {
            let what = Malformation::TooLong {
                limit: MAX_ANSWER_BYTES,
            };
            return Err(Failure::malformed(method, what));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn reply<T: DeserializeOwned>(method: &'static str, id: u64, body: &[u8]) -> Result<T, Failure> {
    let malformed = |what| Failure::malformed(method, what);
    let reply: Reply<T> = serde_json::from_slice(body).map_err(|error| {
        malformed(if error.is_data() {
            Malformation::Shape
        } else {
            Malformation::Json
        })
    })?;
    if reply.jsonrpc != "2.0" {
        return Err(malformed(Malformation::NotJsonRpc));
    }
    // A server that could not read the request answers its error with the id null.
    if reply.id != id && !(reply.error.is_some() && reply.id.is_null()) {
        return Err(malformed(Malformation::WrongId));
    }
    match (reply.result, reply.error) {
        (Some(result), None) => Ok(result),
        (None, Some(ReplyError { code, message })) => {
            let message = plain(&message);
            Err(Failure::final_answer(LedgerError::RpcError {
                code,
                message,
            }))
        }
        _ => Err(malformed(Malformation::NotJsonRpc)),
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || address
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}
