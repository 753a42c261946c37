//! `check-layers`: a crate names only crates of strictly lower layers.

use crate::{
    findings::Findings,
    metadata::{Dependency, Package, Workspace},
};

/// Checks every member's declared layer and normal dependencies.
pub(crate) fn check(workspace: &Workspace) -> Findings {
    let mut findings = Findings::default();
    let mut edges = 0_usize;
    for member in workspace.members() {
        let Some(layer) = member.layer else {
            findings.problem(format!(
                "{} declares no layer: add [package.metadata.layer] with `number = N` to {}",
                member.name,
                workspace.relative(&member.manifest)
            ));
            continue;
        };
        for dependency in member
            .dependencies
            .iter()
            .filter(|dependency| dependency.normal)
        {
            let Some(target) = workspace.member(&dependency.name) else {
                continue;
            };
            edges = edges.saturating_add(1);
            check_order(&mut findings, member, layer, target);
            check_local_network(&mut findings, member, dependency);
        }
    }
    findings.note(format!(
        "{} members, {edges} dependencies between them",
        workspace.members().count()
    ));
    findings
}

fn check_order(findings: &mut Findings, member: &Package, layer: u64, target: &Package) {
    // A target without a layer is reported as a member.
    if let Some(below) = target.layer
        && below >= layer
    {
        findings.problem(format!(
            "{} (layer {layer}) depends on {} (layer {below}): only strictly lower layers are allowed",
            member.name, target.name
        ));
    }
}

/// The embedded network is for tests and for the command line, never for what others depend on.
fn check_local_network(findings: &mut Findings, member: &Package, dependency: &Dependency) {
    let allowed = !member.published || (member.name == COMMAND_LINE && dependency.optional);
    if dependency.name == LOCAL_NETWORK && !allowed {
        findings.problem(format!(
            "{} depends on {LOCAL_NETWORK}: only {COMMAND_LINE} may, as an optional dependency",
            member.name
        ));
    }
}

const LOCAL_NETWORK: &str = "coinslot-local-stellar";
const COMMAND_LINE: &str = "coinslot-cli";
