//! A seller: `GET /weather` for $0.001 of USDC.
//!
//! Settings come from the environment or a `.env` file: `STELLAR_NETWORK`, `STELLAR_RECIPIENT`, `FACILITATOR_URL`, and `OZ_API_KEY`
//! when the facilitator wants a key. To try it on this machine, run `coinslot local --env-file .env`, `coinslot facilitator`,
//! this program, and `coinslot fetch http://127.0.0.1:4021/weather`.

use std::error::Error;
use std::process::ExitCode;

use axum::{Router, routing::get};
use coinslot_facilitator_api::HttpFacilitator;
use coinslot_payment_store::Store;
use coinslot_server::{Gate, x402};

// readme: begin
async fn shop() -> Result<Router, Box<dyn Error>> {
    let mut facilitator = HttpFacilitator::builder(setting("FACILITATOR_URL")?);
    if let Ok(key) = setting("OZ_API_KEY") {
        facilitator = facilitator.api_key(key);
    }
    let offer = x402::exact("$0.001")?.pay_to(setting("STELLAR_RECIPIENT")?)?;
    let gate = Gate::builder()
        .offer(offer.network(setting("STELLAR_NETWORK")?.parse()?))
        .facilitator(facilitator.build()?)
        .store(Store::open("sqlite:payments.db").await?)
        .resource_base("http://127.0.0.1:4021"); // your public address
    let gate = gate.build().await?; // every address, key and kind is checked here
    Ok(Router::new().route("/weather", get(weather).route_layer(gate)))
}
// readme: end

async fn weather() -> &'static str {
    r#"{"sky":"clear","celsius":21}"#
}

#[tokio::main]
async fn main() -> ExitCode {
    dotenvy::dotenv().ok();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("seller: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let shop = shop().await?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:4021").await?;
    println!("selling http://127.0.0.1:4021/weather for $0.001");
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
