//! Why a text is no CAIP-2 chain id.

use core::fmt;

/// A text that is no chain id or pattern: what is wrong, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseChainIdError {
    kind: ParseChainIdErrorKind,
    position: usize,
}

/// What is wrong with a chain id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseChainIdErrorKind {
    /// There is no colon.
    MissingColon,
    /// The namespace has fewer than 3 characters.
    NamespaceTooShort,
    /// The namespace has more than 8 characters.
    NamespaceTooLong,
    /// A character of the namespace is not one of `[-a-z0-9]`.
    NamespaceCharacter,
    /// Nothing follows the colon.
    ReferenceEmpty,
    /// The reference has more than 32 characters.
    ReferenceTooLong,
    /// A character of the reference is not one of `[-_a-zA-Z0-9]`.
    ReferenceCharacter,
}

impl ParseChainIdError {
    pub(crate) const fn new(kind: ParseChainIdErrorKind, position: usize) -> Self {
        Self { kind, position }
    }

    /// What is wrong.
    #[must_use]
    pub const fn kind(&self) -> ParseChainIdErrorKind {
        self.kind
    }

    /// The byte of the text at which it is wrong, counted from 0.
    #[must_use]
    pub const fn position(&self) -> usize {
        self.position
    }
}

impl fmt::Display for ParseChainIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let position = self.position;
        match self.kind {
            ParseChainIdErrorKind::MissingColon => {
                f.write_str("a chain id has a colon between namespace and reference")
            }
            ParseChainIdErrorKind::NamespaceTooShort => {
                f.write_str("the namespace of a chain id has at least 3 characters")
            }
            ParseChainIdErrorKind::NamespaceTooLong => {
                f.write_str("the namespace of a chain id has at most 8 characters")
            }
            ParseChainIdErrorKind::NamespaceCharacter => write!(
                f,
                "the namespace of a chain id is made of a-z, 0-9 and '-': byte {position} is not"
            ),
            ParseChainIdErrorKind::ReferenceEmpty => {
                f.write_str("the reference of a chain id has at least 1 character")
            }
            ParseChainIdErrorKind::ReferenceTooLong => {
                f.write_str("the reference of a chain id has at most 32 characters")
            }
            ParseChainIdErrorKind::ReferenceCharacter => write!(
                f,
                "the reference of a chain id is made of a-z, A-Z, 0-9, '-' and '_': byte {position} is not"
            ),
        }
    }
}

impl core::error::Error for ParseChainIdError {}
