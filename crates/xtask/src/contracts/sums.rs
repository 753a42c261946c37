//! `SHA256SUMS`: what `sha256sum` writes and checks, with the toolchain in a comment.

use std::{collections::BTreeMap, fmt::Write as _, fs, io, path::Path};

use sha2::{Digest as _, Sha256};

/// The sums of files by their names, and the toolchain that built them.
#[derive(Debug, PartialEq)]
pub(super) struct Sums {
    toolchain: String,
    by_name: BTreeMap<String, String>,
}

impl Sums {
    pub(super) fn of_toolchain(toolchain: String) -> Self {
        Self {
            toolchain,
            by_name: BTreeMap::new(),
        }
    }

    pub(super) fn read(path: &Path) -> io::Result<Self> {
        let text = fs::read_to_string(path).map_err(|error| at(path, &error))?;
        Ok(Self::parse(&text))
    }

    pub(super) fn write(&self, path: &Path) -> io::Result<()> {
        fs::write(path, self.to_text())
    }

    pub(super) fn add(&mut self, name: String, sum: String) {
        self.by_name.insert(name, sum);
    }

    pub(super) fn of(&self, name: &str) -> Option<&String> {
        self.by_name.get(name)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }

    pub(super) fn toolchain(&self) -> &str {
        &self.toolchain
    }

    /// Lines that are neither a sum nor the toolchain are left out: what they should have said is then missing.
    fn parse(text: &str) -> Self {
        let toolchain = text.lines().find_map(|line| line.strip_prefix(TOOLCHAIN));
        let mut sums = Self::of_toolchain(toolchain.unwrap_or("an unknown toolchain").to_owned());
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if let Some((sum, name)) = line.split_once("  ") {
                sums.add(name.to_owned(), sum.to_owned());
            }
        }
        sums
    }

    fn to_text(&self) -> String {
        let mut text = format!("{TOOLCHAIN}{}\n", self.toolchain);
        for (name, sum) in &self.by_name {
            // Writing to a string does not fail.
            let _ = writeln!(text, "{sum}  {name}");
        }
        text
    }
}

/// The SHA-256 of a file, in lower-case hexadecimal.
pub(super) fn sha256(path: &Path) -> io::Result<String> {
    let bytes = fs::read(path).map_err(|error| at(path, &error))?;
    let mut text = String::new();
    for byte in Sha256::digest(bytes) {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    Ok(text)
}

/// The error with the file's name.
fn at(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

const TOOLCHAIN: &str = "# Built with ";

#[cfg(test)]
mod tests {
    use super::Sums;

    #[test]
    fn what_is_written_is_read() {
        let mut sums = Sums::of_toolchain("rustc 1.2.3 (a  b)".to_owned());
        sums.add("a.wasm".to_owned(), "00".to_owned());
        sums.add("../src/lib.rs".to_owned(), "ff".to_owned());
        assert_eq!(Sums::parse(&sums.to_text()), sums);
    }

    #[test]
    fn a_file_without_a_sum_has_none() {
        let sums = Sums::parse("# Built with it\n00  a.wasm\nff b.wasm\n");
        assert_eq!(sums.toolchain(), "it");
        assert_eq!(sums.of("a.wasm").map(String::as_str), Some("00"));
        assert_eq!(sums.of("b.wasm"), None);
    }
}
