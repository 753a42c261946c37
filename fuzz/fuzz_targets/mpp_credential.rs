//! Runs the harness `mpp_credential` under libfuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| coinslot_fuzz::run("mpp_credential", data));
