//! What the example programs have in common: their settings, and how they begin and end.

use std::error::Error;
use std::process::ExitCode;

use axum::Router;
use coinslot_caip2_network::StellarNetwork;
use coinslot_client::PayingClient;

/// Where the sellers sell, and what the README's lines ask for.
const ADDRESS: &str = "127.0.0.1:4021";

/// A setting of the environment or of a `.env` file.
///
/// # Errors
/// A sentence that names it, when it is missing.
#[expect(clippy::disallowed_methods, reason = "a program reads its environment")]
pub fn setting(name: &str) -> Result<String, String> {
    std::env::var(name).map_err(|_| format!("set {name} in the environment or in .env"))
}

/// `STELLAR_RPC_URL`, or the network's public RPC.
///
/// # Errors
/// A sentence, for a network that has none.
pub fn rpc_url(network: &StellarNetwork) -> Result<String, String> {
    setting("STELLAR_RPC_URL")
        .or_else(|missing| network.rpc_url().map(str::to_owned).ok_or(missing))
}

/// Runs a program, after its `.env` file was read; what goes wrong is told in a line.
pub async fn run(
    name: &str,
    program: impl AsyncFnOnce() -> Result<(), Box<dyn Error>>,
) -> ExitCode {
    dotenvy::dotenv().ok();
    match program().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{name}: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Sells until Ctrl-C.
///
/// # Errors
/// When the port is taken.
pub async fn sell(shop: Router, price: &str) -> Result<(), Box<dyn Error>> {
    let listener = tokio::net::TcpListener::bind(ADDRESS).await?;
    println!("selling http://{ADDRESS}/weather for {price}");
    let stop = async {
        tokio::signal::ctrl_c().await.ok();
    };
    Ok(axum::serve(listener, shop)
        .with_graceful_shutdown(stop)
        .await?)
}

/// Buys it, and prints it.
///
/// # Errors
/// When it is not to be had within the budget, among other things.
pub async fn buy(buyer: PayingClient) -> Result<(), Box<dyn Error>> {
    let url = format!("http://{ADDRESS}/weather");
    let answer = buyer.get(url.as_str()).send().await?;
    println!("{}", answer.text().await?);
    Ok(())
}

/// What is sold.
pub async fn weather() -> &'static str {
    r#"{"sky":"clear","celsius":21}"#
}
