//! Keeps a contract's instance and code from being archived.
//!
//! An entry of the ledger lives until a certain ledger, its time to live (TTL), and is archived after that. Whoever
//! needs an archived contract again has to restore it first, and pay for that. So every call that writes also looks at
//! the TTL: the contract lives at least [`THRESHOLD`] ledgers after it, or as long as the network allows.
//!
//! The TTL is extended in steps, from below the threshold to [`TARGET`], because each extension is rent that the sender
//! of the transaction pays: most calls pay none. Where a new entry starts with more than the threshold, as on the public
//! network, a contract that has done its work before it falls below has paid no rent at all.
#![no_std]

use soroban_sdk::Env;

/// Extends the TTL of the current contract's instance and code to [`TARGET`], each if it is below [`THRESHOLD`].
///
/// A network may allow less than either: then the TTL is extended to what it allows. It changes nothing else.
pub fn extend(env: &Env) {
    let target = TARGET.min(env.storage().max_ttl());
    env.storage()
        .instance()
        .extend_ttl(THRESHOLD.min(target), target);
}

/// A TTL below this is extended: 30 days, in ledgers.
pub const THRESHOLD: u32 = 30 * LEDGERS_A_DAY;

/// The TTL after an extension: 120 days, in ledgers.
pub const TARGET: u32 = 120 * LEDGERS_A_DAY;

/// Ledgers in 24 hours, of five seconds each.
const LEDGERS_A_DAY: u32 = 24 * 60 * 60 / 5;
