//! The HTTP and HTTPS servers: which path leads where.

use std::convert::Infallible;
use std::net::{SocketAddr, TcpListener};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::response::Response;
use axum::routing::{get, post};
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use tokio::task::JoinHandle;
use tower::Layer as _;
use tower::make::Shared;
use tower::util::MapResultLayer;

use crate::rpc::{self, RpcContext};
use crate::{by_hand, faucet, friendbot, horizon};

/// Largest body that is read, in bytes.
const MAX_BODY: usize = 1024 * 1024;

/// Marks a response that is thrown away, and its connection with it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DropAnswer;

/// The answer was dropped on purpose.
#[derive(Debug, thiserror::Error)]
#[error("the answer was dropped on purpose")]
struct Dropped;

impl From<Infallible> for Dropped {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// A server that runs until it is told to stop.
#[derive(Debug)]
pub(crate) struct Running {
    handle: Handle<SocketAddr>,
    accepting: JoinHandle<()>,
}

impl Running {
    pub(crate) fn stop(&self) {
        // The handle closes the connections; a server that was not polled yet does not hear it.
        self.handle.shutdown();
        self.accepting.abort();
    }
}

fn router(context: RpcContext) -> Router {
    let horizon = horizon::router();
    Router::new()
        .route("/", post(rpc::handle).get(horizon::root))
        .route("/rpc", post(rpc::handle))
        .route("/friendbot", get(friendbot::handle).post(friendbot::handle))
        .route("/faucet", get(faucet::handle).post(faucet::handle))
        .route("/close", post(by_hand::handle))
        .merge(horizon.clone())
        .nest("/horizon", horizon.route("/", get(horizon::root)))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(context)
}

/// Serves on a listener: over TLS when there is a configuration for it.
pub(crate) fn serve(
    listener: TcpListener,
    tls: Option<RustlsConfig>,
    context: RpcContext,
) -> std::io::Result<Running> {
    listener.set_nonblocking(true)?;
    let service = Shared::new(MapResultLayer::new(close_instead).layer(router(context)));
    let handle = Handle::new();
    let accepting = match tls {
        None => {
            let server = axum_server::from_tcp(listener)?.handle(handle.clone());
            spawn(server.serve(service))
        }
        Some(tls) => {
            let server = axum_server::from_tcp_rustls(listener, tls)?.handle(handle.clone());
            spawn(server.serve(service))
        }
    };
    Ok(Running { handle, accepting })
}

/// Hyper closes a connection whose service fails without an answer.
fn close_instead(result: Result<Response, Infallible>) -> Result<Response, Dropped> {
    match result {
        Ok(response) if response.extensions().get::<DropAnswer>().is_some() => Err(Dropped),
        Ok(response) => Ok(response),
        Err(never) => match never {},
    }
}

fn spawn(server: impl Future<Output = std::io::Result<()>> + Send + 'static) -> JoinHandle<()> {
    tokio::spawn(async move {
        if let Err(error) = server.await {
            tracing::error!(%error, "the local network's server has stopped");
        }
    })
}
