//! Accounts to try a payment with, written down as a `.env` file.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;

use coinslot_local_stellar::LocalStellar;
use coinslot_usdc_amount::BaseUnits;
use sha2::{Digest as _, Sha256};

use super::failure;
use crate::exit::Failure;

/// Makes a sponsor with XLM, a seller with a trustline, a buyer with ten dollars and no XLM, and who pays the fees of the buyer's channels,
/// and writes their keys.
///
/// An existing file is not touched, because it may hold keys that are worth something, unless it is one of these and still as it was
/// written. Says whether it was replaced.
pub(super) async fn write(network: &LocalStellar, path: &Path) -> Result<bool, Failure> {
    let (mut file, is_replaced) = private_file(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => Failure::configuration(format!(
            "{} exists and is left as it is, because it may hold keys: `coinslot local` did not write it, or it was changed since; move it away, or name another file",
            path.display()
        )),
        _ => Failure::configuration(format!("{} cannot be written: {error}", path.display())),
    })?;
    let sponsor = network
        .create_funded_account()
        .await
        .map_err(|error| failure(&error))?;
    let seller = network
        .create_usdc_account(BaseUnits::ZERO)
        .await
        .map_err(|error| failure(&error))?;
    let buyer = network
        .create_buyer(BaseUnits::from_u64(TEN_DOLLARS))
        .await
        .map_err(|error| failure(&error))?;
    let fee_payer = network
        .create_funded_account()
        .await
        .map_err(|error| failure(&error))?;
    let text = format!(
        "# `coinslot local`, which runs on this machine and takes the name of the test network.\n\
         STELLAR_NETWORK={}\n\
         STELLAR_RPC_URL={}\n\
         # The buyer, with 10 USDC and no XLM: {}\n\
         STELLAR_SECRET_KEY={}\n\
         # The seller's account.\n\
         STELLAR_RECIPIENT={}\n\
         STELLAR_RECIPIENT_SECRET_KEY={}\n\
         # Pays the network's fees of `coinslot channel`: {}\n\
         COINSLOT_FEE_PAYER_KEY={}\n\
         # The facilitator's sponsor: {}\n\
         FACILITATOR_SPONSOR_KEYS={}\n\
         FACILITATOR_URL=http://127.0.0.1:4022\n\
         # Binds the challenges of MPP.\n\
         MPP_SECRET={}\n",
        network.network(),
        network.rpc_url(),
        buyer.account_id(),
        buyer.expose_secret(),
        seller.account_id(),
        seller.expose_secret(),
        fee_payer.account_id(),
        fee_payer.expose_secret(),
        sponsor.account_id(),
        sponsor.expose_secret(),
        random_secret()?,
    );
    file.write_all(marked(&text).as_bytes()).map_err(|error| {
        Failure::configuration(format!("{} cannot be written: {error}", path.display()))
    })?;
    Ok(is_replaced)
}

/// Creates a file that only its owner can read, and says whether it takes the place of one of these.
fn private_file(path: &Path) -> std::io::Result<(File, bool)> {
    let is_ours = std::fs::read_to_string(path).is_ok_and(|text| is_unchanged(&text));
    if is_ours {
        std::fs::remove_file(path)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    Ok((options.open(path)?, is_ours))
}

/// The settings below a line that says whether they are still those.
fn marked(settings: &str) -> String {
    let digest = hex::encode(Sha256::digest(settings));
    format!("{MARK} {digest}\n{settings}")
}

/// Whether a file is one of these, and nobody has put anything else into it.
fn is_unchanged(text: &str) -> bool {
    text.split_once('\n')
        .is_some_and(|(_, settings)| text == marked(settings))
}

/// 32 random bytes in hexadecimal.
fn random_secret() -> Result<String, Failure> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| Failure::unexpected(&error))?;
    Ok(hex::encode(bytes))
}

/// How a file begins that holds nothing of worth.
const MARK: &str = "# Accounts of a local network: they are worth nothing, and replaced by the next run unless changed.";
const TEN_DOLLARS: u64 = 100_000_000;
