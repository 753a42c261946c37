use super::*;

const SECRET: &str = "SDIXEZIFXXLIF42VRGM4NWUUAID4VV5TVGHJTDNA7TLTSW6QZAC3WRZZ";

#[test]
fn reads_and_writes_the_text_form() {
    let key: SecretKey = SECRET.parse().unwrap();
    assert_eq!(key.expose_secret(), SECRET);
}

#[test]
fn refuses_other_keys_and_wrong_checksums() {
    let account = "GBHU3N4ON2XO5ROEHBOECRTKOOE2MWOMAISZ65YYX32QBNFJ6DKD3HOR";
    let error = account.parse::<SecretKey>().unwrap_err();
    assert_eq!(error, ParseSecretKeyError::WrongKind(StrkeyKind::Account));
    let wrong = SECRET.replacen("IX", "XI", 1);
    for text in [
        wrong.as_str(),
        "",
        "S",
        "hello",
        &SECRET.to_lowercase(),
        &SECRET[..55],
    ] {
        let error = text.parse::<SecretKey>().unwrap_err();
        assert_eq!(error, ParseSecretKeyError::Malformed);
        assert!(!error.to_string().contains("DIXE"));
    }
}

#[test]
fn signs_messages_that_cannot_be_hashes() {
    let key = SecretKey::from_seed([3; 32]);
    let signature = key.sign_message(b"a message").unwrap();
    assert!(crate::verify_signature(
        &key.account_id(),
        b"a message",
        &signature
    ));
    let error = key.sign_message(&[0; 32]).unwrap_err();
    assert_eq!(error.kind(), SignErrorKind::Refused);
}
