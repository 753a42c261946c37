//! Bounded decoding: size, UTF-8, depth, then one pass of the parser straight into the message.

use alloc::string::ToString;

use serde::de::Deserialize;

use crate::depth;
use crate::detail;
use crate::error::{Error, ErrorKind};
use crate::place::{self, AtBracket};

/// What is read: how much of it, how deep, and the names that errors may mention.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    max_bytes: usize,
    max_depth: usize,
    names: &'static [&'static str],
}

impl Rules {
    /// Texts of up to `max_bytes` bytes in which objects and arrays are nested up to `max_depth` deep.
    ///
    /// `names` are the members that the specification names, so that an error can say `accepts[0].amount`. Other names are the sender's
    /// text and appear as `…`.
    #[must_use]
    pub const fn new(max_bytes: usize, max_depth: usize, names: &'static [&'static str]) -> Self {
        Self {
            max_bytes,
            max_depth,
            names,
        }
    }

    /// The longest text, in bytes.
    #[must_use]
    pub const fn max_bytes(&self) -> usize {
        self.max_bytes
    }

    /// How deep objects and arrays may be nested.
    #[must_use]
    pub const fn max_depth(&self) -> usize {
        self.max_depth
    }

    /// Reads a message.
    ///
    /// # Errors
    ///
    /// [`Error`] for whatever is too long, too deep, not JSON, or not this message.
    pub fn decode<'de, T: Deserialize<'de>>(&self, bytes: &'de [u8]) -> Result<T, Error> {
        if bytes.len() > self.max_bytes {
            return Err(Error::new(ErrorKind::TooLong, self.max_bytes));
        }
        let text = core::str::from_utf8(bytes)
            .map_err(|error| Error::new(ErrorKind::Utf8, error.valid_up_to()))?;
        if let Some(position) = depth::exceeded(bytes, self.max_depth) {
            return Err(Error::new(ErrorKind::TooDeep, position));
        }
        serde_json::from_str(text).map_err(|error| self.explain(text, &error))
    }

    #[cold]
    fn explain(&self, text: &str, error: &serde_json::Error) -> Error {
        let position = offset(text, error);
        let kind = match error.classify() {
            serde_json::error::Category::Eof => ErrorKind::Incomplete,
            serde_json::error::Category::Syntax | serde_json::error::Category::Io => {
                ErrorKind::Syntax
            }
            serde_json::error::Category::Data => ErrorKind::Shape,
        };
        let problem = detail::without_values(&error.to_string());
        // The parser stops at the end of an object both when a member is missing and when its last member is wrong.
        let at_bracket = if problem.starts_with("missing ") {
            AtBracket::Container
        } else {
            AtBracket::LastInside
        };
        let detail = match place::of(text, position, at_bracket, self.names).as_str() {
            "" => problem,
            place => [place, ": ", &problem].concat(),
        };
        Error::new(kind, position).with_detail(detail.into_boxed_str())
    }
}

/// The byte to which a line and a column point.
fn offset(text: &str, error: &serde_json::Error) -> usize {
    let lines = error.line().saturating_sub(1);
    let before = text
        .split_inclusive('\n')
        .take(lines)
        .map(str::len)
        .sum::<usize>();
    before
        .saturating_add(error.column().saturating_sub(1))
        .min(text.len())
}
