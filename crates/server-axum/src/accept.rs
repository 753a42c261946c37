//! Whether a client wants a page or data (RFC 9110 §12.5.1, as far as it matters here).

/// Whether `text/html` is asked for by name, and not less than `application/json`. A client that
/// takes anything is a program.
pub(crate) fn wants_html(accept: &str) -> bool {
    let html = preference(accept, "text/html");
    let json = preference(accept, "application/json");
    match (html, json) {
        (Some((html, _)), None) => html > 0,
        (Some((html, html_at)), Some((json, json_at))) => {
            html > 0 && (html > json || (html == json && html_at < json_at))
        }
        (None, _) => false,
    }
}

/// The quality in thousandths, and the place in the list.
fn preference(accept: &str, media_type: &str) -> Option<(u16, usize)> {
    accept.split(',').enumerate().find_map(|(at, range)| {
        let mut parts = range.split(';').map(str::trim);
        if !parts.next()?.eq_ignore_ascii_case(media_type) {
            return None;
        }
        let quality = parts
            .find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")))
            .map_or(1_000, thousandths);
        Some((quality, at))
    })
}

/// What is not a quality counts as none at all.
fn thousandths(quality: &str) -> u16 {
    let (whole, fraction) = quality.split_once('.').unwrap_or((quality, ""));
    let is_number = fraction.len() <= 3 && fraction.bytes().all(|byte| byte.is_ascii_digit());
    match (whole, format!("{fraction:0<3}").parse()) {
        ("0", Ok(fraction)) if is_number => fraction,
        ("1", Ok(0)) if is_number => 1_000,
        _ => 0,
    }
}

#[cfg(test)]
mod tests;
