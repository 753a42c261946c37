//! `getNetwork`.

use serde_json::{Value, json};

use super::{RpcContext, RpcError};
use crate::settings::PROTOCOL_VERSION;

#[allow(clippy::unnecessary_wraps, reason = "the shape of all methods")]
pub(super) fn call(context: &RpcContext) -> Result<Value, RpcError> {
    Ok(json!({
        "friendbotUrl": format!("{}/friendbot", context.base_url),
        "passphrase": &*context.passphrase,
        "protocolVersion": PROTOCOL_VERSION,
    }))
}
