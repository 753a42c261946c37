//! XDR in JSON: strict base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use stellar_xdr::{ReadXdr, TransactionEnvelope, WriteXdr};

use super::RpcError;
use crate::engine::frame::Frame;
use crate::engine::xdr::{decode_from_client, encode};

/// Base64 of a value's XDR.
pub(crate) fn to_base64(value: &impl WriteXdr) -> Result<String, RpcError> {
    Ok(STANDARD.encode(encode(value)?))
}

/// Base64 of bytes that are XDR already.
pub(crate) fn bytes_to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// A value that a client sent. `what` names it in the error.
pub(crate) fn from_base64<T: ReadXdr>(text: &str, what: &str) -> Result<T, RpcError> {
    STANDARD
        .decode(text)
        .ok()
        .and_then(|bytes| decode_from_client(&bytes).ok())
        .ok_or_else(|| RpcError::invalid_params(format!("cannot unmarshal {what}")))
}

/// A transaction that a client sent.
pub(crate) fn read_envelope(text: &str, network_id: [u8; 32]) -> Result<Frame, RpcError> {
    let envelope: TransactionEnvelope = from_base64(text, "transaction")?;
    Frame::new(&envelope, network_id)
        .map_err(|_| RpcError::invalid_params("cannot hash the transaction"))
}

/// A hash in hex.
pub(crate) fn hash_from_hex(text: &str) -> Result<[u8; 32], RpcError> {
    let mut hash = [0; 32];
    hex::decode_to_slice(text, &mut hash)
        .map_err(|_| RpcError::invalid_params("a transaction hash is 64 hex digits"))?;
    Ok(hash)
}
