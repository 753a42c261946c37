//! What a JSON-RPC call answers when it has no result.

use crate::engine::EngineError;
use crate::worker::Stopped;

/// A JSON-RPC error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RpcError {
    pub(crate) code: i32,
    pub(crate) message: String,
}

impl RpcError {
    pub(crate) fn parse() -> Self {
        Self::new(-32_700, "the body is not JSON")
    }

    pub(crate) fn invalid_request(message: &str) -> Self {
        Self::new(-32_600, message)
    }

    pub(crate) fn method_not_found(method: &str) -> Self {
        Self::new(-32_601, &format!("no such method: {method:?}"))
    }

    pub(crate) fn invalid_params(message: impl AsRef<str>) -> Self {
        Self::new(-32_602, message.as_ref())
    }

    fn internal(message: &str) -> Self {
        Self::new(-32_603, message)
    }

    fn new(code: i32, message: &str) -> Self {
        Self {
            code,
            message: message.to_owned(),
        }
    }
}

impl From<Stopped> for RpcError {
    fn from(stopped: Stopped) -> Self {
        Self::internal(&stopped.to_string())
    }
}

impl From<EngineError> for RpcError {
    fn from(error: EngineError) -> Self {
        Self::internal(&error.to_string())
    }
}

impl From<stellar_xdr::Error> for RpcError {
    fn from(error: stellar_xdr::Error) -> Self {
        Self::internal(&error.to_string())
    }
}

impl From<serde_json::Error> for RpcError {
    fn from(error: serde_json::Error) -> Self {
        Self::internal(&error.to_string())
    }
}
