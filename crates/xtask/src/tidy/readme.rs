//! The README shows the examples as they are compiled.

use std::fs;
use std::io;
use std::path::Path;

use crate::{findings::Findings, metadata::Workspace};

/// Compares each block of the README that names its file with the marked part of that file.
pub(super) fn check(workspace: &Workspace, findings: &mut Findings) -> io::Result<()> {
    let readme = fs::read_to_string(workspace.root().join("README.md"))?;
    let mut blocks = 0_usize;
    for after in readme.split("<!-- examples/").skip(1) {
        let Some((name, rest)) = after.split_once(" -->\n```rust\n") else {
            findings.problem("README.md: a mark of an example is not followed by a block of Rust");
            continue;
        };
        let shown = rest.split("```\n").next().unwrap_or_default();
        let compiled = marked_part(&workspace.root().join("examples").join(name))?;
        if compiled.as_deref() != Some(shown) {
            findings.problem(format!(
                "README.md: the block does not show examples/{name} as it is compiled"
            ));
        }
        if shown.lines().count() > LONGEST_BLOCK {
            findings.problem(format!(
                "README.md: the block of examples/{name} is longer than {LONGEST_BLOCK} lines"
            ));
        }
        blocks = blocks.saturating_add(1);
    }
    if blocks == 0 {
        findings.problem("README.md shows no example");
    }
    Ok(())
}

fn marked_part(path: &Path) -> io::Result<Option<String>> {
    let source = fs::read_to_string(path)?;
    let part = source
        .split_once("// readme: begin\n")
        .and_then(|(_, rest)| rest.split_once("// readme: end\n"))
        .map(|(part, _)| part.to_owned());
    Ok(part)
}

const LONGEST_BLOCK: usize = 15;
