//! Shared by the whole flows and the interoperability suites: a local network with people on it, programs that serve,
//! payments made by hand, and Node scripts.

pub mod chain;
pub mod channel;
pub mod charge;
pub mod node;
pub mod payment;
pub mod programs;
pub mod stream;
