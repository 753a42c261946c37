//! `packages`: the npm packages of the interoperability suites, from the committed lock file.

use std::{
    fs, io,
    path::Path,
    process::{Command, Stdio},
};

use crate::{findings::Findings, metadata::Workspace};

/// Runs `npm ci`, unless what is installed came from this very lock file.
pub(crate) fn install(workspace: &Workspace) -> Findings {
    let mut findings = Findings::default();
    let folder = workspace.root().join("tests/interop");
    match is_installed(&folder) {
        Ok(true) => findings.note("installed already, from this lock file"),
        Ok(false) => install_in(&folder, &mut findings),
        Err(error) => findings.problem(format!(
            "tests/interop/package-lock.json could not be read: {error}"
        )),
    }
    findings
}

fn install_in(folder: &Path, findings: &mut Findings) {
    let status = Command::new("npm")
        .args(["ci", "--no-audit", "--no-fund", "--loglevel=error"])
        .current_dir(folder)
        .stdin(Stdio::null())
        .status();
    match status {
        Err(error) => findings.problem(format!(
            "npm could not be started ({error}): install Node 20 or newer"
        )),
        Ok(status) if !status.success() => {
            findings.problem(format!("npm ci in tests/interop failed with {status}"))
        }
        Ok(_) => match fs::copy(folder.join(LOCK), folder.join(STAMP)) {
            Ok(_) => findings.note("installed with npm ci"),
            Err(error) => findings.problem(format!(
                "tests/interop/{STAMP} could not be written: {error}"
            )),
        },
    }
}

fn is_installed(folder: &Path) -> io::Result<bool> {
    let wanted = fs::read(folder.join(LOCK))?;
    Ok(fs::read(folder.join(STAMP)).is_ok_and(|installed| installed == wanted))
}

const LOCK: &str = "package-lock.json";
/// A copy of the lock file that the installed packages came from.
const STAMP: &str = "node_modules/.installed-from.json";
