//! JSON of strangers.

use coinslot_strict_json::Rules;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::memory;

#[derive(Debug, PartialEq, Deserialize)]
#[serde(transparent)]
struct Object(#[serde(deserialize_with = "coinslot_strict_json::object")] Map<String, Value>);

const RULES: Rules = Rules::new(4_096, 16, &["known"]);

/// Bounded, canonical, differential (a plain parser reads the same).
pub(crate) fn strict_json(data: &[u8]) {
    let allowed = data.len().saturating_mul(160).saturating_add(16 * 1_024);
    match memory::at_most(allowed, || RULES.decode::<Object>(data)) {
        Ok(Object(object)) => {
            assert!(data.len() <= RULES.max_bytes());
            let plain: Value = serde_json::from_slice(data).expect("JSON");
            assert_eq!(plain, Value::Object(object.clone()));
            let written = serde_json::to_vec(&object).expect("JSON");
            if written.len() <= RULES.max_bytes() {
                assert_eq!(RULES.decode(&written), Ok(Object(object)));
            }
        }
        Err(error) => {
            assert!(error.position() <= data.len());
            let sentence = error.to_string();
            assert!(!sentence.is_empty() && sentence.len() <= 400, "{sentence}");
            assert!(!sentence.contains(['\r', '\n', '\0']), "{sentence:?}");
        }
    }
}
