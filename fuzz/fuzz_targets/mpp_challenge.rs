//! Runs the harness `mpp_challenge` under libfuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| coinslot_fuzz::run("mpp_challenge", data));
