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
    matches!(
        byte,
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9'
            | b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~'
    )
}

/// A character of a token68 before its padding.
pub(crate) const fn is_token68(byte: u8) -> bool {
    within(byte | 0x20, b'a', b'z')
        | within(byte, b'-', b'9')
        | (byte == b'+')
        | (byte == b'_')
        | (byte == b'~')
}

/// A character that stands for itself within quotes.
pub(crate) const fn is_qdtext(byte: u8) -> bool {
    is_text(byte) & (byte != b'"') & (byte != b'\\')
}

/// A character that a quoted string can hold: itself, or after a backslash.
pub(crate) const fn is_text(byte: u8) -> bool {
    within(byte, b' ', b'~') | (byte == b'\t')
}

/// Optional whitespace, OWS and BWS.
pub(crate) const fn is_whitespace(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// How many bytes at the start are of a class, where that is a few.
#[inline]
pub(crate) fn short_run(bytes: &[u8], class: impl Fn(u8) -> bool) -> usize {
    let outside = |byte: &u8| !class(*byte);
    bytes.iter().position(outside).unwrap_or(bytes.len())
}

/// How many bytes at the start are of a class, where that may be a thousand.
///
/// The class is tested for a block of bytes at once: it should be made of comparisons, without a branch.
#[inline]
pub(crate) fn long_run(bytes: &[u8], class: impl Fn(u8) -> bool) -> usize {
    let inside = |block: &&[u8]| block.iter().fold(true, |all, byte| all & class(*byte));
    let blocks = bytes.chunks_exact(BLOCK).take_while(inside).count();
    let start = blocks.saturating_mul(BLOCK);
    let rest = bytes.get(start..).unwrap_or_default();
    start.saturating_add(short_run(rest, class))
}

const fn within(byte: u8, first: u8, last: u8) -> bool {
    byte.wrapping_sub(first) <= last.wrapping_sub(first)
}

const BLOCK: usize = 16;

#[cfg(test)]
mod tests;
