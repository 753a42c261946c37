//! Runs the harness `auth_challenges` under libfuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| coinslot_fuzz::run("auth_challenges", data));
