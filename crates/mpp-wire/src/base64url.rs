//! Base64 with the URL alphabet and without padding (RFC 4648 §5), strictly.

use alloc::string::String;
use alloc::vec::Vec;

use base64::engine::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Appends the text of `bytes`.
pub(crate) fn append(bytes: impl AsRef<[u8]>, to: &mut String) {
    URL_SAFE_NO_PAD.encode_string(bytes, to);
}

/// The bytes; otherwise the position of what is not base64url.
pub(crate) fn decode(text: impl AsRef<[u8]>) -> Result<Vec<u8>, usize> {
    let text = text.as_ref();
    URL_SAFE_NO_PAD.decode(text).map_err(|error| match error {
        base64::DecodeError::InvalidByte(position, _)
        | base64::DecodeError::InvalidLastSymbol(position, _) => position,
        base64::DecodeError::InvalidLength(_) | base64::DecodeError::InvalidPadding => {
            let padding = text.iter().position(|byte| *byte == b'=');
            padding.unwrap_or(text.len())
        }
    })
}
