//! Build, decode within bounds, hash, sign and verify Soroban authorization entries and SEP-41 transfer transactions.
