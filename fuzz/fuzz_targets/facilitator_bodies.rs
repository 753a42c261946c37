//! Runs the harness `facilitator_bodies` under libfuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| coinslot_fuzz::run("facilitator_bodies", data));
