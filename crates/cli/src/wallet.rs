//! The buyer's wallet file, which remembers what was signed and what was spent.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use coinslot_payment_store::{PaymentStore, Store};

use crate::exit::{Failure, sentence_of};

/// Opens the wallet in this file, or in the usual one.
pub(crate) async fn open(file: Option<&Path>) -> Result<Arc<dyn PaymentStore>, Failure> {
    let path = file.map_or_else(default_path, |file| Ok(file.to_owned()))?;
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
                sentence_of(&error)
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
