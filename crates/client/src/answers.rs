//! What an answer to a paid request is, by its status and its length.

use http::header::CONTENT_LENGTH;
use reqwest::{Response, ResponseBuilderExt, StatusCode};

/// Whether the same payment is sent again after this.
pub(crate) fn asks_for_patience(status: StatusCode) -> bool {
    let patience = [
        StatusCode::REQUEST_TIMEOUT,
        StatusCode::CONFLICT,
        StatusCode::TOO_EARLY,
        StatusCode::TOO_MANY_REQUESTS,
    ];
    status.is_server_error() || patience.contains(&status)
}

/// Whether it leads elsewhere, where no payment goes.
pub(crate) fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// Reads a body of known, moderate length to its end, so that an answer that is cut short counts as lost. Longer
/// ones and streams are handed on as they come.
pub(crate) async fn keep(response: Response) -> Result<Response, reqwest::Error> {
    let length = response
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length.is_none_or(|length| length > LONGEST_KEPT_BODY) {
        return Ok(response);
    }
    let (status, version, url) = (
        response.status(),
        response.version(),
        response.url().clone(),
    );
    let (headers, extensions) = (response.headers().clone(), response.extensions().clone());
    let body = response.bytes().await?;
    let mut kept = http::response::Builder::new()
        .url(url)
        .body(body)
        .unwrap_or_default();
    (*kept.status_mut(), *kept.version_mut(), *kept.headers_mut()) = (status, version, headers);
    kept.extensions_mut().extend(extensions);
    Ok(kept.into())
}

/// The longest body that is read to its end before it is handed out: 1 MiB.
const LONGEST_KEPT_BODY: u64 = 1024 * 1024;
