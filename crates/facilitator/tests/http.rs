//! The facilitator over HTTP, on the real engine.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod http {
    mod access;
    mod messages;
    mod process;
    mod world;
}
