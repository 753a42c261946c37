//! Runs the harness `mpp_texts` under libfuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| coinslot_fuzz::run("mpp_texts", data));
