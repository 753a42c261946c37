//! XDR in and out, always within limits.

use sha2::{Digest, Sha256};
use stellar_xdr::{Limits, ReadXdr, WriteXdr};

/// Nesting allowed in what the engine itself writes and reads back: the host's own figure.
const DEPTH: u32 = 500;

/// Length allowed in what the engine itself writes and reads back, in bytes.
const LENGTH: usize = 0x0200_0000;

/// Nesting allowed in what a client sends. Deeper values exist nowhere on the public network.
const CLIENT_DEPTH: u32 = 200;

/// Writes a value.
pub(crate) fn encode(value: &impl WriteXdr) -> Result<Vec<u8>, stellar_xdr::Error> {
    value.to_xdr(Limits {
        depth: DEPTH,
        len: LENGTH,
    })
}

/// Reads what [`encode`] wrote.
pub(crate) fn decode<T: ReadXdr>(bytes: &[u8]) -> Result<T, stellar_xdr::Error> {
    T::from_xdr(
        bytes,
        Limits {
            depth: DEPTH,
            len: LENGTH,
        },
    )
}

/// Reads exactly one value from a client's bytes, allocating no more than they could hold.
pub(crate) fn decode_from_client<T: ReadXdr>(bytes: &[u8]) -> Result<T, stellar_xdr::Error> {
    T::from_xdr(
        bytes,
        Limits {
            depth: CLIENT_DEPTH,
            len: bytes.len(),
        },
    )
}

/// SHA-256 of bytes.
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}
