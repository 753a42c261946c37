//! Runs the harness `transaction_hash` under libfuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| coinslot_fuzz::run("transaction_hash", data));
