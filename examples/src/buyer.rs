//! A buyer: fetches the weather, and pays for it within a budget.
//!
//! Settings come from the environment or a `.env` file: `STELLAR_NETWORK`, `STELLAR_SECRET_KEY`, and `STELLAR_RPC_URL` for
//! another RPC than the network's public one. The account needs a trustline to USDC and some USDC, and no XLM.

use std::{error::Error, process::ExitCode, sync::Arc};

use coinslot_caip2_network::StellarNetwork;
use coinslot_client::{Budget, PayingClient};
use coinslot_examples::{buy, rpc_url, setting};
use coinslot_payment_store::Store;
use coinslot_soroban_authorization::SecretKey;
use coinslot_stellar_ledger::{RpcLedger, RpcOptions};

// readme: begin
async fn buyer() -> Result<PayingClient, Box<dyn Error>> {
    let network: StellarNetwork = setting("STELLAR_NETWORK")?.parse()?;
    let signer: SecretKey = setting("STELLAR_SECRET_KEY")?.parse()?;
    let rpc = RpcLedger::new([rpc_url(&network)?], RpcOptions::default())?;
    let budget = Budget::per_payment("$0.01")?
        .per_day("$1")?
        .per_host_per_day("$0.50")?;
    let client = PayingClient::builder(signer)
        .budget(budget.hosts(["127.0.0.1"])?)
        .store(Store::open("sqlite:wallet.db").await?)
        .network(network)
        .rpc(Arc::new(rpc));
    Ok(client.build()?) // it cannot spend more than its budget, whatever a server asks
}
// readme: end

#[tokio::main]
async fn main() -> ExitCode {
    coinslot_examples::run("buyer", async || buy(buyer().await?).await).await
}
