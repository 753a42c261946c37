//! A node that answers calls as a test tells it.

use coinslot_stellar_ledger::{RpcLedger, RpcOptions};
use serde_json::{Value, json};
use std::time::Duration;

use crate::server::{Reply, Server};

pub(crate) const PASSPHRASE: &str = "Test SDF Network ; September 2015";

/// A call as it arrived.
pub(crate) struct Call {
    pub(crate) method: String,
    pub(crate) params: Value,
    /// How many requests came before.
    pub(crate) number: usize,
    id: Value,
}

impl Call {
    pub(crate) fn ok(&self, result: &Value) -> Reply {
        Reply::json(
            200,
            json!({"jsonrpc": "2.0", "id": self.id, "result": result}).to_string(),
        )
    }

    pub(crate) fn error(&self, code: i64, message: &str) -> Reply {
        let error = json!({"code": code, "message": message});
        Reply::json(
            200,
            json!({"jsonrpc": "2.0", "id": self.id, "error": error}).to_string(),
        )
    }

    pub(crate) fn network(&self, passphrase: &str) -> Reply {
        self.ok(&json!({"passphrase": passphrase, "protocolVersion": 30}))
    }
}

/// A node of the test network; `script` answers every call but `getNetwork`.
pub(crate) async fn node(script: impl Fn(&Call) -> Reply + Send + Sync + 'static) -> Server {
    raw_node(move |call| match call.method.as_str() {
        "getNetwork" => call.network(PASSPHRASE),
        _ => script(call),
    })
    .await
}

/// A node of which `script` answers every call.
pub(crate) async fn raw_node(script: impl Fn(&Call) -> Reply + Send + Sync + 'static) -> Server {
    Server::start(move |number, request| {
        assert!(request.line().starts_with("POST / "), "{}", request.line());
        assert_eq!(request.header("content-type"), Some("application/json"));
        let body: Value = serde_json::from_str(&request.body).unwrap();
        assert_eq!(body["jsonrpc"], "2.0");
        script(&Call {
            method: body["method"].as_str().unwrap().to_owned(),
            params: body["params"].clone(),
            number,
            id: body["id"].clone(),
        })
    })
    .await
}

/// A node that gives every call but `getNetwork` the same result.
pub(crate) async fn always(result: Value) -> Server {
    node(move |call| call.ok(&result)).await
}

/// What a node was asked.
pub(crate) fn methods(server: &Server) -> Vec<String> {
    let method = |body: &str| {
        let body: Value = serde_json::from_str(body).unwrap();
        body["method"].as_str().unwrap().to_owned()
    };
    server
        .seen()
        .iter()
        .map(|request| method(&request.body))
        .collect()
}

pub(crate) fn options() -> RpcOptions {
    RpcOptions::default().timeout(Duration::from_millis(300))
}

pub(crate) fn ledger(server: &Server) -> RpcLedger {
    RpcLedger::new([server.url()], options()).unwrap()
}
