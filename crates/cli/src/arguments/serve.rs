//! Options of `coinslot serve`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::parser::ValueSource;
use clap::{ArgMatches, Args, ValueEnum};

use super::{Demands, NetworkOptions, RecipientKey};
use crate::secret::SecretText;

/// Options of `coinslot serve`.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// What one request costs, in dollars of USDC. Mind the shell: '$0.001' in single quotes, or 0.001.
    #[arg(
        long,
        env = "COINSLOT_PRICE",
        default_value = "$0.001",
        value_name = "PRICE"
    )]
    pub(crate) price: String,

    /// Who is paid: an account (G…) with a trustline to USDC, or a contract (C…).
    #[arg(long, env = "STELLAR_RECIPIENT", value_name = "ADDRESS")]
    pub(crate) pay_to: Option<String>,

    /// The path of the resource.
    #[arg(
        long,
        env = "COINSLOT_PATH",
        default_value = "/weather",
        value_name = "PATH"
    )]
    pub(crate) path: String,

    /// Answer paid requests with the JSON in this file, as it is when the server starts.
    #[arg(long, value_name = "FILE", conflicts_with = "text")]
    pub(crate) json_file: Option<PathBuf>,

    /// Answer paid requests with this text.
    #[arg(long, value_name = "TEXT")]
    pub(crate) text: Option<String>,

    /// What the resource is, for whoever decides to pay.
    #[arg(long, value_name = "TEXT")]
    pub(crate) description: Option<String>,

    /// Where to listen.
    #[arg(
        long,
        env = "COINSLOT_LISTEN",
        default_value = "127.0.0.1:4021",
        value_name = "ADDRESS"
    )]
    pub(crate) listen: SocketAddr,

    /// The public address of the server, with https:// before it; where it listens when not given.
    #[arg(long, env = "COINSLOT_BASE_URL", value_name = "URL")]
    pub(crate) base_url: Option<String>,

    /// How buyers may pay.
    #[arg(
        long,
        env = "COINSLOT_PROTOCOL",
        value_enum,
        value_delimiter = ',',
        default_values_t = [SoldBy::X402, SoldBy::Mpp],
        value_name = "PROTOCOL"
    )]
    pub(crate) protocol: Vec<SoldBy>,

    #[command(flatten)]
    pub(crate) network: NetworkOptions,

    /// The facilitator that verifies and settles x402 payments; its API key, if it wants one, is read from OZ_API_KEY.
    #[arg(long, env = "FACILITATOR_URL", value_name = "URL")]
    pub(crate) facilitator_url: Option<String>,

    /// Whether the address of the facilitator stands on the command line.
    #[arg(skip)]
    pub(crate) facilitator_url_is_flag: bool,

    /// The key for the facilitator.
    #[arg(long, env = "OZ_API_KEY", hide = true, value_name = "KEY")]
    pub(crate) facilitator_key: Option<SecretText>,

    /// The secret key (S…) of a sponsor account that pays the network's fees: payments are then settled here, by x402 and MPP, without a
    /// facilitator. May be repeated: each sponsor settles one payment at a time. Prefer the environment: arguments are seen by other users
    /// of the machine.
    #[arg(
        long,
        env = "FACILITATOR_SPONSOR_KEYS",
        hide_env_values = true,
        value_delimiter = ',',
        value_name = "SECRET"
    )]
    pub(crate) sponsor_key: Vec<SecretText>,

    /// Whether sponsors stand on the command line.
    #[arg(skip)]
    pub(crate) sponsor_key_is_flag: bool,

    /// Where payments are remembered: `sqlite:<file>`, or `memory:` to forget them with the process.
    #[arg(
        long,
        env = "COINSLOT_STORE",
        default_value = "sqlite:payments.db",
        value_name = "ADDRESS"
    )]
    pub(crate) store: String,

    /// The secret that binds MPP challenges: 32 bytes or more, the same on every server of a service. A random one when not given.
    #[arg(
        long,
        env = "MPP_SECRET",
        hide_env_values = true,
        value_name = "SECRET"
    )]
    pub(crate) secret: Option<SecretText>,

    /// Take vouchers of payment channels too: the same as adding `channel` to --protocol. Needs the recipient's secret key.
    #[arg(long)]
    pub(crate) channel: bool,

    /// The channel (C…) that is offered to buyers that name none, as clients of the official SDK do.
    #[arg(long, env = "COINSLOT_DEFAULT_CHANNEL", value_name = "CONTRACT")]
    pub(crate) default_channel: Option<String>,

    /// Tell everyone how far the default channel is used, as clients of the official SDK need that keep no record.
    #[arg(long, requires = "default_channel")]
    pub(crate) announce_cumulative: bool,

    #[command(flatten)]
    pub(crate) recipient: RecipientKey,

    #[command(flatten)]
    pub(crate) demands: Demands,

    /// The most that settling or closing a channel, or extending its time to live, may cost, in XLM.
    #[arg(
        long,
        env = "COINSLOT_CHANNEL_MAX_FEE",
        default_value = "2",
        value_name = "XLM"
    )]
    pub(crate) channel_max_fee: String,

    /// Where to listen for Prometheus, such as 127.0.0.1:9464: GET /metrics, without a password.
    #[arg(long, env = "COINSLOT_METRICS_LISTEN", value_name = "ADDRESS")]
    pub(crate) metrics_listen: Option<SocketAddr>,

    /// What the server calls itself in MPP challenges; the host of its public address when not given.
    #[arg(long, env = "COINSLOT_REALM", value_name = "NAME")]
    pub(crate) realm: Option<String>,
}

impl Serve {
    /// Remembers what was given as a flag, which goes before what the environment says.
    pub(crate) fn remember_flags(&mut self, matches: &ArgMatches) {
        let is_flag = |id: &str| matches.value_source(id) == Some(ValueSource::CommandLine);
        self.facilitator_url_is_flag = is_flag("facilitator_url");
        self.sponsor_key_is_flag = is_flag("sponsor_key");
    }
}

/// A protocol by which something is sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SoldBy {
    /// x402 version 2, scheme `exact`.
    X402,
    /// The Machine Payments Protocol, intent `charge`.
    Mpp,
    /// The Machine Payments Protocol, intent `channel`: vouchers, without a transaction for each.
    Channel,
}

pub(super) const EXAMPLES: &str = "\
Examples:
  coinslot local --env-file .env &      # a network, with a seller, a sponsor and a buyer in .env
  coinslot serve &                      # $0.001 for GET /weather, by x402 and MPP, settled here
  coinslot fetch http://127.0.0.1:4021/weather

  coinslot serve --price '$0.05' --path /report --json-file report.json --facilitator-url https://facilitator.example
  coinslot serve --protocol mpp         # without a sponsor, buyers pay the network's fees
  coinslot serve --channel --price '$0.0001' --metrics-listen 127.0.0.1:9464

Who settles: sponsors of your own when there are keys of them, else the facilitator. A flag goes before the environment.
A sponsor belongs to one running program: leave FACILITATOR_SPONSOR_KEYS to `coinslot facilitator` when both run.";
