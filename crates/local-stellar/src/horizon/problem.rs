//! Horizon's errors: problem details (RFC 7807).

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::worker::Stopped;

/// An error with a sentence.
pub(crate) fn problem(status: StatusCode, title: &str, detail: &str) -> Response {
    with_extras(status, title, detail, None)
}

/// An error with a sentence and more.
pub(super) fn with_extras(
    status: StatusCode,
    title: &str,
    detail: &str,
    extras: Option<Value>,
) -> Response {
    let name = title.to_lowercase().replace(' ', "_");
    let mut body = json!({
        "type": format!("https://stellar.org/horizon-errors/{name}"),
        "title": title,
        "status": status.as_u16(),
        "detail": detail,
    });
    if let Some(extras) = extras {
        body["extras"] = extras;
    }
    let content_type = [(
        header::CONTENT_TYPE,
        "application/problem+json; charset=utf-8",
    )];
    (status, content_type, body.to_string()).into_response()
}

pub(super) fn not_found() -> Response {
    problem(
        StatusCode::NOT_FOUND,
        "Resource Missing",
        "The resource at the url requested was not found.",
    )
}

pub(super) fn bad_request(detail: &str) -> Response {
    problem(StatusCode::BAD_REQUEST, "Bad Request", detail)
}

pub(super) fn unavailable(stopped: &Stopped) -> Response {
    problem(
        StatusCode::SERVICE_UNAVAILABLE,
        "Service Unavailable",
        &stopped.to_string(),
    )
}
