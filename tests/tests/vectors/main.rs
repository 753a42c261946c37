//! Runs the shared vectors: what the official implementations answered, case by case.
//!
//! ```text
//! cargo test -p coinslot-tests --test vectors
//! COINSLOT_VECTORS=some/folder cargo test -p coinslot-tests --test vectors
//! ```
//!
//! Every `.json` file of the folder is a family. Each case either gives what the reference gave, or is decided otherwise
//! by a rule of `tests/vectors/decisions.md`. A family or kind that is not known here fails the run.

mod case;
mod decision;
mod families;
mod file;

use std::{
    env,
    path::{Path, PathBuf},
    process::ExitCode,
};

use crate::{decision::Tally, file::VectorFile};

fn main() -> ExitCode {
    if env::args().any(|argument| argument == "--list") {
        if !env::args().any(|argument| argument == "--ignored") {
            println!("vectors: test");
        }
        return ExitCode::SUCCESS;
    }
    match run(&folder()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problems) => {
            for problem in &problems {
                eprintln!("vectors: {problem}");
            }
            eprintln!("vectors: {} problems", problems.len());
            ExitCode::FAILURE
        }
    }
}

/// `COINSLOT_VECTORS`, or the folder of this repository; a relative path is relative to the repository.
fn folder() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    root.join(env::var_os("COINSLOT_VECTORS").unwrap_or_else(|| "tests/vectors".into()))
}

/// Runs every file, prints a line for each, and gives back what went wrong.
fn run(folder: &Path) -> Result<(), Vec<String>> {
    let files = VectorFile::read_all(folder).map_err(|problem| vec![problem])?;
    let mut problems = decision::undocumented();
    for file in &files {
        match families::named(&file.family) {
            Some(kinds) => run_file(file, kinds, &mut problems),
            None => problems.push(format!("{}: unknown family {:?}", file.name, file.family)),
        }
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems)
    }
}

fn run_file(file: &VectorFile, kinds: families::Kinds, problems: &mut Vec<String>) {
    let mut tally = Tally::default();
    for case in &file.cases {
        let Some((_, run)) = kinds.iter().find(|(name, _)| *name == case.kind) else {
            problems.push(format!(
                "{}: {}: unknown kind {:?}",
                file.family, case.id, case.kind
            ));
            continue;
        };
        match run(case).and_then(|answer| answer.judge(case)) {
            Ok(outcome) => tally.count(outcome),
            Err(problem) => problems.push(format!("{}: {}: {problem}", file.family, case.id)),
        }
    }
    println!("{}: {tally}", file.family);
}
