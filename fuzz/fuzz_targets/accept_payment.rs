//! Runs the harness `accept_payment` under libfuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| coinslot_fuzz::run("accept_payment", data));
