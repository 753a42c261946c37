//! Options of `coinslot channel`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Demands, Ledgers, NetworkOptions, RequestClose, Span, buyer};
use crate::secret::SecretText;

/// Options of `coinslot channel`.
#[derive(Debug, Args)]
pub(crate) struct Channel {
    #[command(subcommand)]
    pub(crate) command: ChannelCommand,
}

/// What is done with a channel: by its buyer from the first day to the last, then by its seller.
#[derive(Debug, Subcommand)]
pub(crate) enum ChannelCommand {
    /// Open a channel: deposit once, then pay a seller by signatures alone.
    #[command(after_help = OPEN_EXAMPLES)]
    Open(Box<Open>),
    /// Show how a channel stands, as the ledger has it and, with --store, as its seller does.
    State(State),
    /// Deposit more into a channel (funder).
    TopUp(TopUp),
    /// Have the seller close a channel now, for what was spent; the rest comes back without waiting (buyer).
    #[command(after_help = buyer::REQUEST_CLOSE_EXAMPLES)]
    RequestClose(RequestClose),
    /// Begin to close a channel without its seller: after the waiting period comes `refund` (funder).
    CloseStart(Funded),
    /// Take back what is left of a channel whose waiting period is over (funder).
    Refund(Funded),
    /// Withdraw what the highest voucher brings; the channel goes on (recipient).
    #[command(after_help = TAKE_EXAMPLES)]
    Settle(Take),
    /// Withdraw what the highest voucher brings and give the rest back to the funder (recipient).
    #[command(after_help = TAKE_EXAMPLES)]
    Close(Take),
    /// Look after the channels that pay a seller, until stopped: settle what is due, and close before a funder can take back what is owed.
    #[command(after_help = WATCH_NOTES)]
    Watch(Box<Watch>),
}

/// Options of `coinslot channel open`.
#[derive(Debug, Args)]
pub(crate) struct Open {
    /// Who is paid by the channel: the seller's account (G…), with a trustline to the token.
    #[arg(long, env = "STELLAR_RECIPIENT", value_name = "ADDRESS")]
    pub(crate) recipient: String,

    /// How much to deposit: dollars of USDC ('$5', in single quotes), or base units (50000000).
    #[arg(long, value_name = "AMOUNT")]
    pub(crate) deposit: String,

    /// The public commitment key, 64 hex digits: vouchers of the channel are signed with its secret half, which stays where it is.
    #[arg(long, value_name = "HEX", conflicts_with = "generate_key")]
    pub(crate) commitment_key: Option<String>,

    /// The secret commitment key, 64 hex digits, from which the public one is made. Prefer the environment: arguments are seen by other
    /// users of the machine.
    #[arg(
        long,
        env = "COINSLOT_COMMITMENT_KEY",
        hide_env_values = true,
        value_name = "HEX"
    )]
    pub(crate) commitment_secret: Option<SecretText>,

    /// Make a new commitment key, and write its secret to this file, which only you can read.
    #[arg(long, value_name = "FILE")]
    pub(crate) generate_key: Option<PathBuf>,

    /// How long `close-start` leaves the seller to take what it is owed: ledgers (17280), or a time (2d) at 5 seconds a ledger. Sellers
    /// refuse less than a day unless they say otherwise.
    #[arg(long, default_value = "1d", value_name = "LEDGERS")]
    pub(crate) waiting_period: Ledgers,

    /// Open it through this channel factory (C…), instead of deploying the contract by yourself.
    #[arg(long, value_name = "CONTRACT")]
    pub(crate) factory: Option<String>,

    /// Use the factory although its code is not the one that comes with this program: it decides what your deposit goes into.
    #[arg(long, requires = "factory")]
    pub(crate) trust_factory: bool,

    /// The token's contract (C…); the network's USDC when not given.
    #[arg(long, value_name = "CONTRACT")]
    pub(crate) token: Option<String>,

    /// 64 hex digits that decide the channel's address, to repeat an attempt with an unknown outcome: the same salt never opens two
    /// channels. Random when not given.
    #[arg(long, value_name = "HEX")]
    pub(crate) salt: Option<String>,

    #[command(flatten)]
    pub(crate) funder: FunderKey,

    /// The most that one transaction may cost, in XLM: storing the contract's code, once for a network, costs much more than a payment.
    #[arg(long, default_value = "20", value_name = "XLM")]
    pub(crate) max_fee: String,

    #[command(flatten)]
    pub(crate) fee_payer: FeePayer,

    #[command(flatten)]
    pub(crate) network: NetworkOptions,
}

/// Options of `coinslot channel top-up`.
#[derive(Debug, Args)]
pub(crate) struct TopUp {
    /// The channel's contract (C…).
    pub(crate) channel: String,

    /// How much to add: dollars of USDC ('$5', in single quotes), or base units (50000000).
    pub(crate) amount: String,

    #[command(flatten)]
    pub(crate) funder: FunderKey,

    #[command(flatten)]
    pub(crate) fees: Fees,

    #[command(flatten)]
    pub(crate) network: NetworkOptions,
}

/// Options of `coinslot channel close-start` and `refund`.
#[derive(Debug, Args)]
pub(crate) struct Funded {
    /// The channel's contract (C…).
    pub(crate) channel: String,

    #[command(flatten)]
    pub(crate) funder: FunderKey,

    #[command(flatten)]
    pub(crate) fees: Fees,

