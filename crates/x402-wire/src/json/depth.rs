//! How deep a JSON text is nested, without recursion and without parsing it.

/// The byte at which a text is nested deeper than `limit`, if it is anywhere.
pub(super) fn exceeded(bytes: &[u8], limit: usize) -> Option<usize> {
    // A text cannot be deeper than it has brackets, and counting them is much faster than following them.
    if bytes.iter().filter(|byte| opens(**byte)).count() <= limit {
        return None;
    }
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut escaped = false;
    for (position, byte) in bytes.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            byte if opens(*byte) => {
                if depth >= limit {
                    return Some(position);
                }
                depth = depth.saturating_add(1);
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

const fn opens(byte: u8) -> bool {
    // `[` is 0x5b and `{` is 0x7b: they differ in one bit.
    byte | 0x20 == b'{'
}
