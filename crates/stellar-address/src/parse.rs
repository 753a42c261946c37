//! The text form of addresses (SEP-23): kinds, and what can be wrong with a text.

use core::{error, fmt};

use stellar_strkey::{DecodeError as StrkeyError, Strkey};

/// What the first letter of a Stellar key says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StrkeyKind {
    /// `G…`
    Account,
    /// `C…`
    Contract,
    /// `M…`
    MuxedAccount,
    /// `S…`
    SecretKey,
    /// `T…`
    PreAuthorizedTransaction,
    /// `X…`
    HashX,
    /// `P…`
    SignedPayload,
    /// `L…`
    LiquidityPool,
    /// `B…`
    ClaimableBalance,
    /// `W…`
    MuxedContract,
}

impl StrkeyKind {
    /// What `text` is, when it is a whole key with the right checksum; any text that starts with
    /// `S` counts as a secret key.
    ///
    /// ```
    /// use coinslot_stellar_address::StrkeyKind;
    ///
    /// let kind = StrkeyKind::of("CBIELTK6YBZJU5UP2WWQEUCYKLPU6AUNZ2BQ4WWFEIE3USCIHMXQDAMA");
    /// assert_eq!(kind, Some(StrkeyKind::Contract));
    /// assert_eq!(StrkeyKind::of("nothing"), None);
    /// ```
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        match parse(text) {
            Ok(key) => Some(kind_of_strkey(&key)),
            Err(ParseAddressErrorKind::SecretKey) => Some(Self::SecretKey),
            Err(_) => None,
        }
    }
}

impl fmt::Display for StrkeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Account => "a G… account address",
            Self::Contract => "a C… contract address",
            Self::MuxedAccount => "an M… muxed account address",
            Self::SecretKey => "a secret key (S…)",
            Self::PreAuthorizedTransaction => "a T… transaction signer",
            Self::HashX => "an X… hash signer",
            Self::SignedPayload => "a P… signed payload",
            Self::LiquidityPool => "an L… liquidity pool",
            Self::ClaimableBalance => "a B… claimable balance",
            Self::MuxedContract => "a W… muxed contract address",
        })
    }
}

/// Why a text is not the address that belongs there.
///
/// The sentence names what was found and what belongs there, and never repeats the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseAddressError {
    kind: ParseAddressErrorKind,
    belongs: &'static [StrkeyKind],
}

/// The ways in which a text is not the address that belongs there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseAddressErrorKind {
    /// Nothing was given.
    Empty,
    /// A secret key was given, or a text that starts like one.
    SecretKey,
    /// A valid key of another kind.
    WrongKind(StrkeyKind),
    /// A character that no address has, at this offset in bytes.
    Character {
        /// The offset in bytes.
        position: usize,
    },
    /// Not as many characters as an address of this kind has.
    Length {
        /// How many bytes there were.
        found: usize,
    },
    /// The checksum does not match: a character is wrong or two are swapped.
    Checksum,
    /// The letter at the beginning stands for no kind of address.
    UnknownKind,
}

impl ParseAddressError {
    pub(crate) const fn new(kind: ParseAddressErrorKind, belongs: &'static [StrkeyKind]) -> Self {
        Self { kind, belongs }
    }

    pub(crate) const fn found(found: StrkeyKind, belongs: &'static [StrkeyKind]) -> Self {
        Self::new(ParseAddressErrorKind::WrongKind(found), belongs)
    }

    /// What was wrong.
    #[must_use]
    pub const fn kind(&self) -> ParseAddressErrorKind {
        self.kind
    }
}

impl fmt::Display for ParseAddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            ParseAddressErrorKind::Empty => f.write_str("the address is empty")?,
            ParseAddressErrorKind::SecretKey => {
                f.write_str("this is a secret key (S…), which must never be given as an address")?
            }
            ParseAddressErrorKind::WrongKind(found) => write!(f, "this is {found}")?,
            ParseAddressErrorKind::Character { position } => {
                write!(
                    f,
                    "an address has no such character as the one at offset {position}"
                )?;
            }
            ParseAddressErrorKind::Length { found } => {
                write!(
                    f,
                    "an address of this kind does not have {found} characters"
                )?;
            }
            ParseAddressErrorKind::Checksum => {
                f.write_str("the checksum of the address does not match, a character is wrong")?;
            }
            ParseAddressErrorKind::UnknownKind => {
                f.write_str("no kind of address starts like this")?;
            }
        }
        for (nth, kind) in self.belongs.iter().enumerate() {
            f.write_str(if nth == 0 { "; here belongs " } else { " or " })?;
            fmt::Display::fmt(kind, f)?;
        }
        Ok(())
    }
}

impl error::Error for ParseAddressError {}

/// Parses any public key; the error knows what `belongs` there.
pub(crate) fn strkey(
    text: &str,
    belongs: &'static [StrkeyKind],
) -> Result<Strkey, ParseAddressError> {
    parse(text).map_err(|kind| ParseAddressError::new(kind, belongs))
}

fn parse(text: &str) -> Result<Strkey, ParseAddressErrorKind> {
    let Some(first) = text.bytes().next() else {
        return Err(ParseAddressErrorKind::Empty);
    };
    if first == b'S' {
        return Err(ParseAddressErrorKind::SecretKey);
    }
    if let Some(position) = text
        .bytes()
        .position(|byte| !matches!(byte, b'A'..=b'Z' | b'2'..=b'7'))
    {
        return Err(ParseAddressErrorKind::Character { position });
    }
    let expected = match first {
        b'G' | b'C' | b'T' | b'X' | b'L' => Some(56),
        b'B' => Some(58),
        b'M' | b'W' => Some(69),
        b'P' => None,
        _ => return Err(ParseAddressErrorKind::UnknownKind),
    };
    if expected.is_some_and(|expected| expected != text.len()) {
        return Err(ParseAddressErrorKind::Length { found: text.len() });
    }
    Strkey::from_string(text).map_err(|error| match error {
        StrkeyError::ChecksumMismatch
        | StrkeyError::InvalidBase32
        | StrkeyError::InvalidPadding => ParseAddressErrorKind::Checksum,
        StrkeyError::TooShort | StrkeyError::TooLong | StrkeyError::InvalidPayloadLength => {
            ParseAddressErrorKind::Length { found: text.len() }
        }
        StrkeyError::UnsupportedVersion | StrkeyError::UnsupportedClaimableBalanceVersion => {
            ParseAddressErrorKind::UnknownKind
        }
        StrkeyError::PrivateKey => ParseAddressErrorKind::SecretKey,
    })
}

pub(crate) const fn kind_of_strkey(key: &Strkey) -> StrkeyKind {
    match key {
        Strkey::PublicKeyEd25519(_) => StrkeyKind::Account,
        Strkey::PreAuthTx(_) => StrkeyKind::PreAuthorizedTransaction,
        Strkey::HashX(_) => StrkeyKind::HashX,
        Strkey::MuxedAccountEd25519(_) => StrkeyKind::MuxedAccount,
        Strkey::SignedPayloadEd25519(_) => StrkeyKind::SignedPayload,
        Strkey::Contract(_) => StrkeyKind::Contract,
        Strkey::LiquidityPool(_) => StrkeyKind::LiquidityPool,
        Strkey::ClaimableBalance(_) => StrkeyKind::ClaimableBalance,
        Strkey::MuxedContract(_) => StrkeyKind::MuxedContract,
    }
}
