//! What a seller demands of channels, and when it settles them.

use clap::Args;

use super::{Ledgers, Span};

/// What a seller demands of channels, and when it settles them.
#[derive(Clone, Debug, Args)]
pub(crate) struct Demands {
    /// The shortest waiting period of channels that are taken: ledgers (17280), or a time (1d) at 5 seconds a ledger. It is how long you
    /// have to notice that a funder closes.
    #[arg(
        long,
        env = "COINSLOT_SHORTEST_WAITING_PERIOD",
        default_value = "1d",
        value_name = "LEDGERS"
    )]
    pub(crate) shortest_waiting_period: Ledgers,

    /// Settle a channel as soon as it owes this much: dollars of USDC ('$10', in single quotes), or base units.
    #[arg(
        long,
        env = "COINSLOT_SETTLE_AMOUNT",
        default_value = "$10",
        value_name = "AMOUNT"
    )]
    pub(crate) settle_amount: String,

    /// Settle a channel that owes a cent or more after this time. What is less is taken when the channel is closed.
    #[arg(
        long,
        env = "COINSLOT_SETTLE_AFTER",
        default_value = "1d",
        value_name = "TIME"
    )]
    pub(crate) settle_after: Span,
}
