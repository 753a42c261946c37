//! Server-Sent Events (HTML, section 9.2): what a handler sends, and what the gate sends itself.
//!
//! Whatever a handler puts into an event, it stays in that event, and is none of the gate's.

use std::fmt::Write;

use bytes::Bytes;
use coinslot_mpp_wire::stellar::RESERVED_EVENTS;

/// An event of an answer that is paid for as it is produced.
///
/// ```
/// use coinslot_server::stream::SseEvent;
///
/// let event = SseEvent::new("Lima: 19 °C\nCusco: 11 °C").name("weather")?.units(2);
/// # Ok::<(), coinslot_server::stream::SseEventError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SseEvent {
    name: Option<String>,
    id: Option<String>,
    data: String,
    units: u64,
}

/// An event cannot be sent so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SseEventError {
    /// The name is empty, or there is a space at its start or end.
    #[error("an event's name is not empty, and neither begins nor ends with a space")]
    Name,
    /// There is a control character in the name.
    #[error("an event's name has no control character, as there is at byte {at}")]
    NameCharacter {
        /// Where.
        at: usize,
    },
    /// The name is one of those that only the gate sends.
    #[error("names of events that begin with `payment-` are the gate's own")]
    ReservedName,
    /// There is a line end or a NUL in the id.
    #[error("an event's id has no line end and no NUL, as there is at byte {at}")]
    IdCharacter {
        /// Where.
        at: usize,
    },
}

impl SseEvent {
    /// An event with this data, of any number of lines, for one unit. Line ends are told as LF.
    pub fn new(data: impl Into<String>) -> Self {
        Self {
            name: None,
            id: None,
            data: data.into(),
            units: 1,
        }
    }

    /// Gives it a name: the type that a browser's `addEventListener` asks for.
    ///
    /// # Errors
    /// [`SseEventError`] for a name that could be taken for something else, or for the gate's own.
    pub fn name(mut self, name: impl Into<String>) -> Result<Self, SseEventError> {
        let name = name.into();
        if name.trim() != name || name.is_empty() {
            return Err(SseEventError::Name);
        }
        if let Some(at) = name.find(char::is_control) {
            return Err(SseEventError::NameCharacter { at });
        }
        let start = name.get(..RESERVED_EVENTS.len());
        if start.is_some_and(|start| start.eq_ignore_ascii_case(RESERVED_EVENTS)) {
            return Err(SseEventError::ReservedName);
        }
        self.name = Some(name);
        Ok(self)
    }

    /// Gives it an id: what a browser repeats as `Last-Event-ID`.
    ///
    /// # Errors
    /// [`SseEventError::IdCharacter`].
    pub fn id(mut self, id: impl Into<String>) -> Result<Self, SseEventError> {
        let id = id.into();
        if let Some(at) = id.find(['\r', '\n', '\0']) {
            return Err(SseEventError::IdCharacter { at });
        }
        self.id = Some(id);
        Ok(self)
    }

    /// Sets how many units it costs; none is allowed.
    #[must_use]
    pub const fn units(mut self, units: u64) -> Self {
        self.units = units;
        self
    }

    /// How many units it costs.
    pub(super) const fn cost(&self) -> u64 {
        self.units
    }

    /// The event as it is sent.
    pub(super) fn encode(&self) -> Bytes {
        let mut text = String::with_capacity(self.data.len().saturating_add(ROOM));
        // Writing to a string does not fail.
        if let Some(name) = &self.name {
            let _ = writeln!(text, "event: {name}");
        }
        if let Some(id) = &self.id {
            let _ = writeln!(text, "id: {id}");
        }
        for line in lines(&self.data) {
            let _ = writeln!(text, "data: {line}");
        }
        text.push('\n');
        text.into()
    }
}

/// An event of the gate's own, with JSON, which has no line end.
pub(super) fn control(name: &str, json: &str) -> Bytes {
    format!("event: {name}\ndata: {json}\n\n").into()
}

/// The lines of a text: each ends with CR LF, LF or CR, or where the text does.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let Some((line, more)) = text.split_once(['\r', '\n']) else {
            rest = None;
            return Some(text);
        };
        let is_pair = text
            .get(line.len()..)
            .is_some_and(|end| end.starts_with("\r\n"));
        rest = Some(if is_pair {
            more.strip_prefix('\n').unwrap_or(more)
        } else {
            more
        });
        Some(line)
    })
}

/// A comment: what keeps connections open that wait.
pub(super) const KEEP_ALIVE: Bytes = Bytes::from_static(b": waiting\n\n");

/// The names of the fields, as a rule.
const ROOM: usize = 64;

#[cfg(test)]
mod tests;
