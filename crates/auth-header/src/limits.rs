//! How much is read. Each limit is checked before memory is taken for what it bounds.

/// The most bytes that are read: of a credential, or of all lines of challenges together.
pub const MAX_HEADER_BYTES: usize = 64 * 1024;

/// The most challenges in all lines together.
pub const MAX_CHALLENGES: usize = 64;

/// The most parameters of one challenge or credential, in reading and in writing.
pub const MAX_PARAMETERS: usize = 32;
