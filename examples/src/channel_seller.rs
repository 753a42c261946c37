//! A seller: `GET /weather` for $0.0001 of USDC, paid from channels.
//!
//! Settings come from the environment or a `.env` file: `STELLAR_NETWORK`, `STELLAR_RECIPIENT_SECRET_KEY`, `MPP_SECRET`, and
//! `STELLAR_RPC_URL` for another RPC than the network's public one. To try it on this machine, run `coinslot local --env-file .env`,
//! this program, `coinslot channel open`, and `coinslot fetch` with that channel.

use std::{error::Error, process::ExitCode, sync::Arc};

use axum::{Router, routing::get};
use coinslot_caip2_network::StellarNetwork;
use coinslot_examples::{rpc_url, sell, setting, weather};
use coinslot_payment_store::Store;
use coinslot_server::{Gate, mpp};
use coinslot_settlement::Channels;
use coinslot_soroban_authorization::SecretKey;
use coinslot_stellar_ledger::{RpcLedger, RpcOptions};

// readme: begin
async fn shop() -> Result<Router, Box<dyn Error>> {
    let network: StellarNetwork = setting("STELLAR_NETWORK")?.parse()?;
    let rpc = Arc::new(RpcLedger::new([rpc_url(&network)?], RpcOptions::default())?);
    let recipient: SecretKey = setting("STELLAR_RECIPIENT_SECRET_KEY")?.parse()?; // signs when a channel is settled or closed
    let store = Store::open("sqlite:payments.db").await?;
    let channels = Channels::builder(rpc, store.clone(), network.clone(), recipient);
    let gate = Gate::builder()
        .offer(mpp::channel("$0.0001")?.network(network))
        .channels(channels.build().await?) // watches over all of them from now on
        .secret(setting("MPP_SECRET")?)
        .store(store)
        .resource_base("http://127.0.0.1:4021");
    Ok(Router::new().route("/weather", get(weather).route_layer(gate.build().await?)))
}
// readme: end

#[tokio::main]
async fn main() -> ExitCode {
    coinslot_examples::run("channel_seller", async || {
        sell(shop().await?, "$0.0001, from channels").await
    })
    .await
}
