//! `tidy`: house rules that neither the compiler nor clippy knows.

mod fuzz_coverage;
mod lints;
mod named_tests;
mod readme;
mod style;

use std::io;

use crate::{findings::Findings, metadata::Workspace, source::SourceFile};

/// Runs every rule over every member, `fuzz/`, `contracts/` and the documents.
pub(crate) fn check(workspace: &Workspace) -> Findings {
    let mut findings = Findings::default();
    if let Err(error) = check_all(workspace, &mut findings) {
        findings.problem(format!("the tree could not be read: {error}"));
    }
    findings
}

fn check_all(workspace: &Workspace, findings: &mut Findings) -> io::Result<()> {
    lints::check(workspace, findings)?;
    let mut folders: Vec<_> = workspace
        .members()
        .map(|member| member.folder().to_path_buf())
        .collect();
    folders.push(workspace.root().join("fuzz"));
    folders.push(workspace.root().join("contracts"));
    let mut count = 0_usize;
    for folder in folders {
        for file in SourceFile::below(&folder)? {
            style::check(workspace, &file, findings);
            count = count.saturating_add(1);
        }
    }
    fuzz_coverage::check(workspace, findings)?;
    named_tests::check(workspace, findings)?;
    readme::check(workspace, findings)?;
    findings.note(format!("{count} Rust files"));
    Ok(())
}
