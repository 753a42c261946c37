//! Properties: what is accepted is what a plain parser reads, and nothing panics or repeats the sender.

use coinslot_strict_json::{ErrorKind, Rules};
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Debug, Deserialize)]
#[serde(transparent)]
struct Object(#[serde(deserialize_with = "coinslot_strict_json::object")] Map<String, Value>);

const RULES: Rules = Rules::new(4_096, 6, &["known"]);

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(8, 32, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[a-c]{1,2}|known", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

proptest! {
    #[test]
    fn objects_are_what_a_plain_parser_reads(value in values()) {
        let text = value.to_string();
        match RULES.decode::<Object>(text.as_bytes()) {
            Ok(Object(object)) => prop_assert_eq!(Value::Object(object), value),
            Err(error) => {
                let expected = if text.len() > 4_096 {
                    ErrorKind::TooLong
                } else if depth(&value) > 6 {
                    ErrorKind::TooDeep
                } else {
                    prop_assert!(!value.is_object());
                    ErrorKind::Shape
                };
                prop_assert_eq!(error.kind(), expected);
            }
        }
    }

    #[test]
    fn a_name_occurs_once_at_any_depth(name in "[a-z\"\\\\é]{1,4}", wraps in 0_usize..5) {
        let name = Value::from(name).to_string();
        let twice = format!("{{{name}:1,{name}:2}}");
        let text = (0..wraps).fold(twice, |inner, _| format!(r#"{{"known":{inner}}}"#));
        let error = RULES.decode::<Object>(text.as_bytes()).expect_err("twice");
        prop_assert_eq!(error.kind(), ErrorKind::Shape);
        prop_assert!(error.to_string().ends_with("an object names a member twice"), "{}", error);
    }

    #[test]
    fn any_bytes_are_an_error_at_most(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        if let Err(error) = RULES.decode::<Object>(&bytes) {
            prop_assert!(error.position() <= bytes.len());
        }
    }

    #[test]
    fn a_cut_text_is_incomplete(value in values(), at in any::<prop::sample::Index>()) {
        let text = format!(r#"{{"known":[{value}]}}"#);
        prop_assume!(text.is_ascii() && depth(&value) <= 4 && text.len() <= 4_096);
        let cut = &text[..at.index(text.len())];
        let error = RULES.decode::<Object>(cut.as_bytes()).expect_err("cut");
        prop_assert_eq!(error.kind(), ErrorKind::Incomplete);
    }

    #[test]
    fn errors_repeat_nothing(secret in "[A-Z]{12}") {
        for text in [
            format!(r#"{{"known":{{"{secret}":1,"{secret}":2}}}}"#),
            format!(r#"["{secret}"]"#),
            format!(r#""{secret}""#),
        ] {
            let error = RULES.decode::<Object>(text.as_bytes()).expect_err("refused");
            prop_assert!(!error.to_string().contains(&secret), "{}", error);
        }
    }
}
