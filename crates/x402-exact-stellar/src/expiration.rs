//! How long an authorization lasts, in ledgers.

/// How many seconds a ledger takes when nobody knows better.
pub const DEFAULT_CLOSE_TIME_SECONDS: u32 = 5;

/// `ceil(max_timeout_seconds / close_time_seconds)`; a close time of zero means that nobody knows.
pub(crate) fn ledgers_within(max_timeout_seconds: u64, close_time_seconds: u32) -> u32 {
    let close_time = match close_time_seconds {
        0 => DEFAULT_CLOSE_TIME_SECONDS,
        known => known,
    };
    u32::try_from(max_timeout_seconds.div_ceil(u64::from(close_time))).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
