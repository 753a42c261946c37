use super::*;

#[test]
fn constants_are_what_their_text_parses_to() {
    for id in [
        STELLAR_PUBNET,
        STELLAR_TESTNET,
        BASE,
        BASE_SEPOLIA,
        SOLANA,
        SOLANA_DEVNET,
    ] {
        assert_eq!(ChainIdRef::parse(id.as_str()), Ok(id));
        let owned = id.to_owned();
        assert_eq!(
            (owned.namespace(), owned.reference()),
            (id.namespace(), id.reference())
        );
    }
}
