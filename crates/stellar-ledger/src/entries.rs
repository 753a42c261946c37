//! Ledger entries of any kind, as XDR.

/// The most keys that one call asks for: the limit of Stellar RPC.
pub const MAX_ENTRY_KEYS: usize = 200;

/// What the ledger holds under some keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerEntries {
    /// The ledger at which the node read them.
    pub latest_ledger: u32,
    /// The entries in the order of the keys; `None` where there is none.
    pub found: Vec<Option<LedgerEntry>>,
}

/// An entry of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerEntry {
    /// `LedgerEntryData` as XDR bytes: it decodes, and belongs to the key that was asked for.
    pub data: Vec<u8>,
    /// The last ledger in which the entry is live, for entries that have an end: those of contracts.
    pub live_until_ledger: Option<u32>,
}

impl LedgerEntry {
    /// Whether the entry is live in a ledger. One that is not is archived and can be restored, if it is persistent.
    #[must_use]
    pub fn is_live_at(&self, ledger: u32) -> bool {
        self.live_until_ledger.is_none_or(|until| until >= ledger)
    }
}
