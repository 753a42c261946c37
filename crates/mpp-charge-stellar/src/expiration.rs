//! How long a payment can be settled (Stellar charge draft, "Ledger Expiration").

/// How many seconds a ledger takes, by the draft's definition.
pub const DEFAULT_LEDGER_CLOSE_TIME_SECONDS: u64 = 5;

/// How long a challenge lasts that does not say so: five minutes.
pub const DEFAULT_CHALLENGE_EXPIRY_SECONDS: u64 = 300;

/// `currentLedger + ceil((expires - now) / DEFAULT_LEDGER_CLOSE_TIME)`.
pub(crate) fn ledger_expiration(current_ledger: u32, expires: u64, now: u64) -> u32 {
    let ledgers = expires
        .saturating_sub(now)
        .div_ceil(DEFAULT_LEDGER_CLOSE_TIME_SECONDS);
    current_ledger.saturating_add(u32::try_from(ledgers).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests;
