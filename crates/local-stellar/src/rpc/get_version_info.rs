//! `getVersionInfo`.

use serde_json::{Value, json};

use crate::settings::PROTOCOL_VERSION;

pub(super) fn call() -> Value {
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "commitHash": "",
        "buildTimestamp": "",
        "captiveCoreVersion": "coinslot local network, soroban-env-host 30.0.0",
        "protocolVersion": PROTOCOL_VERSION,
    })
}
