//! `contracts`: the committed wasm files are those that the sources make.
//!
//! The sums of the wasm files, and of every source that they were built from, are checked everywhere: a source that
//! changed after the build is seen without building. The build itself needs a compiler with the contracts' target.

mod build;
mod sums;
mod toolchain;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use self::{
    sums::{Sums, sha256},
    toolchain::Toolchain,
};
use crate::{findings::Findings, metadata::Workspace, source::SourceFile};

/// Compares the committed files with their committed sums.
pub(crate) fn check_sums(workspace: &Workspace) -> Findings {
    let mut findings = Findings::default();
    if let Err(error) = compare_sums(&folder(workspace), &mut findings) {
        findings.problem(format!("contracts/ could not be read: {error}"));
    }
    findings
}

/// Builds the contracts and compares them with the committed files; without a toolchain, checks the sums alone.
pub(crate) fn check_build(workspace: &Workspace) -> Findings {
    let mut findings = check_sums(workspace);
    rebuild(workspace, &mut findings, compare_builds);
    findings
}

/// Builds the contracts and commits to what came out: the wasm files and all sums.
pub(crate) fn write(workspace: &Workspace) -> Findings {
    let mut findings = Findings::default();
    let built = rebuild(workspace, &mut findings, write_builds);
    if !built && findings.passed() {
        findings.problem("nothing was written");
    }
    findings
}

type UseBuilds = fn(&Path, &Path, &Toolchain, &mut Findings) -> io::Result<()>;

/// Builds, if a toolchain is there, and hands on the folders of the sources and of what was built.
fn rebuild(workspace: &Workspace, findings: &mut Findings, then: UseBuilds) -> bool {
    let toolchain = match Toolchain::find() {
        Ok(Some(toolchain)) => toolchain,
        Ok(None) => {
            findings.note(
                "NOT rebuilt: rustc lacks the target wasm32v1-none (see contracts/README.md)",
            );
            return false;
        }
        Err(error) => {
            findings.problem(format!("the toolchain: {error}"));
            return false;
        }
    };
    findings.note(format!("built with {toolchain}"));
    let folder = folder(workspace);
    let done = build::run(&toolchain, &folder, &workspace.target().join("contracts"))
        .and_then(|built| then(&folder, &built, &toolchain, findings));
    if let Err(error) = &done {
        findings.problem(format!("the build: {error}"));
    }
    done.is_ok()
}

fn compare_sums(folder: &Path, findings: &mut Findings) -> io::Result<()> {
    let sums = Sums::read(&folder.join(SUMS))?;
    for name in WASM {
        let committed = sha256(&folder.join("wasm").join(name))?;
        if sums.of(name) != Some(&committed) {
            findings.problem(format!(
                "contracts/wasm/{name} has the SHA-256 {committed}, which is not that of contracts/{SUMS}"
            ));
        }
    }
    let mut sources = Vec::new();
    for path in sources_of(folder)? {
        let name = name_of(folder, &path);
        if sums.of(&name) != Some(&sha256(&path)?) {
            findings.problem(format!(
                "contracts/wasm was not built from this {name}: run `cargo xtask contracts --write`"
            ));
        }
        sources.push(name);
    }
    for name in sums.names() {
        if !WASM.contains(&name) && !sources.iter().any(|source| source == name) {
            findings.problem(format!("contracts/{SUMS} names {name}, which is not there"));
        }
    }
    findings.note(format!(
        "the sums of {} wasm files and {} sources were compared",
        WASM.len(),
        sources.len()
    ));
    Ok(())
}

fn compare_builds(
    folder: &Path,
    built: &Path,
    toolchain: &Toolchain,
    findings: &mut Findings,
) -> io::Result<()> {
    let sums = Sums::read(&folder.join(SUMS))?;
    for name in WASM {
        let built = sha256(&built.join(name))?;
        if sums.of(name) == Some(&built) {
            findings.note(format!("{name}: the same bytes"));
        } else if sums.toolchain() == toolchain.to_string() {
            findings.problem(format!(
                "{name}: the build has the SHA-256 {built}, not that of contracts/{SUMS}"
            ));
        } else {
            findings.note(format!(
                "{name}: other bytes, which proves nothing: each compiler makes its own, and the committed file was built with {}",
                sums.toolchain()
            ));
        }
    }
    Ok(())
}

fn write_builds(
    folder: &Path,
    built: &Path,
    toolchain: &Toolchain,
    findings: &mut Findings,
) -> io::Result<()> {
    let mut sums = Sums::of_toolchain(toolchain.to_string());
    for name in WASM {
        let target = folder.join("wasm").join(name);
        // Not a copy: cargo's file is executable.
        fs::write(&target, fs::read(built.join(name))?)?;
        sums.add(name.to_owned(), sha256(&target)?);
    }
    for path in sources_of(folder)? {
        sums.add(name_of(folder, &path), sha256(&path)?);
    }
    sums.write(&folder.join(SUMS))?;
    findings.note(format!("contracts/wasm and contracts/{SUMS} were written"));
    Ok(())
}

/// Every file that the compiler reads, in path order.
fn sources_of(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = vec![folder.join("Cargo.lock"), folder.join("Cargo.toml")];
    for package in PACKAGES {
        let package = folder.join(package);
        paths.push(package.join("Cargo.toml"));
        paths.extend(
            SourceFile::below(&package.join("src"))?
                .into_iter()
                .map(|file| file.path),
        );
    }
    Ok(paths)
}

/// A source as `sha256sum --check` wants it: relative to the folder of the sums.
fn name_of(folder: &Path, path: &Path) -> String {
    let path = path.strip_prefix(folder).unwrap_or(path);
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    format!("../{}", parts.join("/"))
}

fn folder(workspace: &Workspace) -> PathBuf {
    workspace.root().join("contracts")
}

const PACKAGES: [&str; 3] = ["channel-factory", "instance-ttl", "one-way-channel"];
const SUMS: &str = "wasm/SHA256SUMS";
const WASM: [&str; 2] = ["channel_factory.wasm", "one_way_channel.wasm"];
