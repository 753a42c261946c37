//! CAIP-2 chain ids, patterns, and the Stellar networks among them.

use coinslot_caip2_network::{ChainId, ChainIdRef, ChainPattern, StellarNetwork};

use crate::{memory, text};

/// Model, exact, bounded.
pub(crate) fn chain_id(data: &[u8]) {
    let Some(text) = text(data) else { return };
    let parsed = memory::at_most(text.len() + 256, || text.parse::<ChainId>());
    assert_eq!(parsed.is_ok(), is_chain_id(text), "{text:?}");
    let borrowed = ChainIdRef::parse(text);
    match (parsed, borrowed) {
        (Ok(owned), Ok(borrowed)) => {
            assert_eq!(owned.to_string(), text);
            assert_eq!(borrowed.as_str(), text);
            assert_eq!(owned.as_ref(), borrowed);
            assert_eq!(format!("{}:{}", owned.namespace(), owned.reference()), text);
        }
        (Err(one), Err(other)) => {
            assert_eq!(one, other);
            assert!(one.position() <= text.len());
        }
        (owned, borrowed) => panic!("{owned:?} and {borrowed:?} differ"),
    }
}

/// Model, exact.
pub(crate) fn chain_pattern(data: &[u8]) {
    let Some(text) = text(data) else { return };
    let parsed = text.parse::<ChainPattern>();
    let namespace = text
        .strip_suffix(":*")
        .filter(|namespace| is_namespace(namespace));
    assert_eq!(
        parsed.is_ok(),
        namespace.is_some() || is_chain_id(text),
        "{text:?}"
    );
    let Ok(pattern) = parsed else { return };
    assert_eq!(pattern.to_string(), text);
    match namespace {
        Some(namespace) => {
            let inside: ChainId = format!("{namespace}:x")
                .parse()
                .expect("a chain of this namespace");
            assert!(pattern.matches(inside.as_ref()));
            let outside: ChainId = format!("{}-:x", &namespace[..3.min(namespace.len())])
                .parse()
                .expect("a chain elsewhere");
            assert_eq!(
                pattern.matches(outside.as_ref()),
                outside.namespace() == namespace
            );
        }
        None => {
            let itself: ChainId = text.parse().expect("a chain");
            assert!(pattern.matches(itself.as_ref()));
            let other: ChainId = format!("{}:other-chain", itself.namespace())
                .parse()
                .expect("another chain");
            assert_eq!(pattern.matches(other.as_ref()), itself == other);
        }
    }
}

/// Model: two names, nothing else.
pub(crate) fn stellar_network(data: &[u8]) {
    let Some(text) = text(data) else { return };
    let parsed = text.parse::<StellarNetwork>();
    assert_eq!(
        parsed.is_ok(),
        matches!(text, "stellar:pubnet" | "stellar:testnet"),
        "{text:?}"
    );
    if let Ok(network) = parsed {
        assert_eq!(network.to_string(), text);
    }
}

/// CAIP-2: `namespace ":" reference`.
fn is_chain_id(text: &str) -> bool {
    text.split_once(':').is_some_and(|(namespace, reference)| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        is_namespace(namespace)
            && (1..=32).contains(&reference.len())
            && reference.bytes().all(allowed)
    })
}

fn is_namespace(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (3..=8).contains(&text.len()) && text.bytes().all(allowed)
}
