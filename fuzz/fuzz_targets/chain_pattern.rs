//! Runs the harness `chain_pattern` under libfuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| coinslot_fuzz::run("chain_pattern", data));
