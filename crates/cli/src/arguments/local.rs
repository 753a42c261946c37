//! Options of `coinslot local` and `coinslot demo`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, ValueEnum};

/// Options of `coinslot local`.
#[derive(Debug, Args)]
pub(crate) struct Local {
    /// Where to listen for plain HTTP.
    #[arg(long, default_value = "127.0.0.1:8000", value_name = "ADDRESS")]
    pub(crate) bind: SocketAddr,

    /// Also listen for HTTPS, with a certificate made now; clients need it in NODE_EXTRA_CA_CERTS.
    #[arg(long)]
    pub(crate) https: bool,

    /// Where to write the certificate that HTTPS clients must trust.
    #[arg(long, value_name = "FILE", requires = "https")]
    pub(crate) ca_file: Option<PathBuf>,

    /// When ledgers close: on every submission, by hand alone, or every so many seconds. By hand they always close too: POST
    /// /close?ledgers=100.
    #[arg(
        long,
        default_value = "submission",
        value_name = "submission|manual|SECONDS"
    )]
    pub(crate) close: CloseLedgers,

    /// What resources cost: `low` stays under the cap of the official facilitator, `testnet` costs what the public test network does.
    #[arg(long, value_enum, default_value_t = Fees::Low)]
    pub(crate) fees: Fees,

    /// Keep the network's state in this file: loaded at start when it exists, saved at exit.
    #[arg(long, value_name = "FILE")]
    pub(crate) state: Option<PathBuf>,

    /// Make a sponsor, a seller and a buyer, and write their keys with the network's address to this file (for example `.env`). The file of
    /// an earlier run is replaced, and any other is left as it is: also one that was changed since.
    #[arg(long, value_name = "FILE")]
    pub(crate) env_file: Option<PathBuf>,
}

/// When `coinslot local` closes ledgers.
#[derive(Debug, Clone, Copy)]
pub(crate) enum CloseLedgers {
    Submission,
    Manual,
    Every(Duration),
}

impl FromStr for CloseLedgers {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "submission" => Ok(Self::Submission),
            "manual" => Ok(Self::Manual),
            seconds => match seconds.parse::<u64>() {
                Ok(seconds @ 1..=60) => Ok(Self::Every(Duration::from_secs(seconds))),
                _ => Err("give `submission`, `manual`, or a number of seconds from 1 to 60"),
            },
        }
    }
}

/// What resources cost on the local network.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Fees {
    Low,
    Testnet,
}

/// Options of `coinslot demo`.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// How many times the agent buys the weather report by x402; then each mode of an MPP charge is shown once.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=1000), value_name = "N")]
    pub(crate) purchases: u16,

    /// How many requests are paid from a channel, for $0.0001 each.
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u16).range(2..=9_000))]
    pub(crate) channel_requests: u16,
}
