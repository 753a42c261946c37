//! The commitment key that a channel is opened with: given, derived, or made.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use coinslot_channel_commitment::{CommitmentKey, CommitmentPublicKey};

use crate::arguments::Open;
use crate::exit::Failure;

/// Where the public key comes from.
pub(super) enum KeySource {
    Known(CommitmentPublicKey),
    /// It is made as soon as everything else is known to be right.
    ToBeMade(PathBuf),
}

impl KeySource {
    /// Reads the options, and makes nothing yet.
    pub(super) fn read(arguments: &Open) -> Result<Self, Failure> {
        if let Some(path) = &arguments.generate_key {
            if path.exists() {
                return Err(taken(path));
            }
            return Ok(Self::ToBeMade(path.clone()));
        }
        let given: Option<CommitmentPublicKey> =
            match &arguments.commitment_key {
                Some(text) => Some(text.trim().parse().map_err(|error| {
                    Failure::configuration(format!("--commitment-key: {error}"))
                })?),
                None => None,
            };
        let derived: Option<CommitmentPublicKey> = match &arguments.commitment_secret {
            Some(text) => {
                let key: CommitmentKey = text.expose().parse().map_err(|error| {
                    Failure::configuration(format!("COINSLOT_COMMITMENT_KEY: {error}"))
                })?;
                Some(key.public_key())
            }
            None => None,
        };
        match (given, derived) {
            (Some(given), Some(derived)) if given != derived => Err(Failure::configuration(
                "COINSLOT_COMMITMENT_KEY is the secret of another key than --commitment-key: with it you could not pay from the channel",
            )),
            (Some(key), _) | (None, Some(key)) => Ok(Self::Known(key)),
            (None, None) => Err(Failure::configuration(
                "no commitment key: make one with --generate-key FILE, or give its public half with --commitment-key, or its secret in COINSLOT_COMMITMENT_KEY",
            )),
        }
    }

    /// The public key; a new secret is in its file, and on the disk, before this returns.
    pub(super) fn public_key(&self) -> Result<CommitmentPublicKey, Failure> {
        let path = match self {
            Self::Known(key) => return Ok(*key),
            Self::ToBeMade(path) => path,
        };
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|error| Failure::unexpected(&error))?;
        let key = CommitmentKey::from_seed(seed);
        private_file(path)
            .and_then(|mut file| {
                writeln!(file, "{}", key.expose_secret())?;
                file.sync_all()
            })
            .map_err(|error| match error.kind() {
                std::io::ErrorKind::AlreadyExists => taken(path),
                _ => {
                    Failure::configuration(format!("{} cannot be written: {error}", path.display()))
                }
            })?;
        Ok(key.public_key())
    }

    /// The file of a new key.
    pub(super) fn file(&self) -> Option<&Path> {
        match self {
            Self::ToBeMade(path) => Some(path),
            Self::Known(_) => None,
        }
    }
}

/// Creates a file that only its owner can read.
fn private_file(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn taken(path: &Path) -> Failure {
    Failure::configuration(format!(
        "{} exists and is left as it is, because it may hold the key of a channel: name another file, or open the channel with COINSLOT_COMMITMENT_KEY=$(cat {0})",
        path.display()
    ))
}
