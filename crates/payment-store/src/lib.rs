#![doc = include_str!("../README.md")]

mod claim;
mod clock;
mod error;
mod id;
mod memory;
mod record;
mod store;
mod time;

#[cfg(feature = "conformance")]
pub mod conformance;
#[cfg(feature = "sqlite")]
mod open;
#[cfg(feature = "sqlite")]
mod sqlite;

pub use claim::{Claim, ClaimKey, ClaimOutcome, ClaimState, ClaimUpdate, Scope};
pub use clock::{Clock, ManualClock, SystemClock};
pub use error::{Outage, StoreError};
pub use id::{MAX_PAYMENT_ID_BYTES, ParsePaymentIdError, ParsePaymentIdErrorKind, PaymentId};
pub use memory::MemoryStore;
#[cfg(feature = "sqlite")]
pub use open::{OpenStoreError, Store};
pub use record::Record;
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteStore;
pub use store::{MAX_VALUE_BYTES, PaymentStore};
pub use time::UnixMillis;
