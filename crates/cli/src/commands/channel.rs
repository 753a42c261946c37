//! `coinslot channel`: opening, funding, watching, settling and closing channels.
//!
//! `open`, `fund` and `take` are what funder and recipient do; `buyer` and `request_close` what who holds its commitment key does;
//! `reading` is what the ledger says of a channel, `returned` what only its events do, `seller` what a store does, `calling` how a call is sent, `explain` why it was not.

mod buyer;
mod calling;
mod commitment_key;
mod explain;
mod factory;
mod fund;
mod keys;
mod money;
mod open;
#[cfg(feature = "local")]
pub(crate) use open::CHANNEL_WASM;
mod reading;
mod report;
mod request_close;
mod returned;
mod seller;
mod take;
mod watch;

use coinslot_stellar_address::ContractId;

use crate::arguments::{Channel, ChannelCommand};
use crate::exit::{Failure, Kind};
use crate::output::Output;

pub(crate) use buyer::BuyersChannel;
pub(crate) use explain::outage;
pub(crate) use keys::{RECIPIENT, secret_key};
pub(crate) use money::{stroops, usdc_contract};
pub(crate) use seller::demanded;

pub(crate) async fn run(arguments: Channel, output: &Output) -> Result<(), Failure> {
    match arguments.command {
        ChannelCommand::Open(open) => open::run(*open, *output).await,
        ChannelCommand::State(state) => report::run(state, *output).await,
        ChannelCommand::TopUp(top_up) => fund::top_up(top_up, *output).await,
        ChannelCommand::RequestClose(close) => request_close::run(close, *output).await,
        ChannelCommand::CloseStart(funded) => fund::close_start(funded, *output).await,
        ChannelCommand::Refund(funded) => fund::refund(funded, *output).await,
        ChannelCommand::Settle(take) => take::run(take, take::Taking::Settle, *output).await,
        ChannelCommand::Close(take) => take::run(take, take::Taking::Close, *output).await,
        ChannelCommand::Watch(watch) => watch::run(*watch, *output).await,
    }
}

/// The address of a contract, named by what it is the address of.
fn contract(text: &str, what: &str) -> Result<ContractId, Failure> {
    text.trim()
        .parse()
        .map_err(|error| Failure::new(Kind::Usage, format!("{what}: {error}")))
}
