//! The echo rule for extensions.

use coinslot_x402_wire::{EchoErrorKind, Extensions};
use serde_json::{Value, json};

#[test]
fn extensions_are_echoed_or_appended_to() {
    let extensions = |value: Value| serde_json::from_value::<Extensions>(value).expect("an object");
    let offered = extensions(
        json!({"id": {"info": {"required": true, "list": [1, {"a": "b"}], "n": 1.0}, "schema": {"type": "object"}}}),
    );
    let echo = |value: Value| {
        extensions(value)
            .echoes(&offered)
            .map_err(|error| error.kind())
    };
    assert_eq!(offered.echoes(&offered), Ok(()));
    assert_eq!(
        echo(
            json!({"id": {"info": {"required": true, "list": [1, {"a": "b"}], "n": 1, "id": "p1"}, "schema": {"type": "object"}, "more": 1}, "other": {}})
        ),
        Ok(())
    );
    for (value, kind) in [
        (json!({}), EchoErrorKind::Missing),
        (
            json!({"id": {"info": {"list": [1, {"a": "b"}], "n": 1}, "schema": {"type": "object"}}}),
            EchoErrorKind::Deleted,
        ),
        (
            json!({"id": {"info": {"required": false, "list": [1, {"a": "b"}], "n": 1}, "schema": {"type": "object"}}}),
            EchoErrorKind::Overwritten,
        ),
        (
            json!({"id": {"info": {"required": true, "list": [1], "n": 1}, "schema": {"type": "object"}}}),
            EchoErrorKind::Overwritten,
        ),
        (
            json!({"id": {"info": {"required": true, "list": [1, {"a": "b", "c": 1}], "n": 1}, "schema": {"type": "object"}}}),
            EchoErrorKind::Overwritten,
        ),
        (
            json!({"id": {"info": {"required": true, "list": [1, {"a": "b"}], "n": 2}, "schema": {"type": "object"}}}),
            EchoErrorKind::Overwritten,
        ),
        (json!({"id": 1}), EchoErrorKind::Overwritten),
    ] {
        assert_eq!(echo(value.clone()), Err(kind), "{value}");
    }
    assert_eq!(Extensions::new().echoes(&Extensions::new()), Ok(()));
    assert_eq!(
        Extensions::new()
            .echoes(&offered)
            .expect_err("missing")
            .extension(),
        "id"
    );
}
