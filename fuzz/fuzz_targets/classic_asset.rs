//! Runs the harness `classic_asset` under libfuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| coinslot_fuzz::run("classic_asset", data));
