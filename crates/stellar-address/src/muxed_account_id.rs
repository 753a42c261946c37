//! A muxed account, `M…` (SEP-23, CAP-27).

use core::{fmt, str::FromStr};

use stellar_strkey::{Strkey, ed25519};

use crate::AccountId;
use crate::parse::{ParseAddressError, StrkeyKind, kind_of_strkey, strkey};

/// An account with a 64-bit id beside it, written `M…`.
///
/// The id tells an account's customers apart; the money is the account's.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MuxedAccountId {
    account: AccountId,
    id: u64,
}

impl MuxedAccountId {
    /// `account` with `id` beside it.
    #[must_use]
    pub const fn new(account: AccountId, id: u64) -> Self {
        Self { account, id }
    }

    /// The account.
    #[must_use]
    pub const fn account(&self) -> AccountId {
        self.account
    }

    /// The id beside it.
    #[must_use]
    pub const fn id(&self) -> u64 {
        self.id
    }
}

impl FromStr for MuxedAccountId {
    type Err = ParseAddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let belongs = &[StrkeyKind::MuxedAccount];
        match strkey(text, belongs)? {
            Strkey::MuxedAccountEd25519(muxed) => {
                Ok(Self::new(AccountId::from_bytes(muxed.ed25519), muxed.id))
            }
            other => Err(ParseAddressError::found(kind_of_strkey(&other), belongs)),
        }
    }
}

impl fmt::Display for MuxedAccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let muxed = ed25519::MuxedAccount {
            ed25519: *self.account.as_bytes(),
            id: self.id,
        };
        f.pad(&muxed.to_string())
    }
}

impl fmt::Debug for MuxedAccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MuxedAccountId({self})")
    }
}
