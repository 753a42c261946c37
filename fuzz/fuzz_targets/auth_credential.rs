//! Runs the harness `auth_credential` under libfuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| coinslot_fuzz::run("auth_credential", data));
