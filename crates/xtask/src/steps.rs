//! `test` and `ci`: every check of the repository, one after the other.

use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use crate::{
    contracts, layers,
    metadata::{Workspace, cargo},
    packages, policy, report, tidy,
};

/// When to stop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Pace {
    FirstFailure,
    AllSteps,
}

/// Runs the steps and says what came of them; true when all passed.
pub(crate) fn run(workspace: &Workspace, pace: Pace) -> bool {
    let steps = steps();
    let mut done: Vec<(&str, bool, Duration)> = Vec::new();
    for (index, (name, step)) in steps.iter().enumerate() {
        println!("\n[{}/{}] {name}", index.saturating_add(1), steps.len());
        let start = Instant::now();
        let passed = step(workspace);
        let time = start.elapsed();
        println!(
            "[{}/{}] {name}: {} in {:.1?}",
            index.saturating_add(1),
            steps.len(),
            outcome(passed),
            time
        );
        done.push((name, passed, time));
        if !passed && pace == Pace::FirstFailure {
            break;
        }
    }
    close(&done, steps.len(), pace)
}

fn close(done: &[(&str, bool, Duration)], all: usize, pace: Pace) -> bool {
    println!();
    if pace == Pace::AllSteps {
        for (name, passed, time) in done {
            println!("{:>9.1?}  {:6}  {name}", time, outcome(*passed));
        }
    }
    let total: Duration = done.iter().map(|(_, _, time)| *time).sum();
    let failed: Vec<&str> = done
        .iter()
        .filter(|(_, passed, _)| !passed)
        .map(|(name, _, _)| *name)
        .collect();
    if failed.is_empty() {
        println!("xtask: all {all} steps passed in {total:.1?}");
    } else {
        println!(
            "xtask: FAILED: {} ({} of {all} steps were run, {total:.1?})",
            failed.join(", "),
            done.len()
        );
    }
    failed.is_empty()
}

fn outcome(passed: bool) -> &'static str {
    if passed { "passed" } else { "FAILED" }
}

type Step = fn(&Workspace) -> bool;

/// The quick ones first.
fn steps() -> [(&'static str, Step); 12] {
    [
        ("layers", |workspace| {
            report("check-layers", &layers::check(workspace))
        }),
        ("tidy", |workspace| report("tidy", &tidy::check(workspace))),
        ("policy", |workspace| {
            report("policy", &policy::check(workspace))
        }),
        ("format", |workspace| {
            in_root(workspace, &["fmt", "--all", "--check"])
                && ["fuzz/Cargo.toml", "contracts/Cargo.toml"]
                    .into_iter()
                    .all(|manifest| {
                        in_root(
                            workspace,
                            &["fmt", "--all", "--manifest-path", manifest, "--check"],
                        )
                    })
        }),
        ("contracts", |workspace| {
            report("contracts", &contracts::check_sums(workspace))
        }),
        ("npm packages", |workspace| {
            report("packages", &packages::install(workspace))
        }),
        ("lints", |workspace| {
            in_root(
                workspace,
                &[
                    "clippy",
                    "--workspace",
                    "--all-targets",
                    "--all-features",
                    "--locked",
                    "--",
                    "-D",
                    "warnings",
                ],
            )
        }),
        ("crates without features", alone),
        ("tests, vectors, flows, interoperability", |workspace| {
            in_root(
                workspace,
                &[
                    "test",
                    "--workspace",
                    "--all-features",
                    "--locked",
                    "--no-fail-fast",
                ],
            )
        }),
        ("documentation", |workspace| {
            execute(
                cargo()
                    .args([
                        "doc",
                        "--workspace",
                        "--all-features",
                        "--no-deps",
                        "--locked",
                    ])
                    .env("RUSTDOCFLAGS", "-D warnings"),
                workspace.root(),
            )
        }),
        ("fuzz lints", |workspace| {
            in_fuzz(
                workspace,
                &["clippy", "--all-targets"],
                &["--", "-D", "warnings"],
            )
        }),
        ("fuzz replay", |workspace| {
            in_fuzz(workspace, &["test"], &[])
        }),
    ]
}

/// A feature only adds items: each library compiles with none.
fn alone(workspace: &Workspace) -> bool {
    workspace
        .members()
        .filter(|member| {
            member.published
                && member
                    .layer
                    .is_some_and(|layer| layer < FIRST_PROGRAM_LAYER)
        })
        .all(|member| {
            in_root(
                workspace,
                &[
                    "check",
                    "--quiet",
                    "--locked",
                    "--no-default-features",
                    "--package",
                    &member.name,
                ],
            )
        })
}

/// `fuzz/` is a workspace of its own, which shares the folder of what is built.
fn in_fuzz(workspace: &Workspace, command: &[&str], arguments: &[&str]) -> bool {
    let mut cargo = cargo();
    cargo.args(command).args([
        "--locked",
        "--manifest-path",
        "fuzz/Cargo.toml",
        "--target-dir",
    ]);
    cargo.arg(workspace.target().join("fuzz")).args(arguments);
    execute(&mut cargo, workspace.root())
}

fn in_root(workspace: &Workspace, arguments: &[&str]) -> bool {
    execute(cargo().args(arguments), workspace.root())
}

fn execute(command: &mut Command, folder: &Path) -> bool {
    match command.current_dir(folder).status() {
        Ok(status) => status.success(),
        Err(error) => {
            eprintln!("xtask: cargo could not be started: {error}");
            false
        }
    }
}

const FIRST_PROGRAM_LAYER: u64 = 7;
