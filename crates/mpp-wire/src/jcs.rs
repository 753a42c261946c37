//! The JSON Canonicalization Scheme (RFC 8785): one text for one value.
//!
//! Members are sorted by the UTF-16 code units of their names (§3.2.3), strings are escaped as little as JSON allows (§3.2.2.2), numbers
//! are written as ECMAScript writes a double (§3.2.2.3), and there is no whitespace. Example: `{"b":1.0,"a":"é"}` becomes `{"a":"é","b":1}`.
//!
//! # Errors
//!
//! An integer that a double cannot hold is refused: every canonical text of it would name another number.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde_json::{Map, Number, Value};

/// An integer that a double cannot hold, for which there is no canonical text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JcsError;

/// The canonical text of a value.
///
/// ```
/// use coinslot_mpp_wire::jcs;
/// use serde_json::json;
///
/// let value = json!({ "numbers": [333333333.33333329, 1E30, 4.50, 2e-3], "literals": [null, true] });
/// assert_eq!(jcs::canonical(&value)?, r#"{"literals":[null,true],"numbers":[333333333.3333333,1e+30,4.5,0.002]}"#);
/// assert!(jcs::canonical(&json!(9007199254740993_u64)).is_err());
/// # Ok::<(), jcs::JcsError>(())
/// ```
///
/// # Errors
///
/// [`JcsError`] for an integer that a double cannot hold.
pub fn canonical(value: &Value) -> Result<String, JcsError> {
    let mut text = String::new();
    write_value(value, &mut text)?;
    Ok(text)
}

/// The canonical text of an object.
///
/// # Errors
///
/// As [`canonical`].
pub fn canonical_object(members: &Map<String, Value>) -> Result<String, JcsError> {
    let mut text = String::new();
    write_object(members, &mut text)?;
    Ok(text)
}

impl fmt::Display for JcsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an integer is not exactly a double, so that it has no canonical JSON: write it as a string")
    }
}

impl core::error::Error for JcsError {}

fn write_value(value: &Value, to: &mut String) -> Result<(), JcsError> {
    match value {
        Value::Null => to.push_str("null"),
        Value::Bool(true) => to.push_str("true"),
        Value::Bool(false) => to.push_str("false"),
        Value::Number(number) => write_number(number, to)?,
        Value::String(text) => write_string(text, to),
        Value::Array(items) => {
            to.push('[');
            for (index, item) in items.iter().enumerate() {
                separate(index, to);
                write_value(item, to)?;
            }
            to.push(']');
        }
        Value::Object(members) => write_object(members, to)?,
    }
    Ok(())
}

fn write_object(members: &Map<String, Value>, to: &mut String) -> Result<(), JcsError> {
    let mut sorted: Vec<(&String, &Value)> = members.iter().collect();
    sorted.sort_unstable_by(|(left, _), (right, _)| left.encode_utf16().cmp(right.encode_utf16()));
    to.push('{');
    for (index, (name, value)) in sorted.into_iter().enumerate() {
        separate(index, to);
        write_string(name, to);
        to.push(':');
        write_value(value, to)?;
    }
    to.push('}');
    Ok(())
}

fn separate(index: usize, to: &mut String) {
    if index > 0 {
        to.push(',');
    }
}

fn write_number(number: &Number, to: &mut String) -> Result<(), JcsError> {
    let mut buffer = ryu_js::Buffer::new();
    let double = number.as_f64().filter(|double| double.is_finite());
    let text = buffer.format_finite(double.ok_or(JcsError)?);
    // An integer is its digits; when the double's are others, it is another number.
    let integer = number.is_u64() || number.is_i64();
    if integer && !is_written_as(number, text) {
        return Err(JcsError);
    }
    to.push_str(text);
    Ok(())
}

fn is_written_as(number: &Number, text: &str) -> bool {
    match (number.as_u64(), number.as_i64()) {
        (Some(number), _) => text.parse() == Ok(number),
        (None, Some(number)) => text.parse() == Ok(number),
        (None, None) => false,
    }
}

pub(crate) fn write_string(text: &str, to: &mut String) {
    to.push('"');
    let mut written = 0;
    for (position, byte) in text.bytes().enumerate() {
        let escaped = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            0x08 => "\\b",
            b'\t' => "\\t",
            b'\n' => "\\n",
            0x0c => "\\f",
            b'\r' => "\\r",
            0x00..0x20 => "\\u00",
            _ => continue,
        };
        to.push_str(text.get(written..position).unwrap_or_default());
        to.push_str(escaped);
        if escaped == "\\u00" {
            to.push(if byte < 0x10 { '0' } else { '1' });
            to.extend(char::from_digit(u32::from(byte & 0x0f), 16));
        }
        written = position.saturating_add(1);
    }
    to.push_str(text.get(written..).unwrap_or_default());
    to.push('"');
}
