//! Inclusion fees of the recent past.

/// What Soroban transactions paid to be included in the last ledgers, in stroops: the bid above
/// the resource fee.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FeeStats {
    /// Half of them paid at most this.
    pub p50: u64,
    /// 90 of 100 paid at most this.
    pub p90: u64,
    /// 95 of 100 paid at most this.
    pub p95: u64,
    /// 99 of 100 paid at most this.
    pub p99: u64,
    /// The most that one paid.
    pub max: u64,
}
