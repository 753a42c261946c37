//! Replays every seed, and deterministic mutations of each, through its harness.
//!
//! `COINSLOT_FUZZ_MUTATIONS` sets how many mutations each harness gets (2,000 by default).

use std::{
    env, fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

use coinslot_fuzz::{HARNESSES, Harness, mutation::Mutator};

#[test]
fn every_seed_holds() {
    let failures: Vec<String> = HARNESSES
        .iter()
        .flat_map(|(name, harness)| {
            seeds(name)
                .into_iter()
                .map(move |seed| (name, harness, seed))
        })
        .filter_map(|(name, harness, (file, seed))| {
            fails(*harness, &seed).then(|| format!("{name}: {file}"))
        })
        .collect();
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn mutations_of_seeds_hold() {
    let count = env::var_os("COINSLOT_FUZZ_MUTATIONS").map_or(2_000, |text| {
        text.to_str()
            .and_then(|text| text.parse().ok())
            .expect("COINSLOT_FUZZ_MUTATIONS is a number")
    });
    let mut failures = Vec::new();
    for (name, harness) in HARNESSES {
        let seeds = seeds(name);
        let mut mutator = Mutator::new(u64::try_from(name.len()).expect("short"));
        for number in 0..count {
            let seed = &seeds[number % seeds.len()].1;
            let other = &seeds[(number / seeds.len()) % seeds.len()].1;
            let input = mutator.mutate(seed, other);
            if fails(*harness, &input) {
                failures.push(format!(
                    "{name}: {}",
                    String::from_utf8_lossy(&input).escape_debug()
                ));
                keep(name, number, &input);
                break;
            }
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn every_target_has_a_harness_and_every_harness_a_target() {
    let mut targets: Vec<String> = fs::read_dir(folder().join("fuzz_targets"))
        .expect("fuzz_targets")
        .map(|entry| {
            entry
                .expect("an entry")
                .path()
                .file_stem()
                .expect("a name")
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    targets.sort();
    let harnesses: Vec<&str> = HARNESSES.iter().map(|(name, _)| *name).collect();
    assert_eq!(targets, harnesses);
}

fn fails(harness: Harness, input: &[u8]) -> bool {
    catch_unwind(AssertUnwindSafe(|| harness(input))).is_err()
}

/// The seeds of a harness; the empty input is always one.
fn seeds(name: &str) -> Vec<(String, Vec<u8>)> {
    let folder = folder().join("corpus").join(name);
    let mut seeds: Vec<(String, Vec<u8>)> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| {
            let path = entry.expect("an entry").path();
            let file = path
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            (file, fs::read(&path).expect("a seed"))
        })
        .collect();
    assert!(!seeds.is_empty(), "{} holds no seed", folder.display());
    seeds.push(("the empty input".to_owned(), Vec::new()));
    seeds.sort();
    seeds
}

/// Keeps a failing input where libfuzzer would put it.
fn keep(name: &str, number: usize, input: &[u8]) {
    let folder = folder().join("artifacts").join(name);
    fs::create_dir_all(&folder).expect("a folder for the failing input");
    fs::write(folder.join(format!("mutation-{number}")), input).expect("the failing input");
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}
