//! Settlements on the real engine: every test brings payments to a local network through its RPC.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod network {
    mod abuse;
    mod budget;
    mod calls;
    mod calls_astray;
    mod calls_channel;
    mod calls_lifetimes;
    mod channel_again;
    mod channel_facts;
    mod channel_strangers;
    mod contract;
    mod crooked;
    mod expired;
    mod fees;
    mod foreign;
    mod funded;
    mod once;
    mod outage;
    mod recorder;
    mod restart;
    mod settle;
    mod start;
    pub(crate) mod world;
}
