//! What the command line accepts. Every option that is part of a deployment can also come from the environment or a `.env` file.

use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use coinslot_facilitator::FacilitatorConfig;

use crate::exit::{Failure, Kind};
use crate::output::Output;

mod buyer;
mod channel;
mod demands;
mod fetch;
#[cfg(feature = "local")]
mod local;
mod serve;
mod span;

pub(crate) use buyer::{ChannelKey, FromChannel, RequestClose};
pub(crate) use channel::{
    Channel, ChannelCommand, FeePayer, Fees as ChannelFees, Funded, FunderKey, Open, RecipientKey,
    State, Take, TopUp, Watch,
};
pub(crate) use demands::Demands;
pub(crate) use fetch::{Answering, Fetch};
#[cfg(feature = "local")]
pub(crate) use local::{CloseLedgers, Demo, Fees, Local};
pub(crate) use serve::{Serve, SoldBy};
pub(crate) use span::{Ledgers, Span};

/// Sell and buy HTTP resources for USDC on Stellar, machine to machine.
#[derive(Debug, Parser)]
#[command(name = "coinslot", version, about, after_help = EXIT_CODES, propagate_version = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// Print results as JSON on standard output, and failures as JSON on standard error.
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// Print no progress.
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,

    /// Log more on standard error (-v, -vv, -vvv); RUST_LOG wins over it.
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
}

impl Arguments {
    /// Reads the command line; ends the program when it is wrong, or asks for help.
    pub(crate) fn read() -> Self {
        let wrong = |error: clap::Error| -> ! {
            if error.use_stderr() && std::env::args().any(|argument| argument == "--json") {
                Output::new(true, true).failure(&usage(&error));
                std::process::exit(error.exit_code());
            }
            error.exit()
        };
        let matches = Self::command()
            .try_get_matches()
            .unwrap_or_else(|error| wrong(error));
        let mut arguments = Self::from_arg_matches(&matches).unwrap_or_else(|error| wrong(error));
        if let (Command::Serve(serve), Some((_, matches))) =
            (&mut arguments.command, matches.subcommand())
        {
            serve.remember_flags(matches);
        }
        arguments
    }
}

/// The first paragraph of what the parser of arguments says: the rest is usage.
fn usage(error: &clap::Error) -> Failure {
    let text = error.render().to_string();
    let first = text.split("\n\n").next().unwrap_or_default();
    let sentence = first.trim_start_matches("error: ");
    let sentence: Vec<&str> = sentence.split_whitespace().collect();
    Failure::new(Kind::Usage, sentence.join(" "))
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a local Stellar network on the real Soroban engine, with RPC, Friendbot, Horizon and a USDC faucet.
    ///
    /// It calls itself `stellar:testnet`, because that is what unmodified clients expect. It is no part of that network: all of it is in
    /// this process, nothing leaves this machine, and its USDC and XLM are worth nothing.
    #[cfg(feature = "local")]
    Local(Local),
    /// See the whole story: an agent without XLM buys weather reports for $0.001, by x402 and MPP, on a network in this process.
    #[cfg(feature = "local")]
    Demo(Demo),
    /// Fetch a URL and pay for it, by x402, MPP or from a channel and within a budget, when it asks for payment.
    #[command(after_help = fetch::EXAMPLES)]
    Fetch(Box<Fetch>),
    /// Run a small paid endpoint: a price on a path, paid by x402 and MPP.
    #[command(after_help = serve::EXAMPLES)]
    Serve(Box<Serve>),
    /// Open, watch, settle and close payment channels: one deposit, then payments that are signatures alone.
    #[command(after_help = channel::EXAMPLES)]
    Channel(Box<Channel>),
    /// Run an x402 facilitator that verifies and settles payments and pays their network fees.
    Facilitator(Box<FacilitatorConfig>),
    /// Say in words what a payment header of x402 or MPP, an authorization entry, a transaction or an address holds.
    #[command(after_help = INSPECT_EXAMPLES)]
    Inspect(Inspect),
}

/// Which network, and how to reach it.
#[derive(Clone, Debug, Args)]
pub(crate) struct NetworkOptions {
    /// The network: `stellar:testnet` or `stellar:pubnet`.
    #[arg(
        long,
        env = "STELLAR_NETWORK",
        default_value = "stellar:testnet",
        value_name = "NETWORK"
    )]
    pub(crate) network: String,

    /// The address of a Stellar RPC; the network's public one when not given. May be repeated for fail-over.
    #[arg(
        long,
        env = "STELLAR_RPC_URL",
        value_delimiter = ',',
        value_name = "URL"
    )]
    pub(crate) rpc_url: Vec<url::Url>,
}

/// Options of `coinslot inspect`.
#[derive(Debug, Args)]
pub(crate) struct Inspect {
    /// The header (with or without its name), the JSON in it, an MPP problem, a channel's commitment in hex, XDR in base64, an address, or an
    /// amount; `-` reads standard input.
    pub(crate) what: String,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  something unexpected failed
  2  the arguments are wrong
  3  the configuration is wrong (keys, network, addresses)
  4  your own budget or policy refused the payment; nothing was signed
  5  the seller, its facilitator or a channel's contract refused
  6  the outcome is not known yet: `fetch` run again does not pay twice, `channel` says what to do
  7  a server could not be reached
  8  the server answered with an error status

Settings are also read from the environment and from a .env file:
  STELLAR_NETWORK  STELLAR_RECIPIENT  STELLAR_SECRET_KEY  OZ_API_KEY  FACILITATOR_URL  STELLAR_RPC_URL
  FACILITATOR_SPONSOR_KEYS  MPP_SECRET  STELLAR_RECIPIENT_SECRET_KEY  COINSLOT_COMMITMENT_KEY  COINSLOT_FEE_PAYER_KEY";

const INSPECT_EXAMPLES: &str = "\
Examples:
  coinslot inspect 'WWW-Authenticate: Payment id=\"…\", realm=\"…\", method=\"stellar\", …'
  coinslot inspect 'Payment eyJjaGFsbGVuZ2Ui…'
  curl -si http://127.0.0.1:4021/weather | grep -i ^www-authenticate | coinslot inspect -
  coinslot inspect --json '$0.001'";
