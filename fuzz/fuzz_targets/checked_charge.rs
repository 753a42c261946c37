//! Runs the harness `checked_charge` under libfuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| coinslot_fuzz::run("checked_charge", data));
