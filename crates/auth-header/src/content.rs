//! What follows a scheme, the same for challenges (RFC 9110 §11.3) and credentials (§11.4).
//!
//! ```text
//! auth-scheme [ 1*SP ( token68 / #auth-param ) ]
//! ```

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::fmt;

use crate::cursor::Cursor;
use crate::limits::MAX_PARAMETERS;
use crate::parameter::{Parameter, Parameters};
use crate::parse_error::{ParseError, ParseErrorKind};
use crate::scheme::Scheme;
use crate::write_error::{WriteError, WriteErrorKind};

#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Content<'a> {
    Token68(&'a str),
    /// None at all for a scheme alone.
    Parameters(Vec<Parameter<'a>>),
}

/// Why there is no room for a parameter.
enum Refusal {
    Duplicate,
    TooMany,
    NotAlone,
}

impl<'a> Content<'a> {
    pub(crate) const EMPTY: Self = Self::Parameters(Vec::new());

    /// Reads from the end of a scheme to the end of the first element, and whether more parameters can follow.
    pub(crate) fn after_scheme(cursor: &mut Cursor<'a>) -> Result<(Self, bool), ParseError> {
        let spaced = cursor.spaces();
        if !spaced || matches!(cursor.next(), None | Some(b'\t' | b',')) {
            cursor
                .end_of_element()
                .map_err(|error| error.with_kind(ParseErrorKind::SpaceExpected))?;
            return Ok((Self::EMPTY, spaced));
        }
        if let Some(token) = cursor.token68() {
            return Ok((Self::Token68(token), false));
        }
        let start = cursor.position();
        let name = cursor.token();
        if name.is_empty() {
            return Err(cursor.error(ParseErrorKind::TokenExpected));
        }
        if !cursor.equals() {
            cursor.end_of_element()?;
            return Err(cursor.error(ParseErrorKind::ValueExpected));
        }
        let mut content = Self::EMPTY;
        content.read_value(start, name, cursor)?;
        Ok((content, true))
    }

    /// Reads what follows the equals sign of a parameter, to the end of the element.
    pub(crate) fn read_value(
        &mut self,
        start: usize,
        name: &'a str,
        cursor: &mut Cursor<'a>,
    ) -> Result<(), ParseError> {
        let parameters = self.room_for(name).map_err(|refusal| {
            let kind = match refusal {
                Refusal::Duplicate => ParseErrorKind::DuplicateParameter,
                Refusal::TooMany => ParseErrorKind::TooManyParameters,
                Refusal::NotAlone => ParseErrorKind::StrayParameter,
            };
            ParseError::new(kind, start)
        })?;
        let value = cursor.value()?;
        cursor.end_of_element()?;
        if parameters.is_empty() {
            parameters.reserve_exact(USUAL_PARAMETERS);
        }
        parameters.push(Parameter { name, value });
        Ok(())
    }

    /// Adds a parameter for writing.
    pub(crate) fn with(mut self, name: &'a str, value: Cow<'a, str>) -> Result<Self, WriteError> {
        WriteError::unless_token(name, WriteErrorKind::Name)?;
        WriteError::unless_text(&value)?;
        let parameters = self.room_for(name).map_err(|refusal| {
            let kind = match refusal {
                Refusal::Duplicate => WriteErrorKind::DuplicateParameter,
                Refusal::TooMany => WriteErrorKind::TooManyParameters,
                Refusal::NotAlone => WriteErrorKind::NotAlone,
            };
            WriteError::new(kind, 0)
        })?;
        parameters.push(Parameter { name, value });
        Ok(self)
    }

    /// Sets the token68 for writing.
    pub(crate) fn with_token68(self, token: &'a str) -> Result<Self, WriteError> {
        if self != Self::EMPTY {
            return Err(WriteError::new(WriteErrorKind::NotAlone, 0));
        }
        WriteError::unless_token68(token)?;
        Ok(Self::Token68(token))
    }

    pub(crate) const fn token68(&self) -> Option<&'a str> {
        match self {
            Self::Token68(token) => Some(token),
            Self::Parameters(_) => None,
        }
    }

    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters()
            .find(|(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    pub(crate) fn parameters(&self) -> Parameters<'_, 'a> {
        Parameters(match self {
            Self::Token68(_) => [].iter(),
            Self::Parameters(parameters) => parameters.iter(),
        })
    }

    /// Writes it after its scheme.
    pub(crate) fn write(&self, scheme: Scheme<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(scheme.as_str())?;
        match self {
            Self::Token68(token) => write!(f, " {token}"),
            Self::Parameters(parameters) => {
                let separators = core::iter::once(" ").chain(core::iter::repeat(", "));
                parameters
                    .iter()
                    .zip(separators)
                    .try_for_each(|(parameter, separator)| write!(f, "{separator}{parameter}"))
            }
        }
    }

    fn room_for(&mut self, name: &str) -> Result<&mut Vec<Parameter<'a>>, Refusal> {
        let Self::Parameters(parameters) = self else {
            return Err(Refusal::NotAlone);
        };
        if parameters
            .iter()
            .any(|other| other.name.eq_ignore_ascii_case(name))
        {
            return Err(Refusal::Duplicate);
        }
        if parameters.len() >= MAX_PARAMETERS {
            return Err(Refusal::TooMany);
        }
        Ok(parameters)
    }
}

/// Room for what one challenge usually has, taken at once.
const USUAL_PARAMETERS: usize = 8;
