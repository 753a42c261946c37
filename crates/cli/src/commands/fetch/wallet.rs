//! The paying client that the arguments describe: key, budget, network, and the file that remembers.

use std::path::PathBuf;
use std::sync::Arc;

use coinslot_client::{Budget, Mode, PayingClient, Protocol};
use coinslot_payment_store::{PaymentStore, Store};
use coinslot_soroban_authorization::SecretKey;

use super::progress::Progress;
use crate::arguments::{Answering, Fetch};
use crate::exit::Failure;
use crate::network;
use crate::output::Output;

pub(super) async fn open(arguments: &Fetch, output: Output) -> Result<PayingClient, Failure> {
    let signer = signer(arguments)?;
    let host = arguments
        .url
        .host_str()
        .ok_or_else(|| Failure::configuration("the URL names no host"))?;
    let budget = budget(arguments, host)?;
    let selected = network::select(&arguments.network)?;
    let store = store(arguments).await?;
    let progress = Progress::new(output);
    let client = PayingClient::builder(signer)
        .budget(budget)
        .store(store)
        .network(selected.network)
        .rpc(selected.ledger)
        .charge_modes(arguments.mode.iter().copied().map(Mode::from))
        .on_event(move |event| progress.show(event));
    let client = match arguments.protocol {
        Answering::Auto => client,
        Answering::X402 => client.only(Protocol::X402),
        Answering::Mpp => client.only(Protocol::Mpp),
    };
    client
        .build()
        .map_err(|error| Failure::configuration(crate::exit::sentence_of(&error)))
}

/// The payer's key. A dry run signs nothing and does without.
fn signer(arguments: &Fetch) -> Result<SecretKey, Failure> {
    if arguments.dry_run && arguments.secret_key.is_none() {
        return Ok(SecretKey::from_seed([0; 32]));
    }
    let text = arguments.secret_key.as_deref().ok_or_else(|| {
        Failure::configuration(
            "no key to pay with: set STELLAR_SECRET_KEY (S…) in the environment or in a .env file; \
             `coinslot local --env-file .env` makes one for a local network",
        )
    })?;
    text.parse()
        .map_err(|error| Failure::configuration(format!("STELLAR_SECRET_KEY: {error}")))
}

fn budget(arguments: &Fetch, host: &str) -> Result<Budget, Failure> {
    let per_host = arguments
        .max_per_host
        .as_deref()
        .unwrap_or(&arguments.max_per_day);
    let wrong = |name: &str, error: &dyn std::error::Error| {
        Failure::configuration(format!("{name}: {error}"))
    };
    let budget = Budget::per_payment(&arguments.max_payment)
        .map_err(|error| wrong("--max-payment", &error))?
        .per_day(&arguments.max_per_day)
        .map_err(|error| wrong("--max-per-day", &error))?
        .per_host_per_day(per_host)
        .map_err(|error| wrong("--max-per-host", &error))?
        .hosts([host])
        .map_err(|error| wrong("the URL's host", &error))?;
    match &arguments.pay_to {
        None => Ok(budget),
        Some(payee) => budget
            .pin_payee(host, payee)
            .map_err(|error| wrong("--pay-to", &error)),
    }
}

async fn store(arguments: &Fetch) -> Result<Arc<dyn PaymentStore>, Failure> {
    let path = arguments.wallet.clone().map_or_else(default_path, Ok)?;
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        std::fs::create_dir_all(folder).map_err(|error| {
            Failure::configuration(format!(
                "the folder {} cannot be made: {error}",
                folder.display()
            ))
        })?;
    }
    let path = path.to_str().ok_or_else(|| {
        Failure::configuration("the wallet's path is not UTF-8; give another with --wallet")
    })?;
    Store::open(&format!("sqlite:{path}"))
        .await
        .map_err(|error| {
            Failure::configuration(format!(
                "the wallet {path} cannot be opened: {}",
                crate::exit::sentence_of(&error)
            ))
        })
}

/// `$XDG_DATA_HOME/coinslot/wallet.db`, or below the home folder.
fn default_path() -> Result<PathBuf, Failure> {
    let folder = std::env::var_os("XDG_DATA_HOME")
        .map(PathBuf::from)
        .filter(|folder| folder.is_absolute())
        .or_else(|| std::env::home_dir().map(|home| home.join(".local/share")))
        .ok_or_else(|| {
            Failure::configuration(
                "there is no home folder to remember payments in; give a file with --wallet",
            )
        })?;
    Ok(folder.join("coinslot").join("wallet.db"))
}
