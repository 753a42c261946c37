//! Runs the harness `soroban_resources` under libfuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| coinslot_fuzz::run("soroban_resources", data));
