//! Options of `coinslot fetch`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use coinslot_client::Mode;

use super::{FromChannel, NetworkOptions};

/// Options of `coinslot fetch`.
#[derive(Debug, Args)]
pub(crate) struct Fetch {
    /// What to fetch; https, or http to this machine.
    pub(crate) url: url::Url,

    /// The method; POST when a body is given, else GET.
    #[arg(long, short = 'X', value_name = "METHOD")]
    pub(crate) request: Option<http::Method>,

    /// A header to send, as `Name: value`; may be repeated.
    #[arg(long, short = 'H', value_name = "HEADER")]
    pub(crate) header: Vec<String>,

    /// A body to send; `@FILE` reads it from a file, `@-` from standard input.
    #[arg(long, short = 'd', value_name = "DATA")]
    pub(crate) data: Option<String>,

    /// Write the answer's body to this file instead of standard output.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// Show what would be paid, and sign nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// The most that one payment may cost.
    #[arg(
        long,
        default_value = "$0.01",
        value_name = "PRICE",
        env = "COINSLOT_MAX_PAYMENT"
    )]
    pub(crate) max_payment: String,

    /// The most that all payments of a rolling day may cost.
    #[arg(
        long,
        default_value = "$1",
        value_name = "PRICE",
        env = "COINSLOT_MAX_PER_DAY"
    )]
    pub(crate) max_per_day: String,

    /// The most that payments to one host may cost in a rolling day; what a day may cost when not given.
    #[arg(long, value_name = "PRICE", env = "COINSLOT_MAX_PER_HOST")]
    pub(crate) max_per_host: Option<String>,

    /// Which protocol to pay by. `auto` takes a channel that was given, else the cheapest offer, and x402 when the same is offered by both.
    #[arg(long, value_enum, default_value_t = Answering::Auto, value_name = "PROTOCOL")]
    pub(crate) protocol: Answering,

    /// Who submits the transaction of an MPP charge: with `pull` the seller does, with `push` you do, and prove it. The network's fees are
    /// yours unless the seller pays them, which is with `pull` only. Several are tried in their order.
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_value = "pull",
        value_name = "MODE"
    )]
    pub(crate) mode: Vec<Submitting>,

    #[command(flatten)]
    pub(crate) from: FromChannel,

    /// Pay only this payee (G… or C…), whatever the seller asks.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) pay_to: Option<String>,

    /// A key of your own for this purchase: the same key never pays twice, whatever the URL's content is by then.
    #[arg(long, value_name = "KEY")]
    pub(crate) idempotency_key: Option<String>,

    /// Where signed payments and spending are remembered; when not given, coinslot/wallet.db in $XDG_DATA_HOME, or in ~/.local/share. Another
    /// file knows nothing of what was spent with this one.
    #[arg(long, value_name = "FILE", env = "COINSLOT_WALLET")]
    pub(crate) wallet: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) network: NetworkOptions,

    /// The payer's secret key (S…). Prefer the environment or a `.env` file: arguments are seen by other users of the machine.
    #[arg(
        long,
        env = "STELLAR_SECRET_KEY",
        hide_env_values = true,
        value_name = "SECRET",
        hide = true
    )]
    pub(crate) secret_key: Option<String>,
}

/// Which protocol a payment is made by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Answering {
    /// Whichever is offered.
    Auto,
    /// x402 version 2 only.
    X402,
    /// The Machine Payments Protocol only.
    Mpp,
    /// From the channel of --channel only; no account's key is needed.
    Channel,
}

/// Who submits the transaction of an MPP charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Submitting {
    /// The seller.
    Pull,
    /// The buyer.
    Push,
}

impl From<Submitting> for Mode {
    fn from(submitting: Submitting) -> Self {
        match submitting {
            Submitting::Pull => Self::Pull,
            Submitting::Push => Self::Push,
        }
    }
}

pub(super) const EXAMPLES: &str = "\
Examples:
  coinslot fetch https://api.example.com/weather --dry-run      # what it would cost
  coinslot fetch https://api.example.com/weather --max-payment '$0.005'
  coinslot fetch --protocol mpp --mode push https://api.example.com/weather
  coinslot fetch --channel C… --commitment-key-file channel.key https://api.example.com/weather

The channel is opened by `coinslot channel open`, and closed early by `coinslot channel request-close`.";
