//! `coinslot local`: the local Stellar network.

mod accounts;

use coinslot_local_stellar::{CloseMode, FeeSettings, LocalStellar, LocalStellarError};
use serde_json::json;

use crate::arguments::{CloseLedgers, Fees, Local};
use crate::exit::{Failure, Kind, sentence_of};
use crate::output::Output;
use crate::shutdown;

pub(crate) async fn run(arguments: Local, output: &Output) -> Result<(), Failure> {
    let network = start(&arguments).await.map_err(|error| failure(&error))?;
    if let (Some(path), Some(pem)) = (&arguments.ca_file, network.ca_certificate_pem()) {
        std::fs::write(path, pem).map_err(|error| {
            Failure::configuration(format!("{} cannot be written: {error}", path.display()))
        })?;
    }
    if let Some(path) = &arguments.env_file {
        accounts::write(&network, path).await?;
    }
    let stop = shutdown::requested();
    announce(&network, *output)?;
    if let Some(path) = &arguments.env_file {
        output.note(&format!(
            "  keys         {} (a sponsor, a seller, and a buyer with 10 USDC)",
            path.display()
        ));
    }
    output.note("  stop it with Ctrl-C");
    stop.await;
    network.save().await.map_err(|error| failure(&error))?;
    network.shutdown().await;
    Ok(())
}

async fn start(arguments: &Local) -> Result<LocalStellar, LocalStellarError> {
    let mut builder = LocalStellar::builder()
        .bind(arguments.bind.to_string())
        .https(arguments.https)
        .close(match arguments.close {
            CloseLedgers::Submission => CloseMode::OnSubmit,
            CloseLedgers::Manual => CloseMode::Manual,
            CloseLedgers::Every(time) => CloseMode::Every(time),
        })
        .fees(match arguments.fees {
            Fees::Low => FeeSettings::Low,
            Fees::Testnet => FeeSettings::Testnet,
        });
    if let Some(path) = &arguments.state {
        builder = builder.state_file(path);
    }
    builder.start().await
}

fn announce(network: &LocalStellar, output: Output) -> Result<(), Failure> {
    if output.is_json() {
        return output.line(&json!({
            "event": "ready",
            "rpcUrl": network.rpc_url(),
            "httpsUrl": network.https_url(),
            "horizonUrl": network.horizon_url(),
            "friendbotUrl": network.friendbot_url(),
            "faucetUrl": network.faucet_url(),
            "network": network.network().to_string(),
            "networkPassphrase": network.network().passphrase(),
            "usdcContract": network.usdc_contract().to_string(),
            "usdcIssuer": network.usdc_issuer().to_string(),
        }));
    }
    output.note(&format!(
        "✓ a local Stellar network is ready, on the real Soroban engine ({})",
        network.network()
    ));
    output.note(&format!("  RPC          {}", network.rpc_url()));
    if let Some(url) = network.https_url() {
        output.note(&format!("  RPC (HTTPS)  {url}"));
    }
    output.note(&format!("  Horizon      {}", network.horizon_url()));
    output.note(&format!(
        "  Friendbot    {}?addr=G…",
        network.friendbot_url()
    ));
    output.note(&format!(
        "  USDC faucet  {}?addr=G…&amount=10",
        network.faucet_url()
    ));
    output.note(&format!(
        "  USDC         contract {}",
        network.usdc_contract()
    ));
    output.note(&format!(
        "               issuer   {}",
        network.usdc_issuer()
    ));
    Ok(())
}

pub(crate) fn failure(error: &LocalStellarError) -> Failure {
    let kind = match error {
        LocalStellarError::Bind { .. }
        | LocalStellarError::NotLoopback { .. }
        | LocalStellarError::StateFile(_) => Kind::Configuration,
        _ => Kind::Unexpected,
    };
    Failure::new(kind, sentence_of(error))
}
