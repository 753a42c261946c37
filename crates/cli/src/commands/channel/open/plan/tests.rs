use super::*;

/// A plan with a new key in this file.
fn plan(file: &std::path::Path) -> Plan {
    let funder = SecretKey::from_seed([1; 32]);
    Plan {
        recipient: SecretKey::from_seed([2; 32]).account_id().into(),
        token: ContractId::from_bytes([3; 32]),
        deposit: 5_u64.into(),
        waiting_period: 9,
        key: KeySource::ToBeMade(file.to_owned()),
        way: Way::Direct,
        salt: [0xab; 32],
        channel: ContractId::from_bytes([4; 32]),
        funder,
    }
}

#[test]
fn after_an_unknown_outcome_the_key_stays_and_the_salt_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("channel.key");
    let plan = plan(&file);
    plan.terms().unwrap();
    let told = plan.not_opened(&Failure::new(Kind::Unknown, "it was sent"));
    assert!(told.is(Kind::Unknown));
    for words in [
        plan.channel.to_string(),
        format!("--salt {}", "ab".repeat(32)),
        format!("COINSLOT_COMMITMENT_KEY=$(cat {})", file.display()),
    ] {
        assert!(told.to_string().contains(&words), "{told}");
    }
    assert!(file.exists(), "the channel may have this key");
    let told = plan.not_opened(&Failure::new(Kind::Refused, "it would fail"));
    assert!(told.is(Kind::Refused));
    assert!(!file.exists());
}

#[test]
fn a_key_is_never_written_over_another() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("channel.key");
    let plan = plan(&file);
    std::fs::write(&file, "mine").unwrap();
    let refused = plan.terms().unwrap_err();
    assert!(refused.is(Kind::Configuration), "{refused}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
}
