//! Records: versioned values beside the claims.

use std::fmt;

/// A value of the caller's, with the version that a compare-and-set names.
///
/// Versions are never given twice, not even after a removal.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    /// Changes with every write.
    pub version: u64,
    /// The caller's bytes.
    pub value: Vec<u8>,
}

/// The value is shown by its length.
impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("version", &self.version)
            .field("value", &format_args!("{} bytes", self.value.len()))
            .finish()
    }
}
