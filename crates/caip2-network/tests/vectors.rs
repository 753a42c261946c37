//! Hand-picked ids, patterns and networks, to accept and to refuse.

use coinslot_caip2_network::ParseChainIdErrorKind::{
    MissingColon, NamespaceCharacter, NamespaceTooLong, NamespaceTooShort, ReferenceCharacter,
    ReferenceEmpty, ReferenceTooLong,
};
use coinslot_caip2_network::{
    BASE, BASE_SEPOLIA, ChainId, ChainIdRef, ChainPattern, CustomNetworkError, NetworkId, SOLANA,
    STELLAR_PUBNET, STELLAR_TESTNET, StellarNetwork, UnknownNetworkErrorKind,
};

#[test]
fn ids_that_are_accepted() {
    for (text, namespace, reference) in [
        ("stellar:pubnet", "stellar", "pubnet"),
        ("eip155:1", "eip155", "1"),
        (
            "bip122:000000000019d6689c085ae165831e93",
            "bip122",
            "000000000019d6689c085ae165831e93",
        ),
        ("cosmos:cosmoshub-4", "cosmos", "cosmoshub-4"),
        (
            "chainstd:8c3444cf8970a9e41a706fab93e7a6c4",
            "chainstd",
            "8c3444cf8970a9e41a706fab93e7a6c4",
        ),
        ("ach:us", "ach", "us"),
        ("---:_", "---", "_"),
    ] {
        let id: ChainId = text.parse().expect(text);
        assert_eq!((id.namespace(), id.reference()), (namespace, reference));
        assert_eq!((id.as_str(), id.to_string().as_str()), (text, text));
        assert_eq!(id, ChainIdRef::parse(text).expect(text));
    }
}

#[test]
fn ids_that_are_refused() {
    for (text, kind, position) in [
        ("", MissingColon, 0),
        ("stellar", MissingColon, 7),
        (":", NamespaceTooShort, 0),
        (":testnet", NamespaceTooShort, 0),
        ("xy:1", NamespaceTooShort, 2),
        ("namespace:1", NamespaceTooLong, 8),
        ("Stellar:testnet", NamespaceCharacter, 0),
        (" stellar:testnet", NamespaceCharacter, 0),
        ("stel_lar:testnet", NamespaceCharacter, 4),
        ("stellär:testnet", NamespaceCharacter, 5),
        ("stellar\u{0}:testnet", NamespaceCharacter, 7),
        ("stellar:", ReferenceEmpty, 8),
        ("stellar:test net", ReferenceCharacter, 12),
        ("stellar:testnet\n", ReferenceCharacter, 15),
        ("stellar:testnet:1", ReferenceCharacter, 15),
        ("stellar::testnet", ReferenceCharacter, 8),
        ("stellar:*", ReferenceCharacter, 8),
        ("stellar:test.net", ReferenceCharacter, 12),
        ("stellar:\u{ff54}estnet", ReferenceCharacter, 8),
        (
            "eip155:123456789012345678901234567890123",
            ReferenceTooLong,
            39,
        ),
        (
            "algorand:SGO1GKSzyE7IEPItTxCByw9x8FmnrCDexi9/cOUJOiI=",
            ReferenceCharacter,
            44,
        ),
    ] {
        let error = text.parse::<ChainId>().expect_err(text);
        assert_eq!(
            (error.kind(), error.position()),
            (kind, position),
            "{text:?}"
        );
        assert_eq!(ChainIdRef::parse(text), Err(error));
        assert_eq!(ChainId::try_from(text.to_string()), Err(error));
    }
}

#[test]
fn patterns_cover_a_chain_or_a_namespace() {
    let stellar: ChainPattern = "stellar:*".parse().expect("a pattern");
    assert!(stellar.matches(STELLAR_PUBNET) && stellar.matches(STELLAR_TESTNET));
    assert!(!stellar.matches(BASE) && !stellar.matches(SOLANA));
    assert_eq!(stellar, ChainPattern::namespace_of(STELLAR_TESTNET));

    let base: ChainPattern = "eip155:8453".parse().expect("a pattern");
    assert!(base.matches(BASE));
    assert!(
        !base.matches(BASE_SEPOLIA),
        "a prefix of a reference is not the reference"
    );
    assert_eq!(base, ChainPattern::from(BASE.to_owned()));
}

