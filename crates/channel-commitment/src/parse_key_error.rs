//! What is wrong with the text of a commitment key, secret or public.

use core::{error, fmt};

use coinslot_stellar_address::StrkeyKind;

use crate::hexadecimal::{self, HexadecimalError};

/// Why a text is not the commitment key that belongs there.
///
/// The sentence says what was found, and never repeats the text: it may have been a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseKeyError {
    kind: ParseKeyErrorKind,
    belongs: Belongs,
}

/// The ways in which a text is not a commitment key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseKeyErrorKind {
    /// A Stellar secret key (`S…`), or a text that starts like one.
    StellarSecretKey,
    /// A valid Stellar key or address of another kind, such as `G…` or `C…`.
    StellarKey(StrkeyKind),
    /// Not 64 digits.
    Length {
        /// How many there were.
        found: usize,
    },
    /// A character that is no hexadecimal digit.
    Character {
        /// Its offset in bytes.
        position: usize,
    },
}

/// Which half of the key pair was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Belongs {
    SecretKey,
    PublicKey,
}

/// Reads the 32 bytes of a key.
pub(crate) fn read_key(text: &str, belongs: Belongs) -> Result<[u8; 32], ParseKeyError> {
    hexadecimal::read(text).map_err(|error| ParseKeyError {
        kind: match (StrkeyKind::of(text), error) {
            (Some(StrkeyKind::SecretKey), _) => ParseKeyErrorKind::StellarSecretKey,
            (Some(kind), _) => ParseKeyErrorKind::StellarKey(kind),
            (None, HexadecimalError::Length { found }) => ParseKeyErrorKind::Length { found },
            (None, HexadecimalError::Character { position }) => {
                ParseKeyErrorKind::Character { position }
            }
        },
        belongs,
    })
}

impl ParseKeyError {
    /// What was wrong.
    #[must_use]
    pub const fn kind(&self) -> ParseKeyErrorKind {
        self.kind
    }
}

impl fmt::Display for ParseKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            ParseKeyErrorKind::StellarSecretKey => f.write_str(match self.belongs {
                Belongs::SecretKey => {
                    "this is a Stellar secret key (S…), which moves all the money of an account; \
                     a commitment key belongs to one channel, opens no account, and is written as \
                     its seed of 64 hexadecimal digits: make a new one for each channel"
                }
                Belongs::PublicKey => {
                    "this is a Stellar secret key (S…), which must never be given as a public \
                     key; here belongs the public commitment key of a channel, 64 hexadecimal \
                     digits"
                }
            }),
            ParseKeyErrorKind::StellarKey(found) => write!(
                f,
                "this is {found}; here belongs {}, 64 hexadecimal digits",
                match self.belongs {
                    Belongs::SecretKey => "the secret seed of a channel's commitment key",
                    Belongs::PublicKey =>
                        "the public commitment key of a channel, which is not an account's",
                }
            ),
            ParseKeyErrorKind::Length { found } => {
                write!(f, "a commitment key has 64 hexadecimal digits, not {found}")
            }
            ParseKeyErrorKind::Character { position } => write!(
                f,
                "a commitment key has hexadecimal digits only, see offset {position}"
            ),
        }
    }
}

impl error::Error for ParseKeyError {}
