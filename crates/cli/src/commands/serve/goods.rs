//! What is sold.

use axum::body::Bytes;
use axum::response::{IntoResponse, Response};
use coinslot_server::Payment;
use http::header::CONTENT_TYPE;
use serde_json::Value;

use crate::arguments::Serve;
use crate::exit::{Failure, Kind};

/// What a paid request is answered with.
#[derive(Clone, Debug)]
pub(super) enum Goods {
    /// The JSON of a file.
    Json(Bytes),
    /// A text.
    Text(Bytes),
    /// The weather, and who paid for it.
    Weather,
}

impl Goods {
    pub(super) fn read(arguments: &Serve) -> Result<Self, Failure> {
        if let Some(text) = &arguments.text {
            return Ok(Self::Text(text.clone().into()));
        }
        let Some(path) = &arguments.json_file else {
            return Ok(Self::Weather);
        };
        let bytes = std::fs::read(path).map_err(|error| {
            Failure::new(
                Kind::Usage,
                format!("--json-file: {} cannot be read: {error}", path.display()),
            )
        })?;
        match serde_json::from_slice::<Value>(&bytes) {
            Ok(_) => Ok(Self::Json(bytes.into())),
            Err(error) => Err(Failure::new(
                Kind::Usage,
                format!("--json-file: {} is not JSON: {error}", path.display()),
            )),
        }
    }

    pub(super) const fn mime_type(&self) -> &'static str {
        match self {
            Self::Text(_) => "text/plain; charset=utf-8",
            Self::Json(_) | Self::Weather => "application/json",
        }
    }

    pub(super) fn answer(&self, payment: &Payment) -> Response {
        let body = match self {
            Self::Json(bytes) | Self::Text(bytes) => bytes.clone(),
            Self::Weather => serde_json::json!({
                "sky": "clear",
                "celsius": 21,
                "paidBy": payment.payer,
                "protocol": payment.protocol.as_str(),
            })
            .to_string()
            .into(),
        };
        ([(CONTENT_TYPE, self.mime_type())], body).into_response()
    }
}
