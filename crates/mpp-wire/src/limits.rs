//! How much is read. Each limit is checked before memory is taken for what it bounds.

pub use coinslot_auth_header::{MAX_CHALLENGES, MAX_HEADER_BYTES};

/// The longest `request` or `opaque` of a challenge, in bytes of base64url. The core draft asks servers to stay below 8 KB for a whole
/// challenge.
pub const MAX_REQUEST_BYTES: usize = 16 * 1024;

/// The longest `id`, `realm`, `description`, method, intent or other text of a challenge, in bytes.
pub const MAX_TEXT_BYTES: usize = 4 * 1024;

/// The longest value of a `Payment-Receipt` header, in bytes of base64url.
pub const MAX_RECEIPT_BYTES: usize = 16 * 1024;

/// The longest value of an `Accept-Payment` header, in bytes.
pub const MAX_ACCEPT_PAYMENT_BYTES: usize = 4 * 1024;

/// The most ranges in an `Accept-Payment` header.
pub const MAX_RANGES: usize = 64;

/// The longest JSON body that is read: a problem, or the data of a JSON-RPC message.
pub const MAX_BODY_BYTES: usize = 256 * 1024;

/// How deep objects and arrays may be nested in any JSON.
pub const MAX_JSON_DEPTH: usize = 64;

/// The longest `transaction` of a credential of the `stellar` method, in bytes of base64, as the official server has it.
pub const MAX_TRANSACTION_BYTES: usize = 8 * 1024;
