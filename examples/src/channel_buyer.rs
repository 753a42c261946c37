//! A buyer: fetches the weather, and pays for it from a channel.
//!
//! Settings come from the environment or a `.env` file: `STELLAR_NETWORK`, `STELLAR_SECRET_KEY`, `COINSLOT_CHANNEL` and
//! `COINSLOT_COMMITMENT_KEY` as `coinslot channel open` gave them, and `STELLAR_RPC_URL` for another RPC than the network's public one.

use std::{error::Error, process::ExitCode, sync::Arc};

use coinslot_caip2_network::StellarNetwork;
use coinslot_client::{Budget, ChannelFunds, PayingClient, PayingClientBuilder};
use coinslot_examples::{buy, rpc_url, setting};
use coinslot_payment_store::Store;
use coinslot_soroban_authorization::SecretKey;
use coinslot_stellar_ledger::{RpcLedger, RpcOptions};

// readme: begin
async fn buyer() -> Result<PayingClient, Box<dyn Error>> {
    let channel = setting("COINSLOT_CHANNEL")?.parse()?; // as `coinslot channel open` gave them
    let key = setting("COINSLOT_COMMITMENT_KEY")?.parse()?;
    let funds = ChannelFunds::of(channel, key)
        .per_channel("$5")?
        .per_request("$0.001")?
        .hosts(["127.0.0.1"])?;
    Ok(wallet().await?.channel(funds).build()?) // of several, each is for its hosts
}
// readme: end

/// A client as in the other example, not built yet.
async fn wallet() -> Result<PayingClientBuilder, Box<dyn Error>> {
    let network: StellarNetwork = setting("STELLAR_NETWORK")?.parse()?;
    let signer: SecretKey = setting("STELLAR_SECRET_KEY")?.parse()?;
    let rpc = RpcLedger::new([rpc_url(&network)?], RpcOptions::default())?;
    let budget = Budget::per_payment("$0.01")?
        .per_day("$1")?
        .per_host_per_day("$0.50")?;
    Ok(PayingClient::builder(signer)
        .budget(budget.hosts(["127.0.0.1"])?)
        .store(Store::open("sqlite:wallet.db").await?)
        .network(network)
        .rpc(Arc::new(rpc)))
}

#[tokio::main]
async fn main() -> ExitCode {
    coinslot_examples::run("channel_buyer", async || buy(buyer().await?).await).await
}
