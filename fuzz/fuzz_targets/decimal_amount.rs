//! Runs the harness `decimal_amount` under libfuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| coinslot_fuzz::run("decimal_amount", data));
