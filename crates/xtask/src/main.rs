//! Repository tasks: check-layers, tidy, test, ci.

fn main() {}
