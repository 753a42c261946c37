//! The contract's functions with their arguments.

use coinslot_stellar_address::Address;
use coinslot_usdc_amount::BaseUnits;

use crate::VerifiedVoucher;

/// A call of a channel's contract.
///
/// Only a verified voucher can be settled or closed with; the contract to call is its
/// [`channel`](VerifiedVoucher::channel).
///
/// ```
/// use coinslot_channel_commitment::{CallArgument, ChannelCall};
///
/// let call = ChannelCall::TopUp(5_000_000_u64.into());
/// assert_eq!(call.function(), "top_up");
/// assert_eq!(call.arguments(), [CallArgument::I128(5_000_000)]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChannelCall {
    /// `top_up(amount)`: the funder deposits more. Authorized by the funder.
    TopUp(BaseUnits),
    /// `settle(amount, sig)`: the recipient takes what it was paid. Authorized by the recipient.
    Settle(VerifiedVoucher),
    /// `close(amount, sig)`: the recipient takes what it was paid, the funder gets the rest, and the
    /// channel is closed. Authorized by the recipient.
    Close(VerifiedVoucher),
    /// `close_start()`: the funder begins to close; the waiting period runs. Authorized by the funder.
    CloseStart,
    /// `refund()`: the funder takes back what is left, after the waiting period. Authorized by the
    /// funder.
    Refund,
    /// `prepare_commitment(amount)`: the bytes to sign, as the contract writes them. Changes nothing.
    PrepareCommitment(BaseUnits),
    /// `token()`: the token. Changes nothing.
    Token,
    /// `from()`: the funder. Changes nothing.
    From,
    /// `to()`: the recipient. Changes nothing.
    To,
    /// `refund_waiting_period()`, in ledgers. Changes nothing.
    RefundWaitingPeriod,
    /// `balance()`: what the channel holds. Changes nothing.
    Balance,
    /// `deposited()`: what the channel holds and what was withdrawn, together. Changes nothing.
    Deposited,
    /// `withdrawn()`: what the recipient took so far. Changes nothing.
    Withdrawn,
}

/// An argument of a call of a contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallArgument {
    /// `i128`
    I128(i128),
    /// `u32`
    U32(u32),
    /// `Bytes` or `BytesN`
    Bytes(Vec<u8>),
    /// `Address`
    Address(Address),
}

impl ChannelCall {
    /// The name of the function.
    #[must_use]
    pub const fn function(&self) -> &'static str {
        match self {
            Self::TopUp(_) => "top_up",
            Self::Settle(_) => "settle",
            Self::Close(_) => "close",
            Self::CloseStart => "close_start",
            Self::Refund => "refund",
            Self::PrepareCommitment(_) => "prepare_commitment",
            Self::Token => "token",
            Self::From => "from",
            Self::To => "to",
            Self::RefundWaitingPeriod => "refund_waiting_period",
            Self::Balance => "balance",
            Self::Deposited => "deposited",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The arguments, in the contract's order.
    #[must_use]
    pub fn arguments(&self) -> Vec<CallArgument> {
        match self {
            Self::TopUp(amount) | Self::PrepareCommitment(amount) => {
                vec![CallArgument::I128(amount.to_i128())]
            }
            Self::Settle(voucher) | Self::Close(voucher) => vec![
                CallArgument::I128(voucher.amount().to_i128()),
                CallArgument::Bytes(voucher.signature().to_vec()),
            ],
            Self::CloseStart
            | Self::Refund
            | Self::Token
            | Self::From
            | Self::To
            | Self::RefundWaitingPeriod
            | Self::Balance
            | Self::Deposited
            | Self::Withdrawn => Vec::new(),
        }
    }
}
