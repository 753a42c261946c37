//! `coinslot local`: the local Stellar network.

mod accounts;

use coinslot_local_stellar::{CloseMode, FeeSettings, LocalStellar, LocalStellarError};
use serde::Serialize;
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
    let keys = match &arguments.env_file {
        Some(path) => Some(Keys {
            path: path.display().to_string(),
            replaced: accounts::write(&network, path).await?,
        }),
        None => None,
    };
    let stop = shutdown::requested();
    announce(&network, keys.as_ref(), *output)?;
    output.note("  stop it with Ctrl-C");
    stop.await;
    network.save().await.map_err(|error| failure(&error))?;
    network.shutdown().await;
    Ok(())
}

/// The file with the keys of the accounts that were made.
#[derive(Debug, Serialize)]
struct Keys {
    path: String,
    /// Whether it took the place of an earlier run's.
    replaced: bool,
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

fn announce(network: &LocalStellar, keys: Option<&Keys>, output: Output) -> Result<(), Failure> {
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
            "envFile": keys,
        }));
    }
    output.note("✓ a local Stellar network is ready, on the real Soroban engine");
    output.note(&format!(
        "  name         {}, for clients that know no other: it is no part of that network, and nothing leaves this machine",
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
    if let Some(Keys { path, replaced }) = keys {
        let replaced = if *replaced {
            "; it replaced that of an earlier run"
        } else {
            ""
        };
        output.note(&format!(
            "  keys         {path} (a sponsor, a seller, and a buyer with 10 USDC{replaced})"
        ));
    }
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
