//! A seller: `GET /weather` for $0.0001 of USDC, paid from channels.
//!
//! Settings come from the environment or a `.env` file: `STELLAR_NETWORK`, `STELLAR_RECIPIENT_SECRET_KEY`, `MPP_SECRET`, and
//! `STELLAR_RPC_URL` for another RPC than the network's public one. To try it on this machine, run `coinslot local --env-file .env`,
//! this program, `coinslot channel open`, and `coinslot fetch` with that channel.

use std::{error::Error, process::ExitCode, sync::Arc};

use axum::{Router, routing::get};
use coinslot_caip2_network::StellarNetwork;
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

/// Another RPC than the network's public one.
fn rpc_url(network: &StellarNetwork) -> Result<String, String> {
    setting("STELLAR_RPC_URL")
        .or_else(|missing| network.rpc_url().map(str::to_owned).ok_or(missing))
}

async fn weather() -> &'static str {
    r#"{"sky":"clear","celsius":21}"#
}

#[tokio::main]
async fn main() -> ExitCode {
    dotenvy::dotenv().ok();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("channel_seller: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let shop = shop().await?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:4021").await?;
    println!("selling http://127.0.0.1:4021/weather for $0.0001, from channels");
    let stop = async {
        tokio::signal::ctrl_c().await.ok();
    };
    Ok(axum::serve(listener, shop)
        .with_graceful_shutdown(stop)
        .await?)
}

#[expect(clippy::disallowed_methods, reason = "a program reads its environment")]
fn setting(name: &str) -> Result<String, String> {
    std::env::var(name).map_err(|_| format!("set {name} in the environment or in .env"))
}
