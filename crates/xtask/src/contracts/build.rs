//! Runs cargo in the contracts' workspace.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::toolchain::{Library, TARGET, Toolchain};
use crate::metadata::cargo;

/// Builds both contracts; the folder that holds the wasm files.
pub(super) fn run(toolchain: &Toolchain, folder: &Path, target: &Path) -> io::Result<PathBuf> {
    let mut cargo = cargo();
    cargo
        .args(["build", "--release", "--locked", "--target", TARGET])
        .arg("--target-dir")
        .arg(target)
        .current_dir(folder)
        .env("RUSTC", toolchain.rustc());
    // Flags of the caller's would change the bytes.
    for variable in [
        "RUSTFLAGS",
        "CARGO_ENCODED_RUSTFLAGS",
        "CARGO_BUILD_RUSTFLAGS",
    ] {
        cargo.env_remove(variable);
    }
    if let Library::FromSource { linker, .. } = toolchain.library() {
        cargo
            .arg("-Zbuild-std=core,alloc")
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_TARGET_WASM32V1_NONE_LINKER", linker);
    }
    let status = cargo.status()?;
    if !status.success() {
        return Err(io::Error::other(format!(
            "cargo build failed with {status}"
        )));
    }
    Ok(target.join(TARGET).join("release"))
}
