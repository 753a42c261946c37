//! Runs the harness `muxed_account_id` under libfuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| coinslot_fuzz::run("muxed_account_id", data));