    #[command(flatten)]
    pub(crate) network: NetworkOptions,
}

/// Options of `coinslot channel state`.
#[derive(Debug, Args)]
pub(crate) struct State {
    /// The channel's contract (C…).
    pub(crate) channel: String,

    /// Show the seller's view too, from its store: `sqlite:<file>`.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) store: Option<String>,

    #[command(flatten)]
    pub(crate) network: NetworkOptions,
}

/// Where a seller's vouchers are.
#[derive(Debug, Args)]
pub(crate) struct SellersStore {
    /// The seller's store, which holds the highest vouchers: `sqlite:<file>`.
    #[arg(
        long = "store",
        env = "COINSLOT_STORE",
        default_value = "sqlite:payments.db",
        value_name = "ADDRESS"
    )]
    pub(crate) address: String,
}

/// Options of `coinslot channel settle` and `close`.
#[derive(Debug, Args)]
pub(crate) struct Take {
    /// The channel's contract (C…).
    pub(crate) channel: String,

    /// The voucher's cumulative amount: base units (140), or dollars of USDC ('$0.5'). With --signature, instead of the store.
    #[arg(long, value_name = "AMOUNT", requires = "signature")]
    pub(crate) amount: Option<String>,

    /// The voucher's signature, 128 hex digits.
    #[arg(long, value_name = "HEX", requires = "amount")]
    pub(crate) signature: Option<String>,

    #[command(flatten)]
    pub(crate) store: SellersStore,

    #[command(flatten)]
    pub(crate) recipient: RecipientKey,

    #[command(flatten)]
    pub(crate) fees: Fees,

    #[command(flatten)]
    pub(crate) network: NetworkOptions,
}

/// Options of `coinslot channel watch`.
#[derive(Debug, Args)]
pub(crate) struct Watch {
    #[command(flatten)]
    pub(crate) store: SellersStore,

    /// How often to look at the chain.
    #[arg(long, default_value = "5s", value_name = "TIME")]
    pub(crate) every: Span,

    #[command(flatten)]
    pub(crate) demands: Demands,

    #[command(flatten)]
    pub(crate) recipient: RecipientKey,

    #[command(flatten)]
    pub(crate) fees: Fees,

    #[command(flatten)]
    pub(crate) network: NetworkOptions,
}

/// Who deposits.
#[derive(Debug, Args)]
pub(crate) struct FunderKey {
    /// The funder's secret key (S…). Prefer the environment or a `.env` file: arguments are seen by other users of the machine.
    #[arg(
        long,
        env = "STELLAR_SECRET_KEY",
        hide_env_values = true,
        value_name = "SECRET"
    )]
    pub(crate) secret_key: Option<SecretText>,
}

/// Who is paid.
#[derive(Clone, Debug, Args)]
pub(crate) struct RecipientKey {
    /// The secret key (S…) of the account that channels pay: it authorizes settling and closing. Prefer the environment or a `.env`
    /// file: arguments are seen by other users of the machine.
    #[arg(
        long,
        env = "STELLAR_RECIPIENT_SECRET_KEY",
        hide_env_values = true,
        value_name = "SECRET"
    )]
    pub(crate) recipient_secret_key: Option<SecretText>,
}

/// What a transaction may cost, and who pays it.
#[derive(Debug, Args)]
pub(crate) struct Fees {
    /// The most that one transaction may cost, in XLM.
    #[arg(long, default_value = "2", value_name = "XLM")]
    pub(crate) max_fee: String,

    #[command(flatten)]
    pub(crate) payer: FeePayer,
}

/// Who pays the network's fees.
#[derive(Debug, Args)]
pub(crate) struct FeePayer {
    /// The secret key (S…) of another account that pays the network's fees; no other program may use it meanwhile. Who authorizes the
    /// call pays when not given.
    #[arg(
        long,
        env = "COINSLOT_FEE_PAYER_KEY",
        hide_env_values = true,
        value_name = "SECRET"
    )]
    pub(crate) fee_payer: Option<SecretText>,
}

pub(super) const EXAMPLES: &str = "\
Examples:
  coinslot channel open --recipient G… --deposit '$5' --generate-key channel.key          # prints the channel, C…
  coinslot fetch --channel C… --commitment-key-file channel.key --protocol channel https://api.example.com/weather
  coinslot channel request-close C… --commitment-key-file channel.key --url https://api.example.com/weather";

const OPEN_EXAMPLES: &str = "\
Examples:
  coinslot channel open --recipient G… --deposit '$5' --generate-key channel.key
  coinslot channel open --recipient G… --deposit '$5' --generate-key channel.key --waiting-period 2d --factory C…
  coinslot channel state C…

A commitment key belongs to one channel and is no account's key: 64 hex digits, never S…. Who has its secret half can give away all that the
channel holds, to its recipient and to nobody else.";

const TAKE_EXAMPLES: &str = "\
Examples:
  coinslot channel settle C…                                  # the highest voucher in sqlite:payments.db
  coinslot channel settle C… --store sqlite:/srv/shop.db
  coinslot channel close C… --amount 140 --signature 5be1…    # a voucher of your own";

const WATCH_NOTES: &str = "\
`coinslot serve --channel` does the same as long as it runs. Run this on the same store where no server does, or beside one: no voucher is
lost when both act, and the second of two calls pays nothing twice. Give each its own --fee-payer.";
