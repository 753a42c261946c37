//! File sizes, file names, markers and names in one Rust file.

use crate::{findings::Findings, metadata::Workspace, source::SourceFile};

pub(super) fn check(workspace: &Workspace, file: &SourceFile, findings: &mut Findings) {
    let path = workspace.relative(&file.path).to_string();
    // Beside test programs a `support.rs` would be one more program.
    if file.path.ends_with("mod.rs") && !file.is_test() {
        findings.problem(format!(
            "{path}: name the file after the module, beside its folder"
        ));
    }
    let length = file.code_lines().count();
    if length > LONGEST_FILE {
        findings.problem(format!(
            "{path}: {length} lines without tests, more than {LONGEST_FILE}: split it by concept"
        ));
    }
    for (number, line) in file
        .text
        .lines()
        .enumerate()
        .map(|(index, line)| (index.saturating_add(1), line))
    {
        for (marker, advice) in MARKERS {
            if line.contains(marker) {
                findings.problem(format!("{path}:{number}: `{marker}`: {advice}"));
            }
        }
        if let Some(marker) = OPEN_ENDS.iter().find(|marker| line.contains(**marker))
            && !line.contains("#")
        {
            findings.problem(format!(
                "{path}:{number}: `{marker}` without the number of an issue"
            ));
        }
    }
    for (number, line) in file.code_lines() {
        let code = line.trim_start();
        if ["pub fn get_", "pub async fn get_", "pub const fn get_"]
            .iter()
            .any(|start| code.starts_with(start))
        {
            findings.problem(format!(
                "{path}:{number}: a getter has the field's name, without `get_`"
            ));
        }
        if let Some(name) = secret_comparison(code) {
            findings.problem(format!("{path}:{number}: `{name}` is compared with an operator: use `subtle::ConstantTimeEq`"));
        }
    }
}

/// An operand of `==` or `!=` whose last name is that of a secret or of an authentication code.
fn secret_comparison(code: &str) -> Option<&'static str> {
    if code.starts_with("//") {
        return None;
    }
    let words: Vec<&str> = code.split_whitespace().collect();
    words
        .windows(3)
        .filter_map(|part| match part {
            [left, "==" | "!=", right] => Some([*left, *right]),
            _ => None,
        })
        .flatten()
        .find_map(|operand| {
            SECRET_NAMES
                .into_iter()
                .find(|name| last_name(operand) == *name)
        })
}

/// `self.api_key.as_bytes()` is about `api_key`.
fn last_name(operand: &str) -> &str {
    let operand = operand.trim_matches(|c: char| !c.is_alphanumeric() && c != '_' && c != ')');
    let operand = ["as_bytes()", "as_slice()", "as_ref()", "as_str()"]
        .iter()
        .find_map(|suffix| operand.strip_suffix(suffix))
        .unwrap_or(operand)
        .trim_end_matches('.');
    operand
        .rsplit(['.', '*', '&', '(', '!'])
        .next()
        .unwrap_or(operand)
}

const LONGEST_FILE: usize = 500;

// Written in two halves, so that this file does not hold what it looks for.
const MARKERS: [(&str, &str); 5] = [
    (concat!("to", "do!("), "finish it, or leave it out"),
    (concat!("unimple", "mented!("), "finish it, or leave it out"),
    (
        concat!("#[ig", "nore"),
        "a test that does not run proves nothing",
    ),
    (
        concat!("Limits::", "none("),
        "every decode has a depth and a length",
    ),
    (concat!("db", "g!("), "left from debugging"),
];

const OPEN_ENDS: [&str; 3] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X:"),
];

const SECRET_NAMES: [&str; 8] = [
    "mac",
    "hmac",
    "api_key",
    "secret",
    "secret_key",
    "seed",
    "bearer",
    "presented_key",
];

#[cfg(test)]
mod tests {
    use super::secret_comparison;

    #[test]
    fn secrets_compared_with_an_operator_are_seen() {
        assert_eq!(
            secret_comparison("if presented.api_key == self.api_key {"),
            Some("api_key")
        );
        assert_eq!(
            secret_comparison("if computed != challenge.mac.as_slice() {"),
            Some("mac")
        );
        assert_eq!(secret_comparison("(hmac == other)"), Some("hmac"));
    }

    #[test]
    fn other_comparisons_are_left_alone() {
        assert_eq!(secret_comparison("if amount == required.amount {"), None);
        assert_eq!(secret_comparison("if self.secret.len() == 32 {"), None);
        assert_eq!(secret_comparison("// mac == mac is never written"), None);
    }
}
