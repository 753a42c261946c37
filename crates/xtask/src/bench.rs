//! `bench`: every benchmark, and the table of their ratios.

use std::path::Path;
use std::process::Command;

use crate::metadata::{Workspace, cargo};

/// Builds what is measured, measures it, and writes the table; true when every target was met.
pub(crate) fn run(workspace: &Workspace) -> bool {
    [
        &[
            "build",
            "--release",
            "--locked",
            "--package",
            "coinslot-cli",
        ][..],
        &["bench", "--locked", "--package", "coinslot-benchmarks"],
        &[
            "run",
            "--release",
            "--locked",
            "--package",
            "coinslot-benchmarks",
            "--",
            "docs/PERFORMANCE.md",
        ],
    ]
    .into_iter()
    .all(|arguments| succeeds(cargo().args(arguments), workspace.root()))
}

fn succeeds(command: &mut Command, folder: &Path) -> bool {
    match command.current_dir(folder).status() {
        Ok(status) => status.success(),
        Err(error) => {
            eprintln!("xtask: cargo could not be started: {error}");
            false
        }
    }
}
