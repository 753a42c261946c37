//! What becomes of a voucher that is presented.

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

/// What to do with a voucher that is to pay for a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// Write this state, then serve the request.
    Accept(Box<ChannelState>),
    /// The voucher was accepted for this request before, and whoever served it has gone: write this state, then serve the
    /// request. Nothing is paid again.
    Resume(Box<ChannelState>),
    /// The voucher was accepted for this request, which is answered: give the recorded answer.
    Again,
    /// Something is in the way that passes: 409.
    Busy {
        /// In how many seconds it is over, at the latest.
        retry_after: u64,
    },
    /// What is known of the channel is too old to take money on its strength: 503.
    Stale,
    /// No: 402, or 410.
    Refuse(Refusal),
}

/// What to do with a voucher that is to close the channel.
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
    /// The request is answered, or the channel is closed with this voucher: give the recorded answer.
    Again,
    /// Something is in the way that passes: 409.
    Busy {
        /// In how many seconds it is over, at the latest.
        retry_after: u64,
    },
    /// What is known of the channel is too old to take money on its strength: 503.
    Stale,
    /// No: 402, or 410.
    Refuse(Refusal),
}

/// Why a voucher is not taken, or not now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Denied {
    Busy { retry_after: u64 },
    Stale,
    Refuse(Refusal),
}

impl Denied {
    /// So many milliseconds are left.
    pub(crate) const fn busy(left: u64) -> Self {
        Self::Busy {
            retry_after: left.div_ceil(1_000),
        }
    }
}

impl From<Refusal> for Denied {
    fn from(refusal: Refusal) -> Self {
        Self::Refuse(refusal)
    }
}

impl From<Denied> for Judgement {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Busy { retry_after } => Self::Busy { retry_after },
            Denied::Stale => Self::Stale,
            Denied::Refuse(refusal) => Self::Refuse(refusal),
        }
    }
}

impl From<Denied> for CloseJudgement {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Busy { retry_after } => Self::Busy { retry_after },
            Denied::Stale => Self::Stale,
            Denied::Refuse(refusal) => Self::Refuse(refusal),
        }
    }
}
