//! The tests that documents name must exist: `docs/KNOWN-FAILURES.md` names some for each failure seen elsewhere, and
//! `docs/GUARANTEES.md` for each promise.

use std::{fs, io};

use crate::{findings::Findings, metadata::Workspace};

pub(super) fn check(workspace: &Workspace, findings: &mut Findings) -> io::Result<()> {
    for document in ["docs/KNOWN-FAILURES.md", "docs/GUARANTEES.md"] {
        check_document(workspace, document, findings)?;
    }
    Ok(())
}

fn check_document(
    workspace: &Workspace,
    document: &str,
    findings: &mut Findings,
) -> io::Result<()> {
    let document = workspace.root().join(document);
    let text = fs::read_to_string(&document)?;
    let name = workspace.relative(&document).to_string();
    let mut tests = 0_usize;
    for (number, line) in text
        .lines()
        .enumerate()
        .map(|(index, line)| (index.saturating_add(1), line))
    {
        let mut named = 0_usize;
        for (path, test) in line
            .split('`')
            .skip(1)
            .step_by(2)
            .filter_map(|code| code.split_once(".rs::"))
        {
            named = named.saturating_add(1);
            let path = format!("{path}.rs");
            match fs::read_to_string(workspace.root().join(&path)) {
                Err(_) => findings.problem(format!("{name}:{number}: there is no file {path}")),
                Ok(source) if !source.contains(&format!("fn {test}(")) => {
                    findings.problem(format!("{name}:{number}: {path} holds no test `{test}`"));
                }
                Ok(_) => {}
            }
        }
        tests = tests.saturating_add(named);
        if is_entry(line) && named == 0 {
            findings.problem(format!("{name}:{number}: names no test as `path.rs::test`"));
        }
    }
    if tests == 0 {
        findings.problem(format!("{name} names no test"));
    }
    findings.note(format!("{name} names {tests} tests"));
    Ok(())
}

/// An entry of the list starts with its number: `12. …`.
fn is_entry(line: &str) -> bool {
    line.split_once(". ").is_some_and(|(number, _)| {
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}
