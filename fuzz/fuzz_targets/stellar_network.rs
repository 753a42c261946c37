//! Runs the harness `stellar_network` under libfuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| coinslot_fuzz::run("stellar_network", data));
