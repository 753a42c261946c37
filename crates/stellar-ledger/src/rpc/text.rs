//! What a node says in words.

/// The longest text of a node's that is passed on, in characters.
const MAX_CHARS: usize = 500;

/// A node's words, cut short, with whatever is not plain text escaped.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::new();
    for character in text.chars().take(MAX_CHARS) {
        if character.is_control() || is_invisible(character) {
            plain.extend(character.escape_unicode());
        } else {
            plain.push(character);
        }
    }
    if text.chars().nth(MAX_CHARS).is_some() {
        plain.push('…');
    }
    plain
}

/// Characters that change how the text around them is shown.
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::{MAX_CHARS, plain};

    #[test]
    fn text_is_bounded_and_plain() {
        assert_eq!(
            plain("HostError: Error(Auth, é 日)"),
            "HostError: Error(Auth, é 日)"
        );
        assert_eq!(
            plain("a\r\nb\u{1b}[31m\0"),
            "a\\u{d}\\u{a}b\\u{1b}[31m\\u{0}"
        );
        assert_eq!(plain("\u{202e}x\u{200b}"), "\\u{202e}x\\u{200b}");
        assert_eq!(plain(&"é".repeat(MAX_CHARS)), "é".repeat(MAX_CHARS));
        assert_eq!(
            plain(&"é".repeat(MAX_CHARS + 1)),
            "é".repeat(MAX_CHARS) + "…"
        );
    }
}
