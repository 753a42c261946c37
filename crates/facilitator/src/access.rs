//! Who may ask, and how much.

mod keys;
mod limits;

pub use keys::{ApiKey, MAX_API_KEY_BYTES, MIN_API_KEY_BYTES, ParseApiKeyError};
pub use limits::AccessLimits;

pub(crate) use keys::{ApiKeys, Caller};
pub(crate) use limits::{CallerLimits, Turned};
