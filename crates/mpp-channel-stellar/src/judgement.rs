//! What becomes of a voucher that is presented.

use core::{error, fmt};

use coinslot_channel_commitment::VerifiedVoucher;

use crate::{ChannelState, Owner, Price, Refusal, RequestFingerprint};

/// A voucher with the request that it is to pay for.
#[derive(Clone, Copy, Debug)]
pub struct Presented<'a> {
    /// The voucher.
    pub voucher: &'a VerifiedVoucher,
    /// What the request costs.
    pub price: Price,
    /// The request.
    pub request: RequestFingerprint,
    /// The process that would serve it.
    pub owner: Owner,
    /// The time, in milliseconds since 1970.
    pub now: u64,
    /// Until when the process would have it, in milliseconds since 1970.
    pub lease_until: u64,
}

/// What to do with a voucher that pays for a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// Write this state, then serve the request.
    Accept(Box<ChannelState>),
    /// The voucher was accepted for this request before, and whoever served it has gone: write this state, then serve the
    /// request. Nothing is paid again.
    Resume(Box<ChannelState>),
    /// The voucher was accepted for this request, which is answered: give the recorded answer.
    Again,
}

/// What to do with a voucher that closes the channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CloseJudgement {
    /// Write this state, then close with its [`voucher_to_take`](ChannelState::voucher_to_take); serve nothing. The same
    /// close comes out again as long as the channel is not closed.
    Close(Box<ChannelState>),
    /// Write this state, serve the request, then close.
    ServeAndClose(Box<ChannelState>),
    /// The voucher was accepted for this request before, and whoever served it has gone: write this state, serve the
    /// request, then close. Nothing is paid again.
    Resume(Box<ChannelState>),
    /// The voucher was accepted for this request before, which is answered: give the recorded answer. The close goes on.
    Again,
    /// The channel is closed with this voucher, which paid for nothing else.
    Closed,
}

/// Why a voucher is not taken, or not now. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denied {
    /// Something is in the way that passes: 409.
    Busy {
        /// In how many seconds it is over, at the latest.
        retry_after: u64,
    },
    /// What is known of the channel is too old to take money on its strength: 503.
    Stale,
    /// No: 402.
    Refuse(Refusal),
}

impl Denied {
    /// So many milliseconds are left.
    pub(crate) const fn busy(left: u64) -> Self {
        Self::Busy {
            retry_after: left.div_ceil(1_000),
        }
    }

    /// Whether asking the chain again may change it: because what is known is too old, or because the buyer may have
    /// topped up.
    #[must_use]
    pub const fn may_be_outdated(&self) -> bool {
        matches!(
            self,
            Self::Stale
                | Self::Refuse(Refusal::ExceedsDeposit { .. } | Refusal::DepositUsedUp { .. })
        )
    }
}

impl From<Refusal> for Denied {
    fn from(refusal: Refusal) -> Self {
        Self::Refuse(refusal)
    }
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy { retry_after } => write!(
                f,
                "the request before is being served; ask again in {retry_after} s"
            ),
            Self::Stale => f.write_str("what is known of the channel is too old"),
            Self::Refuse(refusal) => refusal.fmt(f),
        }
    }
}

impl error::Error for Denied {}
