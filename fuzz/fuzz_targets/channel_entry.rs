//! Runs the harness `channel_entry` under libfuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| coinslot_fuzz::run("channel_entry", data));
