//! What the benchmarks share: where results are kept, which ratios are looked for, and a load generator for loopback.
//!
//! `cargo xtask bench` runs every benchmark and then writes the table in `docs/PERFORMANCE.md`.

pub mod load;
pub mod ratio;
