//! Ratios of ours to a peer, measured in the same run, and the targets they are held against.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// One line of the table.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Ratio {
    /// What is measured.
    pub what: String,
    /// What it is compared with.
    pub peer: String,
    /// Ours divided by the peer's.
    pub ratio: f64,
    /// What it should be; none for a figure that is only reported.
    pub target: Option<Target>,
}

/// A bound on a ratio.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Target {
    /// A time: at most this.
    AtMost(f64),
    /// A rate: at least this.
    AtLeast(f64),
}

impl Target {
    /// Whether a ratio keeps within the bound.
    #[must_use]
    pub fn is_met_by(self, ratio: f64) -> bool {
        match self {
            Self::AtMost(bound) => ratio <= bound,
            Self::AtLeast(bound) => ratio >= bound,
        }
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::AtMost(bound) => write!(f, "≤ {bound}"),
            Self::AtLeast(bound) => write!(f, "≥ {bound}"),
        }
    }
}

/// Keeps ratios for the table, under the name of the benchmark that measured them.
///
/// # Errors
///
/// When the file cannot be written.
pub fn keep(benchmark: &str, ratios: &[Ratio]) -> io::Result<()> {
    let folder = folder();
    fs::create_dir_all(&folder)?;
    fs::write(
        folder.join(format!("{benchmark}.json")),
        serde_json::to_vec_pretty(ratios)?,
    )
}

/// All ratios that were kept, in the order of the benchmarks' names.
///
/// # Errors
///
/// When the folder or a file in it cannot be read.
pub fn kept() -> io::Result<Vec<Ratio>> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder())?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.sort();
    let mut ratios = Vec::new();
    for file in files {
        ratios.extend(serde_json::from_slice::<Vec<Ratio>>(&fs::read(file)?)?);
    }
    Ok(ratios)
}

/// The median time of one criterion benchmark, in nanoseconds, from its last run.
///
/// # Errors
///
/// When it has not been run.
pub fn criterion_median(group: &str, function: &str) -> io::Result<f64> {
    #[derive(Deserialize)]
    struct Estimates {
        median: Estimate,
    }
    #[derive(Deserialize)]
    struct Estimate {
        point_estimate: f64,
    }
    let path = target()
        .join("criterion")
        .join(group)
        .join(function)
        .join("new/estimates.json");
    let estimates: Estimates = serde_json::from_slice(&fs::read(path)?)?;
    Ok(estimates.median.point_estimate)
}

/// The table, in Markdown.
#[must_use]
pub fn table(ratios: &[Ratio]) -> String {
    let mut table =
        String::from("| what | compared with | ratio | target | |\n|---|---|---:|---:|---|\n");
    for Ratio {
        what,
        peer,
        ratio,
        target,
    } in ratios
    {
        let (bound, verdict) = match target {
            Some(target) => (
                target.to_string(),
                if target.is_met_by(*ratio) {
                    "met"
                } else {
                    "**missed**"
                },
            ),
            None => (String::new(), ""),
        };
        table.push_str(&format!(
            "| {what} | {peer} | {ratio:.2} | {bound} | {verdict} |\n"
        ));
    }
    table
}

fn folder() -> PathBuf {
    target().join("ratios")
}

/// The build folder: two above the running program.
fn target() -> PathBuf {
    std::env::current_exe()
        .ok()
        .and_then(|program| {
            program
                .ancestors()
                .find(|folder| folder.join("CACHEDIR.TAG").exists())
                .map(Path::to_path_buf)
        })
        .unwrap_or_else(|| PathBuf::from("target"))
}
