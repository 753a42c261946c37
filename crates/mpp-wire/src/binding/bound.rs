//! A challenge whose id was made here.

use super::{BindingError, BindingErrorKind};
use crate::challenge::Challenge;

/// A challenge whose id was made with one of our secrets, for exactly what it says.
///
/// Only [`ChallengeSecrets::verify`](crate::ChallengeSecrets::verify) and [`Issuer::verify`](crate::Issuer::verify) give one, so that what
/// takes it cannot be given what a stranger wrote:
///
/// ```compile_fail,E0308
/// use coinslot_mpp_wire::{BoundChallenge, Challenge};
/// fn settle(_: BoundChallenge) {}
/// fn serve(received: Challenge) {
///     settle(received);
/// }
/// ```
///
/// ```compile_fail,E0451
/// use coinslot_mpp_wire::{BoundChallenge, Challenge};
/// fn forge(challenge: Challenge, expires: i64) -> BoundChallenge {
///     BoundChallenge { challenge, expires }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoundChallenge {
    challenge: Challenge,
    expires: i64,
}

impl BoundChallenge {
    pub(crate) fn when(ours: bool, challenge: Challenge) -> Result<Self, BindingError> {
        match challenge.expires() {
            _ if !ours => Err(BindingError::new(BindingErrorKind::NotOurs, challenge)),
            None => Err(BindingError::new(BindingErrorKind::NoExpiry, challenge)),
            Some(expires) => Ok(Self {
                expires: expires.unix_seconds(),
                challenge,
            }),
        }
    }

    /// The challenge.
    #[must_use]
    pub const fn challenge(&self) -> &Challenge {
        &self.challenge
    }

    /// Whether it is no longer accepted at `now`, in seconds after 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn has_expired(&self, now: u64) -> bool {
        i128::from(self.expires) <= i128::from(now)
    }

    /// From when on it is not accepted, in seconds after 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn expires(&self) -> i64 {
        self.expires
    }

    /// The challenge, without the proof.
    #[must_use]
    pub fn into_challenge(self) -> Challenge {
        self.challenge
    }
}
