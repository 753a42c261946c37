//! The coinslot command: local network, demo, paying fetch, facilitator, inspect.

fn main() {}
