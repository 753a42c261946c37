//! JSON Schemas of the strings that have a grammar.

use alloc::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

/// Stands for a chain id.
pub(crate) struct Chain;

/// Stands for an amount in base units.
pub(crate) struct Digits;

/// Stands for bytes in hexadecimal.
pub(crate) struct Hex<const N: usize>;

impl JsonSchema for Chain {
    fn schema_name() -> Cow<'static, str> {
        "ChainId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "A CAIP-2 chain id.",
            "pattern": "^[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}$",
        })
    }
}

impl JsonSchema for Digits {
    fn schema_name() -> Cow<'static, str> {
        "BaseUnits".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "An amount in base units, at most 2^127 - 1.",
            "pattern": "^(0|[1-9][0-9]{0,38})$",
        })
    }
}

impl<const N: usize> JsonSchema for Hex<N> {
    fn schema_name() -> Cow<'static, str> {
        alloc::format!("Hex{N}").into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": alloc::format!("{N} bytes in hexadecimal."),
            "pattern": alloc::format!("^[0-9a-fA-F]{{{}}}$", N.saturating_mul(2)),
        })
    }
}
