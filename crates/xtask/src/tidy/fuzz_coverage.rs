//! Every public parser has a fuzz harness that asserts, with seeds in git.
//!
//! `fuzz/COVERAGE.md` is the table: one row names a parser, `crate-folder Type::function`, and its target. A parser
//! that is not in the table, a row without a parser, and a target without a harness or a seed are problems.

use std::{collections::BTreeMap, fs, io, path::Path};

use crate::{findings::Findings, metadata::Workspace, source::SourceFile};

pub(super) fn check(workspace: &Workspace, findings: &mut Findings) -> io::Result<()> {
    let fuzz = workspace.root().join("fuzz");
    let table = fuzz.join("COVERAGE.md");
    let rows = rows(&fs::read_to_string(&table)?);
    let parsers = parsers(workspace)?;
    for (parser, place) in &parsers {
        if !rows.contains_key(parser) {
            findings.problem(format!(
                "{place}: `{parser}` parses strangers' input and has no row in {}",
                workspace.relative(&table)
            ));
        }
    }
    for (parser, target) in &rows {
        if !parsers.contains_key(parser) {
            findings.problem(format!(
                "{}: `{parser}` is no public parser any more",
                workspace.relative(&table)
            ));
        }
        check_target(&fuzz, target, findings)?;
    }
    findings.note(format!(
        "{} public parsers, each with a fuzz harness",
        parsers.len()
    ));
    Ok(())
}

fn check_target(fuzz: &Path, target: &str, findings: &mut Findings) -> io::Result<()> {
    if !fuzz
        .join("fuzz_targets")
        .join(format!("{target}.rs"))
        .is_file()
    {
        findings.problem(format!("fuzz/fuzz_targets/{target}.rs does not exist"));
    }
    let seeds = fuzz.join("corpus").join(target);
    if !seeds.is_dir() || fs::read_dir(&seeds)?.next().is_none() {
        findings.problem(format!("fuzz/corpus/{target} holds no seed"));
    }
    let harnesses = fs::read_to_string(fuzz.join("src/lib.rs"))?;
    if !harnesses.contains(&format!("\"{target}\"")) {
        findings.problem(format!("fuzz/src/lib.rs lists no harness \"{target}\""));
    }
    Ok(())
}

/// `| crate Type::function | target |` lines of the table.
fn rows(table: &str) -> BTreeMap<String, String> {
    table
        .lines()
        .filter_map(|line| {
            let mut cells = line
                .strip_prefix("| `")?
                .split('|')
                .map(|cell| cell.trim().trim_matches('`'));
            Some((cells.next()?.to_owned(), cells.next()?.to_owned()))
        })
        .collect()
}

/// The public parsers of the crates that read strangers' input, with the place of each.
fn parsers(workspace: &Workspace) -> io::Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    for member in workspace.members() {
        if !member.published || member.layer.is_none_or(|layer| layer > LAST_PARSING_LAYER) {
            continue;
        }
        let folder = member
            .folder()
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        for file in SourceFile::below(&member.folder().join("src"))? {
            for (number, name) in parsers_in(&file) {
                found.insert(
                    format!("{folder} {name}"),
                    format!("{}:{number}", workspace.relative(&file.path)),
                );
            }
        }
    }
    Ok(found)
}

/// `Type::function` for each public parser of one file, which rustfmt has laid out.
fn parsers_in(file: &SourceFile) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut current: Option<Implementation<'_>> = None;
    for (number, line) in file.code_lines() {
        if line.starts_with("impl") {
            current = Implementation::read(line);
        } else if line.starts_with('}') {
            current = None;
        }
        let code = line.trim_start();
        let in_trait = current
            .as_ref()
            .is_some_and(|implementation| implementation.of_from_str);
        let declared = ["pub fn ", "pub const fn "]
            .iter()
            .find_map(|start| code.strip_prefix(start));
        let function = if in_trait {
            code.strip_prefix("fn ")
        } else {
            declared
        };
        let Some(function) = function.and_then(|rest| rest.split(['(', '<']).next()) else {
            continue;
        };
        if PARSERS.contains(&function) {
            let owner = current
                .as_ref()
                .map_or("", |implementation| implementation.owner);
            let separator = if owner.is_empty() { "" } else { "::" };
            found.push((number, format!("{owner}{separator}{function}")));
        }
    }
    found
}

struct Implementation<'a> {
    owner: &'a str,
    of_from_str: bool,
}

impl<'a> Implementation<'a> {
    /// `impl FromStr for ChainId {` and `impl<'a> ChainIdRef<'a> {`.
    fn read(line: &'a str) -> Option<Self> {
        let rest = line.strip_prefix("impl")?;
        let rest = if rest.starts_with('<') {
            rest.split_once("> ")?.1
        } else {
            rest.trim_start()
        };
        let (of_from_str, subject) = match rest.split_once(" for ") {
            Some((implemented, subject)) => (implemented.ends_with("FromStr"), subject),
            None => (false, rest),
        };
        Some(Self {
            owner: subject.split(['<', ' ', '{']).next()?,
            of_from_str,
        })
    }
}

const LAST_PARSING_LAYER: u64 = 3;

/// The names that public parsers have.
const PARSERS: [&str; 11] = [
    "decode",
    "from_base64",
    "from_header",
    "from_hex",
    "from_json",
    "from_str",
    "from_xdr",
    "parse",
    "parse_decimal",
    "recognise",
    "identify",
];
