//! How deep a JSON text is nested, without recursion and without parsing it.

/// The byte at which a text is nested deeper than `limit`, if it is anywhere.
pub(crate) fn exceeded(bytes: &[u8], limit: usize) -> Option<usize> {
    // A text cannot be deeper than it has brackets, and counting them is much faster than following them.
    if brackets(bytes) <= limit {
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

/// How many opening brackets there are, inside strings or not.
fn brackets(bytes: &[u8]) -> usize {
    // Sums of single bytes, which a chunk of 255 cannot overflow, are what compilers turn into vector instructions.
    bytes
        .chunks(255)
        .map(|chunk| {
            chunk.iter().fold(0_u8, |count, byte| {
                count.wrapping_add(u8::from(opens(*byte)))
            })
        })
        .fold(0, |sum, count| sum.saturating_add(usize::from(count)))
}

const fn opens(byte: u8) -> bool {
    // `[` is 0x5b and `{` is 0x7b: they differ in one bit.
    byte | 0x20 == b'{'
}
