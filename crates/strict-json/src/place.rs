//! Where in a message a byte is, in the words of the specification: `accepts[0].amount`.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// What stands at a closing bracket: the container that it closes, or the last thing in it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum AtBracket {
    Container,
    LastInside,
}

/// The members that lead to a byte of well-formed JSON. Names that are not among `names` are strangers' text: `…`.
pub(crate) fn of(text: &str, position: usize, at_bracket: AtBracket, names: &[&str]) -> String {
    let closes = matches!(text.as_bytes().get(position), Some(b'}' | b']'));
    let end = if closes && at_bracket == AtBracket::LastInside {
        position
    } else {
        position.saturating_add(1)
    };
    let mut open = Vec::<Step<'_>>::new();
    let mut bytes = text.bytes().enumerate().take(end);
    let mut last_string = "";
    while let Some((start, byte)) = bytes.next() {
        match byte {
            b'{' => open.push(Step::Member("")),
            b'[' => open.push(Step::Item(0)),
            b'}' | b']' => drop(open.pop()),
            b':' => {
                if let Some(Step::Member(name)) = open.last_mut() {
                    *name = last_string;
                }
            }
            b',' => match open.last_mut() {
                Some(Step::Member(name)) => *name = "",
                Some(Step::Item(index)) => *index = index.saturating_add(1),
                None => {}
            },
            b'"' => {
                let inside = text.get(start.saturating_add(1)..).unwrap_or_default();
                let length = string_length(inside);
                last_string = inside.get(..length).unwrap_or_default();
                // The string's bytes and its closing quote.
                if length > 0 {
                    bytes.nth(length.saturating_sub(1));
                }
                bytes.next();
            }
            _ => {}
        }
    }
    written(&open, names)
}

enum Step<'a> {
    Member(&'a str),
    Item(usize),
}

fn string_length(inside: &str) -> usize {
    let mut escaped = false;
    inside
        .bytes()
        .position(|byte| match byte {
            _ if escaped => {
                escaped = false;
                false
            }
            b'\\' => {
                escaped = true;
                false
            }
            byte => byte == b'"',
        })
        .unwrap_or(inside.len())
}

fn written(steps: &[Step<'_>], names: &[&str]) -> String {
    let mut place = String::new();
    for step in steps {
        match step {
            Step::Item(index) => {
                place.push('[');
                place.push_str(&index.to_string());
                place.push(']');
            }
            Step::Member("") => {}
            Step::Member(name) => {
                if !place.is_empty() {
                    place.push('.');
                }
                place.push_str(names.iter().find(|known| *known == name).unwrap_or(&"…"));
            }
        }
    }
    place
}
