//! `policy`: licences, sources and banned crates, as `deny.toml` has them.
//!
//! Where cargo-deny is installed it decides. Where it is not, the same three questions are answered from
//! `cargo metadata`, and the answer says so. Advisories are asked for only when their database can be had.

mod deny_file;
mod licence;

use std::{
    collections::BTreeMap,
    fs,
    process::{Command, Stdio},
};

use self::deny_file::DenyFile;
use crate::{
    findings::Findings,
    metadata::{Package, Workspace, cargo},
};

/// Checks every package of the lock file.
pub(crate) fn check(workspace: &Workspace) -> Findings {
    let mut findings = Findings::default();
    if cargo_deny_is_installed() {
        run_cargo_deny(workspace, &mut findings);
        return findings;
    }
    findings.note("cargo-deny is not installed: licences, sources and bans are checked from cargo metadata, advisories are not");
    match fs::read_to_string(workspace.root().join("deny.toml")) {
        Ok(text) => check_metadata(workspace, &DenyFile::read(&text), &mut findings),
        Err(error) => findings.problem(format!("deny.toml could not be read: {error}")),
    }
    findings
}

fn cargo_deny_is_installed() -> bool {
    cargo()
        .args(["deny", "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn run_cargo_deny(workspace: &Workspace, findings: &mut Findings) {
    let run = |command: &mut Command| {
        command
            .current_dir(workspace.root())
            .status()
            .is_ok_and(|status| status.success())
    };
    if !run(cargo().args(["deny", "check", "licenses", "sources", "bans"])) {
        findings.problem("cargo deny check licenses sources bans failed");
    }
    if !run(cargo().args(["deny", "fetch", "db"])) {
        findings.note("the advisory database cannot be reached: advisories are not checked");
    } else if !run(cargo().args(["deny", "check", "advisories"])) {
        findings.problem("cargo deny check advisories failed");
    }
}

fn check_metadata(workspace: &Workspace, rules: &DenyFile, findings: &mut Findings) {
    let mut versions: BTreeMap<&str, u32> = BTreeMap::new();
    for package in workspace.packages() {
        let count = versions.entry(&package.name).or_default();
        *count = count.saturating_add(1);
        check_licence(package, rules, findings);
        if package
            .source
            .as_deref()
            .is_some_and(|source| !rules.allows_source(source))
        {
            findings.problem(format!(
                "{} {} does not come from an allowed registry",
                package.name, package.version
            ));
        }
        if rules.bans(&package.name) {
            findings.problem(format!("{} is banned by deny.toml", package.name));
        }
    }
    for member in workspace.members() {
        for dependency in member
            .dependencies
            .iter()
            .filter(|dependency| dependency.requirement == "*" && !dependency.by_path)
        {
            findings.problem(format!(
                "{} depends on any version of {}: name one",
                member.name, dependency.name
            ));
        }
    }
    let several: Vec<&str> = versions
        .iter()
        .filter(|(_, count)| **count > 1)
        .map(|(name, _)| *name)
        .collect();
    if !several.is_empty() {
        findings.note(format!("in several versions: {}", several.join(", ")));
    }
    findings.note(format!("{} packages", workspace.packages().len()));
}

fn check_licence(package: &Package, rules: &DenyFile, findings: &mut Findings) {
    let name = format!("{} {}", package.name, package.version);
    match package.license.as_deref() {
        None => findings.problem(format!("{name} names no licence")),
        Some(expression) if !licence::is_allowed(expression, rules.licences()) => {
            findings.problem(format!(
                "{name} has the licence {expression}, which deny.toml does not allow"
            ));
        }
        Some(_) => {}
    }
}
