//! Records in the store that cannot be read: whoever wrote them, nothing is paid on their word.

use coinslot_mpp_channel_stellar::ReadStateError;

/// Why a record cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DamagedRecord {
    /// It is not the JSON that this version writes.
    #[error("it is not in the form that this version writes")]
    Json(#[from] serde_json::Error),
    /// Its payer, payee or asset is no Stellar address.
    #[error("its addresses do not parse")]
    Addresses,
    /// It is not the state of the channel whose it should be.
    #[error("it is not the state of its channel")]
    Channel(#[source] ReadStateError),
    /// Its transaction does not decode.
    #[error("its transaction does not decode")]
    Transaction,
}
