//! The gate from outside: requests in, answers out.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod after;
mod build;
mod caching;
mod challenge;
mod concurrency;
mod credentials;
mod dynamic;
mod failures;
mod harness;
mod properties;
mod replay;
mod restart;
mod serve;
