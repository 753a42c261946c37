//! What the ledger holds.

/// The last ledger that closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LatestLedger {
    /// Its number.
    pub sequence: u32,
    /// When it closed, in seconds since 1970, if the node says.
    pub close_time: Option<u64>,
    /// The protocol version that it runs.
    pub protocol_version: u32,
}

/// An account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AccountFacts {
    /// The sequence number of its last transaction; the next one has this plus one.
    pub sequence: i64,
    /// Its balance of the native asset in stroops (10⁻⁷).
    pub balance_stroops: i64,
}

/// An account's trustline to a classic asset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TrustlineFacts {
    /// Its balance in base units (10⁻⁷).
    pub balance: i64,
    /// The most that it may hold, in base units.
    pub limit: i64,
    /// Whether the issuer lets it hold and move the asset.
    pub authorized: bool,
}
