//! Properties: the parser against the grammar of CAIP-2, written once more.

use coinslot_caip2_network::{ChainId, ChainIdRef, ChainPattern};
use proptest::prelude::*;

/// The grammar as a predicate that shares no code and no method with the parser.
fn derives(text: &str) -> bool {
    const NAMESPACE: &str = "-abcdefghijklmnopqrstuvwxyz0123456789";
    const REFERENCE: &str = "-_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    let parts: Vec<&str> = text.split(':').collect();
    let [namespace, reference] = parts.as_slice() else {
        return false;
    };
    (3..=8).contains(&namespace.chars().count())
        && (1..=32).contains(&reference.chars().count())
        && namespace
            .chars()
            .all(|character| NAMESPACE.contains(character))
        && reference
            .chars()
            .all(|character| REFERENCE.contains(character))
}

proptest! {
    #[test]
    fn accepts_what_the_grammar_derives(text in "[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}") {
        prop_assert!(derives(&text));
        let id: ChainId = text.parse()?;
        prop_assert_eq!(id.as_str(), &text);
        prop_assert_eq!(format!("{}:{}", id.namespace(), id.reference()), text);
    }

    #[test]
    fn agrees_with_the_grammar_near_its_borders(text in "[-_a-zA-Z0-9:*. é]{0,4}[-a-z0-9]{0,9}:?[-_a-zA-Z0-9:*/ é]{0,34}") {
        prop_assert_eq!(text.parse::<ChainId>().is_ok(), derives(&text));
    }

    #[test]
    fn agrees_with_the_grammar_anywhere(text in any::<String>()) {
        prop_assert_eq!(ChainIdRef::parse(&text).is_ok(), derives(&text));
        if let Err(error) = ChainIdRef::parse(&text) {
            prop_assert!(error.position() <= text.len());
        }
    }

    #[test]
    fn a_pattern_matches_its_namespace_or_its_id(
        one in "[-a-z0-9]{3,4}:[-_a-zA-Z0-9]{1,2}",
        other in "[-a-z0-9]{3,4}:[-_a-zA-Z0-9]{1,2}",
    ) {
        let (one, other) = (one.parse::<ChainId>()?, other.parse::<ChainId>()?);
        let family = ChainPattern::namespace_of(one.as_ref());
        prop_assert!(family.matches(one.as_ref()));
        prop_assert_eq!(family.matches(other.as_ref()), one.namespace() == other.namespace());
        let exact = ChainPattern::from(one.clone());
        prop_assert_eq!(exact.matches(other.as_ref()), one == other);
        prop_assert_eq!(exact.to_string().parse::<ChainPattern>()?, exact);
    }
}
