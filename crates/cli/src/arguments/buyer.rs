//! Options of who pays from a channel.

use std::path::PathBuf;

use clap::Args;

use super::NetworkOptions;
use crate::secret::SecretText;

/// A channel to pay from.
#[derive(Debug, Args)]
pub(crate) struct FromChannel {
    /// Pay from this channel (C…) wherever the seller takes it: by signatures of its commitment key, which is no account's key.
    /// Without STELLAR_SECRET_KEY nothing else pays.
    #[arg(long, value_name = "CONTRACT")]
    pub(crate) channel: Option<String>,

    /// The most that is ever signed away from the channel in all, whatever is deposited; one payment is capped by --max-payment.
    #[arg(
        long,
        default_value = "$1",
        value_name = "PRICE",
        env = "COINSLOT_CHANNEL_CAP"
    )]
    pub(crate) channel_cap: String,

    #[command(flatten)]
    pub(crate) key: ChannelKey,
}

/// The secret that signs vouchers.
#[derive(Debug, Args)]
pub(crate) struct ChannelKey {
    /// The file with the channel's secret commitment key, as `channel open --generate-key` writes it; goes before the environment.
    #[arg(long, value_name = "FILE")]
    pub(crate) commitment_key_file: Option<PathBuf>,

    /// The channel's secret commitment key, 64 hex digits. Prefer the file or the environment: arguments are seen by other users of the
    /// machine.
    #[arg(
        long,
        env = "COINSLOT_COMMITMENT_KEY",
        hide_env_values = true,
        value_name = "HEX"
    )]
    pub(crate) commitment_secret: Option<SecretText>,
}

/// Options of `coinslot channel request-close`.
#[derive(Debug, Args)]
pub(crate) struct RequestClose {
    /// The channel's contract (C…).
    pub(crate) channel: String,

    /// An address of the seller that is paid from the channel; it is asked, and nothing is bought.
    #[arg(long, value_name = "URL")]
    pub(crate) url: url::Url,

    #[command(flatten)]
    pub(crate) key: ChannelKey,

    /// Where it is remembered what was spent, as for `coinslot fetch`; when not given, coinslot/wallet.db in $XDG_DATA_HOME, or in
    /// ~/.local/share.
    #[arg(long, value_name = "FILE", env = "COINSLOT_WALLET")]
    pub(crate) wallet: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) network: NetworkOptions,
}

pub(super) const REQUEST_CLOSE_EXAMPLES: &str = "\
Examples:
  coinslot channel request-close C… --url https://api.example.com/weather --commitment-key-file channel.key

The seller sends the transaction and pays for it. From then on nothing more is paid from the channel. Where the outcome is not known (exit
code 6), the same command asks for the same close again. A seller that does not answer is done without: `close-start`, then `refund`.";
