//! Lists of challenges, the values of `WWW-Authenticate` and `Proxy-Authenticate` (RFC 9110 §11.6.1, §11.7.1).
//!
//! ```text
//! WWW-Authenticate = #challenge
//! #element         = [ element ] *( OWS "," OWS [ element ] )
//! ```
//!
//! Example: `Newauth realm="apps", type=1, title="Login to \"apps\"", Basic realm="simple"`.
//!
//! Commas separate both challenges and the parameters of one. A token with an equals sign behind it is a parameter of the challenge
//! before it, any other token is a scheme; what stands within quotes is never looked at.
//!
//! Each line is a list of its own: a challenge does not go on in the next line.
//!
//! # Errors
//!
//! [`ParseError`], with line and position. One challenge that is malformed spoils them all: what follows it could be anything.

use alloc::vec::{self, Vec};
use core::{fmt, slice};

use crate::challenge::Challenge;
use crate::content::Content;
use crate::cursor::Cursor;
use crate::limits::{MAX_CHALLENGES, MAX_HEADER_BYTES};
use crate::parse_error::{ParseError, ParseErrorKind};
use crate::scheme::Scheme;

/// The challenges of one or several header lines, in their order. Its `Display` is one line.
///
/// ```
/// use coinslot_auth_header::Challenges;
/// let challenges = Challenges::parse(r#"Bearer realm="a, Payment b", Payment id="x1", realm="shop""#)?;
/// assert_eq!(challenges.len(), 2);
/// let payment = challenges.of("payment").next().expect("a challenge of this scheme");
/// assert_eq!(payment.parameter("realm"), Some("shop"));
/// # Ok::<(), coinslot_auth_header::ParseError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Challenges<'a>(Vec<Challenge<'a>>);

impl<'a> Challenges<'a> {
    /// Reads the value of one header line: text, bytes or anything that gives bytes, such as an HTTP library's own value.
    ///
    /// # Errors
    ///
    /// What the grammar does not derive is refused, with kind and position.
    pub fn parse<V: AsRef<[u8]> + ?Sized>(line: &'a V) -> Result<Self, ParseError> {
        let mut challenges = Self(Vec::new());
        challenges.read_line(&mut Cursor::new(line.as_ref(), MAX_HEADER_BYTES)?)?;
        Ok(challenges)
    }

    /// Reads the values of all header lines of one name, in their order. The limits are over all of them.
    ///
    /// # Errors
    ///
    /// As [`Challenges::parse`], with the line.
    pub fn parse_lines<V: AsRef<[u8]> + ?Sized + 'a>(
        lines: impl IntoIterator<Item = &'a V>,
    ) -> Result<Self, ParseError> {
        let mut challenges = Self(Vec::new());
        let mut left = MAX_HEADER_BYTES;
        for (number, line) in lines.into_iter().enumerate() {
            let line = line.as_ref();
            Cursor::new(line, left)
                .and_then(|mut cursor| challenges.read_line(&mut cursor))
                .map_err(|error| error.on_line(number))?;
            left = left.saturating_sub(line.len());
        }
        Ok(challenges)
    }

    fn read_line(&mut self, cursor: &mut Cursor<'a>) -> Result<(), ParseError> {
        // The challenge of this line that further parameters belong to.
        let mut open = None;
        loop {
            cursor.skip_separators();
            if cursor.is_at_end() {
                return Ok(());
            }
            let start = cursor.position();
            let token = cursor.token();
            if token.is_empty() {
                return Err(cursor.error(ParseErrorKind::TokenExpected));
            }
            if cursor.equals() {
                let challenge: &mut Challenge<'a> =
                    open.ok_or(ParseError::new(ParseErrorKind::StrayParameter, start))?;
                challenge.content().read_value(start, token, cursor)?;
                open = Some(challenge);
            } else {
                if self.0.len() >= MAX_CHALLENGES {
                    return Err(ParseError::new(ParseErrorKind::TooManyChallenges, start));
                }
                let (content, takes_more) = Content::after_scheme(cursor)?;
                self.0.push(Challenge::of(Scheme::of_token(token), content));
                open = self.0.last_mut().filter(|_| takes_more);
            }
        }
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, in their order.
    pub fn iter(&self) -> slice::Iter<'_, Challenge<'a>> {
        self.0.iter()
    }

    /// Those of one scheme, its name in any case.
    pub fn of<'c>(&'c self, scheme: &'c str) -> impl Iterator<Item = &'c Challenge<'a>> {
        self.iter()
            .filter(move |challenge| challenge.scheme() == scheme)
    }
}

impl<'a> IntoIterator for Challenges<'a> {
    type Item = Challenge<'a>;
    type IntoIter = vec::IntoIter<Challenge<'a>>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'c, 'a> IntoIterator for &'c Challenges<'a> {
    type Item = &'c Challenge<'a>;
    type IntoIter = slice::Iter<'c, Challenge<'a>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Challenges<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let separators = core::iter::once("").chain(core::iter::repeat(", "));
        self.iter()
            .zip(separators)
            .try_for_each(|(challenge, separator)| write!(f, "{separator}{challenge}"))
    }
}

impl fmt::Debug for Challenges<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self).finish()
    }
}