#[test]
fn patterns_that_are_refused() {
    for text in [
        "",
        "*",
        "*:*",
        "stellar",
        "stellar:",
        "stellar:**",
        "stellar:test*",
        "stellar:*:*",
        "st:*",
        "Stellar:*",
    ] {
        assert!(text.parse::<ChainPattern>().is_err(), "{text:?}");
    }
}

#[test]
fn the_known_networks() {
    assert_eq!("stellar:pubnet".parse(), Ok(StellarNetwork::Pubnet));
    assert_eq!(
        StellarNetwork::try_from(STELLAR_TESTNET),
        Ok(StellarNetwork::Testnet)
    );
    assert_eq!(StellarNetwork::Testnet.to_string(), "stellar:testnet");
    assert_eq!(
        StellarNetwork::Pubnet.network_id().to_string(),
        "7ac33997544e3175d266bd022439b22cdb16508c01163f26e5cb2a3e1045a979"
    );
    assert_eq!(
        StellarNetwork::Testnet.network_id().to_string(),
        "cee0302d59844d32bdca915c8203dd44b33fbb7edc19051ea37abedf28ecd472"
    );
    assert_eq!(
        StellarNetwork::Pubnet.rpc_url(),
        Some("https://mainnet.sorobanrpc.com")
    );
    assert_eq!(StellarNetwork::Pubnet.friendbot_url(), None);
}

#[test]
fn names_without_a_passphrase_are_refused() {
    let kind = |name: &str| name.parse::<StellarNetwork>().expect_err(name).kind();
    assert_eq!(
        kind("stellar:futurenet"),
        UnknownNetworkErrorKind::NoPassphrase
    );
    assert_eq!(
        kind("stellar:Testnet"),
        UnknownNetworkErrorKind::NoPassphrase
    );
    assert_eq!(kind("eip155:8453"), UnknownNetworkErrorKind::NotStellar);
    assert!(matches!(
        kind("testnet"),
        UnknownNetworkErrorKind::ChainId(_)
    ));
}

#[test]
fn a_custom_network_has_a_name_and_a_passphrase_of_its_own() {
    let id = |text: &str| text.parse::<ChainId>().expect(text);
    let standalone = "Standalone Network ; February 2017";
    let network = StellarNetwork::custom(id("stellar:local"), standalone).expect("a network");
    assert_eq!(network.chain_id().as_str(), "stellar:local");
    assert_eq!(network.passphrase(), standalone);
    assert_eq!(network.network_id(), NetworkId::from_passphrase(standalone));
    assert_eq!(network.rpc_url(), None);

    let testnet = StellarNetwork::Testnet.passphrase().to_string();
    assert_eq!(
        StellarNetwork::custom(id("stellar:testnet"), &testnet),
        Ok(StellarNetwork::Testnet)
    );
    for (chain, passphrase, error) in [
        ("eip155:1", standalone, CustomNetworkError::NotStellar),
        ("stellar:local", "", CustomNetworkError::EmptyPassphrase),
        (
            "stellar:pubnet",
            standalone,
            CustomNetworkError::KnownChainId,
        ),
        ("stellar:pubnet", &testnet, CustomNetworkError::KnownChainId),
        (
            "stellar:local",
            &testnet,
            CustomNetworkError::KnownPassphrase,
        ),
    ] {
        assert_eq!(
            StellarNetwork::custom(id(chain), passphrase),
            Err(error),
            "{chain}"
        );
    }
}

#[cfg(feature = "serde")]
#[test]
fn serde_has_strings_and_nothing_else() {
    let id: ChainId = serde_json::from_str("\"stellar:\\u0074estnet\"").expect("an id");
    assert_eq!(id, STELLAR_TESTNET);
    assert_eq!(
        serde_json::to_string(&id).expect("JSON"),
        "\"stellar:testnet\""
    );
    assert_eq!(
        serde_json::to_string(&BASE).expect("JSON"),
        "\"eip155:8453\""
    );
    for json in [
        "\"stellar\"",
        "8453",
        "null",
        "[\"stellar:testnet\"]",
        "\"stellar:*\"",
    ] {
        assert!(serde_json::from_str::<ChainId>(json).is_err(), "{json}");
    }
    let pattern: ChainPattern = serde_json::from_str("\"stellar:*\"").expect("a pattern");
    assert_eq!(
        serde_json::to_string(&pattern).expect("JSON"),
        "\"stellar:*\""
    );
}
