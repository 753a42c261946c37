use super::*;

#[test]
fn the_constant_ids_are_the_hashes_of_the_passphrases() {
    assert_eq!(PUBNET_ID, NetworkId::from_passphrase(PUBNET_PASSPHRASE));
    assert_eq!(TESTNET_ID, NetworkId::from_passphrase(TESTNET_PASSPHRASE));
}
