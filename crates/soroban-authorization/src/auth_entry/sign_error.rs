//! Why an entry is not signed.

use core::{error, fmt};

use coinslot_stellar_address::AccountId;

use crate::signer::SignError;

/// Why an entry is not one that is to be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnsignedEntryError {
    /// The signatures on the transaction authorize the call.
    SourceAccount,
    /// It is signed already.
    AlreadySigned,
    /// Another form, which is not understood here.
    Unsupported,
}

impl fmt::Display for UnsignedEntryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SourceAccount => {
                "the entry is authorized by the transaction's source, there is nothing to sign in it"
            }
            Self::AlreadySigned => "the entry is signed already",
            Self::Unsupported => "the entry is authorized in a form that is not supported",
        })
    }
}

impl error::Error for UnsignedEntryError {}

/// Why an entry was not signed.
#[derive(Debug)]
#[non_exhaustive]
pub enum SignEntryError {
    /// The signer is for another account than the one that authorizes.
    WrongSigner {
        /// Who authorizes.
        belongs: AccountId,
        /// Whom the signer signs for.
        found: AccountId,
    },
    /// A muxed address cannot authorize; its account can.
    Muxed,
    /// The signer gave no signature.
    Signer(SignError),
    /// The signature is not valid.
    InvalidSignature,
}

impl fmt::Display for SignEntryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongSigner { belongs, found } => {
                write!(
                    f,
                    "the signer is for {found}, the entry is to be signed by {belongs}"
                )
            }
            Self::Muxed => {
                f.write_str("a muxed address (M…) cannot authorize, give its account (G…) instead")
            }
            Self::Signer(_) => f.write_str("the signer gave no signature"),
            Self::InvalidSignature => {
                f.write_str("the signature is not valid for this entry on this network")
            }
        }
    }
}

impl error::Error for SignEntryError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Signer(source) => Some(source),
            _ => None,
        }
    }
}
