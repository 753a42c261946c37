//! Every member inherits the one lint table; the pure layers add their own.

use std::{fs, io};

use crate::{
    findings::Findings,
    metadata::{Package, Workspace},
};

pub(super) fn check(workspace: &Workspace, findings: &mut Findings) -> io::Result<()> {
    for member in workspace.members() {
        check_inherits(workspace, member, findings)?;
        if member.published && member.layer.is_some_and(|layer| layer <= LAST_PURE_LAYER) {
            check_pure(workspace, member, findings)?;
        }
    }
    Ok(())
}

fn check_inherits(
    workspace: &Workspace,
    member: &Package,
    findings: &mut Findings,
) -> io::Result<()> {
    let manifest = fs::read_to_string(&member.manifest)?;
    let inherits = manifest
        .lines()
        .skip_while(|line| line.trim() != "[lints]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .any(|line| line.replace(' ', "") == "workspace=true");
    if !inherits {
        findings.problem(format!(
            "{} does not inherit the workspace's lints",
            workspace.relative(&member.manifest)
        ));
    }
    Ok(())
}

fn check_pure(workspace: &Workspace, member: &Package, findings: &mut Findings) -> io::Result<()> {
    let root = member.folder().join("src/lib.rs");
    let text = fs::read_to_string(&root)?;
    for lint in PURE_LINTS {
        if !text.contains(lint) {
            findings.problem(format!(
                "{} is in a pure layer and does not deny {lint}",
                workspace.relative(&root)
            ));
        }
    }
    Ok(())
}

const LAST_PURE_LAYER: u64 = 2;
const PURE_LINTS: [&str; 4] = [
    "clippy::arithmetic_side_effects",
    "clippy::as_conversions",
    "clippy::indexing_slicing",
    "clippy::panic",
];
