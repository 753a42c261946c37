//! Reading Server-Sent Events (HTML, section 9.2) from pieces of any length, and never more than a bound at once.

use bytes::{Buf, Bytes};

/// An event of a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamEvent {
    /// Its name; one without is a `message`.
    pub name: Option<String>,
    /// Its id.
    pub id: Option<String>,
    /// Its data. Line ends are LF.
    pub data: String,
}

/// An event, or what precedes it, is too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooLong;

/// Reads events out of pieces.
#[derive(Default)]
pub(super) struct Reader {
    line: Vec<u8>,
    /// The data of the event so far, with a line end after each line.
    event: StreamEvent,
    /// How many bytes the event has so far, its lines that say nothing included.
    bytes: usize,
    has_begun: bool,
    /// Whether a CR was the last byte.
    after_cr: bool,
}

impl Reader {
    /// The next event that ends in this piece, of which that much is taken.
    pub(super) fn next(&mut self, piece: &mut Bytes) -> Result<Option<StreamEvent>, TooLong> {
        while !piece.is_empty() {
            if core::mem::take(&mut self.after_cr) && piece.first() == Some(&b'\n') {
                piece.advance(1);
                continue;
            }
            let end = piece.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
            let length = end.unwrap_or(piece.len());
            self.bytes = self.bytes.saturating_add(length);
            if self.bytes > MOST_BYTES {
                return Err(TooLong);
            }
            self.line.extend_from_slice(&piece[..length]);
            self.after_cr = piece.get(length) == Some(&b'\r');
            piece.advance(end.map_or(length, |end| end + 1));
            if end.is_some()
                && let Some(event) = self.end_line()
            {
                return Ok(Some(event));
            }
        }
        Ok(None)
    }

    fn end_line(&mut self) -> Option<StreamEvent> {
        let line = core::mem::take(&mut self.line);
        let line = String::from_utf8_lossy(&line);
        let mut line = line.as_ref();
        if !core::mem::replace(&mut self.has_begun, true) {
            line = line.strip_prefix('\u{feff}').unwrap_or(line);
        }
        if line.is_empty() {
            self.bytes = 0;
            let mut event = core::mem::take(&mut self.event);
            // The line end after the last line is not part of the data; without any line there is no event.
            return event.data.pop().map(|_| event);
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => self.event.name = (!value.is_empty()).then(|| value.to_owned()),
            "data" => {
                self.event.data.push_str(value);
                self.event.data.push('\n');
            }
            "id" if !value.contains('\0') => self.event.id = Some(value.to_owned()),
            // Comments may come for ever while nothing else does.
            "" => self.bytes = self.bytes.saturating_sub(line.len()),
            _ => {}
        }
        None
    }
}

/// 1 MiB for an event with all its lines.
pub(super) const MOST_BYTES: usize = 1 << 20;

#[cfg(test)]
mod tests;
