//! The Rust files of a folder, and which of their lines are tests.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// One Rust file.
#[derive(Debug)]
pub(crate) struct SourceFile {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
}

impl SourceFile {
    /// Every `.rs` file below a folder, in path order; none when there is no such folder.
    pub(crate) fn below(folder: &Path) -> io::Result<Vec<Self>> {
        let mut files = Vec::new();
        if folder.is_dir() {
            collect(folder, &mut files)?;
        }
        files.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(files)
    }

    /// Whether the whole file is tests: `tests.rs`, or anything in a folder `tests` or `benches`.
    pub(crate) fn is_test(&self) -> bool {
        self.path.ends_with("tests.rs")
            || self
                .path
                .components()
                .any(|part| part.as_os_str() == "tests" || part.as_os_str() == "benches")
    }

    /// The lines that are not tests, numbered from 1: what stands before an inline `mod tests`.
    pub(crate) fn code_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = if self.is_test() {
            ""
        } else {
            self.text.as_str()
        };
        let end = inline_tests(lines).unwrap_or(usize::MAX);
        lines
            .lines()
            .enumerate()
            .map(|(index, line)| (index.saturating_add(1), line))
            .take_while(move |(number, _)| *number < end)
    }
}

/// The line on which an inline test module starts.
fn inline_tests(text: &str) -> Option<usize> {
    let lines: Vec<&str> = text.lines().collect();
    lines
        .windows(2)
        .position(|pair| matches!(pair, [first, second] if *first == "#[cfg(test)]" && second.starts_with("mod ") && second.ends_with('{')))
        .map(|index| index.saturating_add(1))
}

fn collect(folder: &Path, files: &mut Vec<SourceFile>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            let skipped = path
                .file_name()
                .is_some_and(|name| name == "target" || name == "node_modules");
            if !skipped {
                collect(&path, files)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path)?;
            files.push(SourceFile { path, text });
        }
    }
    Ok(())
}
