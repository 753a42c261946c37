//! Prints the ratios of the last `cargo bench -p coinslot-benchmarks`, and writes them into `docs/PERFORMANCE.md` when asked to.

use std::process::ExitCode;

use coinslot_benchmarks::ratio::{self, Ratio};

fn main() -> ExitCode {
    let ratios = match ratio::kept() {
        Ok(ratios) => ratios,
        Err(error) => {
            eprintln!(
                "no results can be read: {error}; run `cargo bench -p coinslot-benchmarks` first"
            );
            return ExitCode::FAILURE;
        }
    };
    let table = ratio::table(&ratios);
    println!("{table}");
    if let Some(page) = std::env::args().nth(1)
        && let Err(error) = write_into(&page, &table)
    {
        eprintln!("{page} cannot be written: {error}");
        return ExitCode::FAILURE;
    }
    let missed = ratios
        .iter()
        .any(|Ratio { ratio, target, .. }| target.is_some_and(|target| !target.is_met_by(*ratio)));
    if missed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

/// Replaces what stands between the two marks of the page.
fn write_into(page: &str, table: &str) -> std::io::Result<()> {
    let text = std::fs::read_to_string(page)?;
    let (Some((before, rest)), Some((_, after))) = (text.split_once(BEGIN), text.split_once(END))
    else {
        return Err(std::io::Error::other("its marks for the table are missing"));
    };
    let _ = rest;
    std::fs::write(page, format!("{before}{BEGIN}\n{table}{END}{after}"))
}

const BEGIN: &str = "<!-- ratios -->";
const END: &str = "<!-- /ratios -->";
