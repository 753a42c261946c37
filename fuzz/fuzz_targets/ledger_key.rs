//! Runs the harness `ledger_key` under libfuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| coinslot_fuzz::run("ledger_key", data));
