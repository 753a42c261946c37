//! The parser's own words, without the sender's values.

use alloc::string::String;

/// Keeps names and types, drops quoted values and the parser's line and column.
///
/// The parser quotes every string of the sender in `"…"`, with quotes inside it escaped; names of members stand in backticks and
/// come from this crate.
pub(crate) fn without_values(sentence: &str) -> String {
    let sentence = match sentence.rsplit_once(" at line ") {
        Some((sentence, _)) => sentence,
        None => sentence,
    };
    let mut kept = String::new();
    let mut in_value = false;
    let mut escaped = false;
    for character in sentence.chars() {
        match character {
            _ if escaped => escaped = false,
            '\\' if in_value => escaped = true,
            '"' if in_value => {
                in_value = false;
                kept.push_str("\"…\"");
            }
            '"' => in_value = true,
            _ if in_value => {}
            character => kept.push(character),
        }
    }
    kept
}
