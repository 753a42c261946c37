//! The body of an answer that is not the one that was bought: its beginning, and never more.

use reqwest::Response;

/// The body, when it is no longer than 64 KiB and comes to its end.
pub(crate) async fn read(mut response: Response) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        if body.len().saturating_add(chunk.len()) > MOST_BYTES {
            return None;
        }
        body.extend_from_slice(&chunk);
    }
    Some(body)
}

const MOST_BYTES: usize = 64 * 1024;
