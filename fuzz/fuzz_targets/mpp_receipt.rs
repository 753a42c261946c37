//! Runs the harness `mpp_receipt` under libfuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| coinslot_fuzz::run("mpp_receipt", data));
