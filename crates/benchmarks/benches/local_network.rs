//! The local network: how soon it is ready, how many transfers a second it serves, and in how much memory.

fn main() {}
