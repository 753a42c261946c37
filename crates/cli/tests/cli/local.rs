//! `coinslot local`: what it says of itself, and the file with keys.

use std::fs;

use serde_json::json;

use crate::support::{Run, Running, run};

const START: [&str; 6] = [
    "local",
    "--bind",
    "127.0.0.1:0",
    "--env-file",
    ".env",
    "--json",
];

#[test]
fn its_own_file_is_replaced_and_no_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join(".env");
    let mut written = Vec::new();
    for replaced in [false, true] {
        let (network, ready) = Running::start(folder.path(), &START);
        let told = json!({ "path": ".env", "replaced": replaced });
        assert_eq!(ready["envFile"], told);
        assert_eq!(network.stop(), Some(0));
        written.push(fs::read_to_string(&file).expect("it was written"));
    }
    assert_ne!(written[0], written[1]);

    // Real keys may be in it by now.
    let settings = &written[1];
    for changed in [
        settings.replacen("MPP_SECRET=", "MPP_SECRET=0", 1),
        format!("{settings}OZ_API_KEY=mine\n"),
        "STELLAR_SECRET_KEY=\n".to_owned(),
        String::new(),
    ] {
        fs::write(&file, &changed).expect("written");
        let (code, why) = Running::refused(folder.path(), &START);
        assert_eq!(code, Some(3), "{why}");
        assert!(why.contains("exists and is left as it is"), "{why}");
        assert_eq!(fs::read_to_string(&file).ok(), Some(changed));
    }
}

#[test]
fn a_person_reads_where_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let (network, _) = Running::start(folder.path(), &START);
    assert_eq!(network.stop(), Some(0));
    let address = "127.0.0.1:0";
    let (network, log) = Running::start_for_a_person(
        folder.path(),
        &["local", "--bind", address, "--env-file", ".env"],
        "stop it with Ctrl-C",
    );
    for words in [
        "stellar:testnet, for clients that know no other",
        "nothing leaves this machine",
        "it replaced that of an earlier run",
    ] {
        assert!(log.contains(words), "{words} in {log}");
    }
    assert_eq!(network.stop(), Some(0));
    let Run { stdout, .. } = run(&["local", "--help"]);
    for words in ["nothing leaves this machine", "earlier run is replaced"] {
        assert!(stdout.contains(words), "{words} in {stdout}");
    }
}
