//! What can go wrong in a store.

use crate::{Claim, ClaimState, MAX_VALUE_BYTES, PaymentId, Record};

/// A store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The claim is no longer at the version that the caller knew; here is what it is now, or
    /// `None` when it was released or purged. Nothing changed.
    #[error("the claim was changed by someone else")]
    Conflict(Option<Box<Claim>>),
    /// An alias belongs to another claim. Nothing changed.
    #[error("the id {alias} belongs to the claim {}", .holder.key)]
    AliasTaken {
        /// The alias that was asked for.
        alias: PaymentId,
        /// The claim that has it.
        holder: Box<Claim>,
    },
    /// The record is not at the version that the caller expected; here is what it is now, or
    /// `None` when there is none. Nothing changed.
    #[error("the record was changed by someone else")]
    RecordConflict(Option<Record>),
    /// Only a claim in state `claimed` can be released.
    #[error("a {0} claim cannot be released")]
    NotReleasable(ClaimState),
    /// A settled claim stays settled.
    #[error("a settled claim cannot become {0}")]
    SettledIsFinal(ClaimState),
    /// A detail or value is longer than [`MAX_VALUE_BYTES`].
    #[error("{bytes} bytes are more than the {MAX_VALUE_BYTES} that a store keeps in one value")]
    TooLarge {
        /// Its length.
        bytes: usize,
    },
    /// The store itself failed. Whether the operation was done is not known: load to find out.
    #[error(transparent)]
    Outage(#[from] Outage),
}

impl StoreError {
    /// Whether someone else was faster: load and decide again.
    #[must_use]
    pub const fn is_conflict(&self) -> bool {
        matches!(
            self,
            Self::Conflict(_) | Self::AliasTaken { .. } | Self::RecordConflict(_)
        )
    }

    /// Whether the store itself failed, which is nobody's fault who asked (status 503).
    #[must_use]
    pub const fn is_outage(&self) -> bool {
        matches!(self, Self::Outage(_))
    }
}

/// Why a store itself failed. Each sentence says what an operator can do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Outage {
    /// Another process held the database's write lock for too long.
    #[error("the payment database stayed locked by another process; close it or try again")]
    Busy,
    /// The file or its folder cannot be written.
    #[error(
        "the payment database is read-only; give this process write access to the file and its folder"
    )]
    ReadOnly,
    /// No space is left.
    #[error("the disk of the payment database is full; free some space")]
    DiskFull,
    /// The file is damaged, or is no SQLite database.
    #[error(
        "the payment database is damaged or is not a SQLite database; restore it from a backup"
    )]
    Corrupt,
    /// The file cannot be opened.
    #[error(
        "the payment database cannot be opened; check that its folder exists and is accessible"
    )]
    CannotOpen,
    /// The store was shut down, or its thread has died.
    #[error("the payment store is closed")]
    Closed,
    /// Another failure of the engine behind the store.
    #[error("the payment store failed")]
    Engine(#[source] Box<dyn std::error::Error + Send + Sync>),
}
