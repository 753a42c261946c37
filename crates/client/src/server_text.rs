//! Text that a stranger wrote, made fit for a terminal and a log.

use core::fmt;

/// At most 200 characters of a server's text, without control characters, line breaks or direction marks.
#[derive(Clone, PartialEq, Eq)]
pub struct ServerText(String);

impl ServerText {
    /// Keeps what is fit to print.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let printable = text
            .chars()
            .map(|c| if is_printable(c) { c } else { '\u{FFFD}' });
        let mut kept: String = printable.take(LONGEST).collect();
        if text.chars().nth(LONGEST).is_some() {
            kept.push('…');
        }
        Self(kept)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ServerText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ServerText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

/// Not a control character, and none of the invisible ones that reorder or hide text.
fn is_printable(c: char) -> bool {
    let invisible = matches!(c,
        '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}');
    !c.is_control() && !invisible
}

const LONGEST: usize = 200;
