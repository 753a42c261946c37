//! One case of a family.

use serde_json::Value;

/// What was asked, and what the reference answered.
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) input: Value,
    /// The input as it is written in the file, in which members have an order.
    pub(crate) input_text: String,
    /// `None`: the reference refused. The text of a refusal is its own affair.
    pub(crate) reference: Option<Value>,
}

impl Case {
    pub(crate) fn read(value: &Value, input_text: String) -> Result<Self, String> {
        let text = |field: &str| value[field].as_str().map(str::to_owned);
        let id = text("id").ok_or("a case without `id`")?;
        let (expected, error) = (value.get("expected"), value.get("error"));
        if expected.is_some() == error.is_some() {
            return Err(format!("{id}: needs either `expected` or `error`"));
        }
        Ok(Self {
            kind: text("kind").ok_or_else(|| format!("{id}: no `kind`"))?,
            input: value
                .get("input")
                .ok_or_else(|| format!("{id}: no `input`"))?
                .clone(),
            input_text,
            reference: expected.cloned(),
            id,
        })
    }

    /// A field of the input that must be there, as text.
    pub(crate) fn text(&self, field: &str) -> Result<&str, String> {
        text(&self.input, field)
    }

    /// The answer of a reference that accepted.
    pub(crate) fn expected(&self) -> Result<&Value, String> {
        self.reference.as_ref().ok_or_else(|| {
            "the reference refused a case that is only made of its answer".to_owned()
        })
    }
}

/// A member that must be there, as text.
pub(crate) fn text<'a>(value: &'a Value, field: &str) -> Result<&'a str, String> {
    value[field]
        .as_str()
        .ok_or_else(|| format!("`{field}` is no text"))
}

/// A member that holds a number of any size, as a number or as digits.
pub(crate) fn number<T: std::str::FromStr>(value: &Value, field: &str) -> Result<T, String> {
    let digits = match &value[field] {
        Value::String(digits) => digits.clone(),
        Value::Number(number) => number.to_string(),
        _ => return Err(format!("`{field}` is no number")),
    };
    digits
        .parse()
        .map_err(|_| format!("`{field}` is out of range"))
}
