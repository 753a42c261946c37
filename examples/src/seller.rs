//! A seller: `GET /weather` for $0.001 of USDC, by x402 or MPP.
//!
//! Settings come from the environment or a `.env` file: `STELLAR_NETWORK`, `STELLAR_RECIPIENT`, `FACILITATOR_URL`, `MPP_SECRET`,
//! `OZ_API_KEY` when the facilitator wants a key, and `STELLAR_RPC_URL` for another RPC than the network's public one. To try it on
//! this machine, run `coinslot local --env-file .env`, `coinslot facilitator`, this program, and
//! `coinslot fetch http://127.0.0.1:4021/weather`.

use std::{error::Error, process::ExitCode, sync::Arc};

use axum::{Router, routing::get};
use coinslot_caip2_network::StellarNetwork;
use coinslot_examples::{rpc_url, sell, setting, weather};
use coinslot_facilitator_api::HttpFacilitator;
use coinslot_payment_store::Store;
use coinslot_server::{Gate, mpp, x402};
use coinslot_settlement::Charges;
use coinslot_stellar_ledger::{RpcLedger, RpcOptions};

// readme: begin
async fn shop() -> Result<Router, Box<dyn Error>> {
    let network: StellarNetwork = setting("STELLAR_NETWORK")?.parse()?;
    let rpc = RpcLedger::new([rpc_url(&network)?], RpcOptions::default())?;
    let exact = x402::exact("$0.001")?.pay_to(setting("STELLAR_RECIPIENT")?)?;
    let charge = mpp::charge("$0.001")?.pay_to(setting("STELLAR_RECIPIENT")?)?;
    let gate = Gate::builder()
        .offer(exact.network(network.clone()))
        .offer(charge.network(network.clone()))
        .facilitator(facilitator()?) // settles x402, and pays the network's fees
        .charges(Charges::unsponsored(Arc::new(rpc), network)) // settles MPP; buyers pay the fees
        .secret(setting("MPP_SECRET")?) // binds MPP's challenges: 32 random bytes or more
        .store(Store::open("sqlite:payments.db").await?)
        .resource_base("http://127.0.0.1:4021"); // your public address
    Ok(Router::new().route("/weather", get(weather).route_layer(gate.build().await?)))
}
// readme: end

/// A remote facilitator, with its key if it wants one.
fn facilitator() -> Result<HttpFacilitator, Box<dyn Error>> {
    let facilitator = HttpFacilitator::builder(setting("FACILITATOR_URL")?);
    Ok(match setting("OZ_API_KEY") {
        Ok(key) => facilitator.api_key(key).build()?,
        Err(_) => facilitator.build()?,
    })
}

#[tokio::main]
async fn main() -> ExitCode {
    coinslot_examples::run("seller", async || sell(shop().await?, "$0.001").await).await
}
