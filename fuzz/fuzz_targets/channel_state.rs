//! Runs the harness `channel_state` under libfuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| coinslot_fuzz::run("channel_state", data));
