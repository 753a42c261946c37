//! The characters of RFC 9110 §5.6 and §11, and runs of them.
//!
//! ```text
//! tchar   = "!" / "#" / "$" / "%" / "&" / "'" / "*" / "+" / "-" / "." / "^" / "_" / "`" / "|" / "~" / DIGIT / ALPHA
//! qdtext  = HTAB / SP / "!" / %x23-5B / %x5D-7E
//! token68 = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="
//! ```
//!
//! `obs-text` (bytes from 0x80) belongs to no class here: a value that is not ASCII is refused before it is read.

/// A character of a token.
pub(crate) const fn is_tchar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        | matches!(
            byte,
            b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~'
        )
}

/// A character of a token68 before its padding.
pub(crate) const fn is_token68(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() | matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/')
}

/// A character that stands for itself within quotes.
pub(crate) const fn is_qdtext(byte: u8) -> bool {
    is_text(byte) & (byte != b'"') & (byte != b'\\')
}

/// A character that a quoted string can hold: itself, or after a backslash.
pub(crate) const fn is_text(byte: u8) -> bool {
    matches!(byte, b'\t' | b' '..=b'~')
}

/// Optional whitespace, OWS and BWS.
pub(crate) const fn is_whitespace(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// How many bytes at the start are of a class.
pub(crate) fn run_length(bytes: &[u8], class: impl Fn(u8) -> bool) -> usize {
    // Whole blocks first, without a branch for each byte: long values are most of a header.
    let blocks = bytes
        .chunks_exact(BLOCK)
        .take_while(|block| block.iter().fold(true, |all, &byte| all & class(byte)))
        .count();
    let done = blocks.saturating_mul(BLOCK);
    let rest = bytes.get(done..).unwrap_or_default();
    let tail = rest.iter().position(|&byte| !class(byte));
    done.saturating_add(tail.unwrap_or(rest.len()))
}

const BLOCK: usize = 16;

#[cfg(test)]
mod tests;
