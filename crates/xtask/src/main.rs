//! Repository tasks.
//!
//! `cargo xtask test` is the command of the README and of `.ci/run`: it runs every other task here and every test of the
//! repository. The parts can be run alone: see `cargo xtask help`.

mod bench;
mod contracts;
mod findings;
mod layers;
mod metadata;
mod packages;
mod policy;
mod source;
mod steps;
mod tidy;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::{findings::Findings, metadata::Workspace, steps::Pace};

/// Repository tasks of coinslot.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Prove from `cargo metadata` that normal dependencies only point to lower layers.
    CheckLayers,
    /// Look for what the compiler does not see: lints not inherited, long files, markers, parsers without a fuzz harness.
    Tidy,
    /// Licences, sources and banned crates, by cargo-deny where it is installed.
    Policy,
    /// Install the npm packages of the interoperability suites from their lock file.
    Packages,
    /// Build the contracts and compare them with the committed wasm files; without the target, compare the sums alone.
    Contracts {
        /// Write the wasm files and their sums instead of comparing them.
        #[arg(long)]
        write: bool,
    },
    /// Every benchmark, and the table of ratios in docs/PERFORMANCE.md.
    Bench,
    /// Everything, up to the first step that fails.
    Test,
    /// Everything, all steps, with the time that each took.
    Ci,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let workspace = match Workspace::load() {
        Ok(workspace) => workspace,
        Err(error) => {
            eprintln!("xtask: {error}");
            return ExitCode::FAILURE;
        }
    };
    let passed = match arguments.task {
        Task::CheckLayers => report("check-layers", &layers::check(&workspace)),
        Task::Tidy => report("tidy", &tidy::check(&workspace)),
        Task::Policy => report("policy", &policy::check(&workspace)),
        Task::Packages => report("packages", &packages::install(&workspace)),
        Task::Contracts { write: false } => {
            report("contracts", &contracts::check_build(&workspace))
        }
        Task::Contracts { write: true } => report("contracts", &contracts::write(&workspace)),
        Task::Bench => bench::run(&workspace),
        Task::Test => steps::run(&workspace, Pace::FirstFailure),
        Task::Ci => steps::run(&workspace, Pace::AllSteps),
    };
    if passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Prints the findings of one check and says whether it passed.
fn report(name: &str, findings: &Findings) -> bool {
    for note in findings.notes() {
        println!("{name}: {note}");
    }
    for problem in findings.problems() {
        eprintln!("{name}: error: {problem}");
    }
    findings.passed()
}
