//! What is refused: a channel, or a voucher of one. What that is called on the wire, and the sentence for the buyer, are
//! here for all of them.
//!
//! A sentence never says how far the channel is used: who presents a voucher is not known to hold its key.

use core::{error, fmt};

use coinslot_channel_commitment::{DecodeError, InvalidSignatureError, UnusableKeyError};
use coinslot_mpp_wire::{Problem, ProblemKind};
use coinslot_usdc_amount::BaseUnits;

/// Why a channel is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChannelRefusal {
    /// The network knows no such contract.
    NotFound,
    /// The contract is none of a channel.
    NotAChannel(DecodeError),
    /// What was read is about another channel.
    AnotherChannel,
    /// The contract's code is none that is trusted.
    Code,
    /// It pays somebody else.
    Recipient,
    /// It pays in another token.
    Token,
    /// Nobody can sign for it.
    CommitmentKey(UnusableKeyError),
    /// The funder could take everything back too soon.
    WaitingPeriod {
        /// Its waiting period, in ledgers.
        found: u32,
        /// The shortest that is taken.
        shortest: u32,
    },
    /// It is closing, or closed.
    Closing {
        /// From which ledger on.
        effective_at_ledger: u32,
    },
    /// It is archived.
    Archived,
    /// It will be archived too soon.
    TimeToLive {
        /// For how many more ledgers it lives.
        found: u32,
        /// The fewest that are taken.
        shortest: u32,
    },
    /// Nothing was ever deposited.
    NoDeposit,
}

/// Why a voucher is not taken. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// It is not signed by the channel's key.
    Signature(InvalidSignatureError),
    /// It is of another channel, or on another network.
    AnotherChannel,
    /// It has paid for another request.
    UsedForAnotherRequest,
    /// The channel is closing.
    Closing,
    /// The channel is closed.
    Closed,
    /// The channel is archived.
    Archived,
    /// There is nothing to pay for: the seller's own mistake.
    NoPrice,
    /// What was deposited does not cover the price any more, whatever the voucher.
    DepositUsedUp {
        /// What was deposited.
        deposited: BaseUnits,
        /// What has to be paid.
        price: BaseUnits,
    },
    /// Its amount is not above all that came before.
    NotRising {
        /// How far the channel is used.
        cumulative: BaseUnits,
    },
    /// Its amount does not cover the price.
    BelowPrice {
        /// The least amount that does.
        required: BaseUnits,
        /// The price.
        price: BaseUnits,
    },
    /// Its amount is above what was deposited.
    ExceedsDeposit {
        /// What was deposited.
        deposited: BaseUnits,
    },
    /// It is to close the channel below what was spent.
    BelowSpent {
        /// What was spent.
        spent: BaseUnits,
    },
    /// It is to close the channel below what was withdrawn.
    BelowWithdrawn {
        /// What was withdrawn.
        withdrawn: BaseUnits,
    },
    /// There is no such stream to pay for.
    NoStream,
    /// It would close the channel and begin a stream, of which nobody knows yet what it comes to.
    ClosesWithStream,
}

impl ChannelRefusal {
    /// What it is called on the wire.
    #[must_use]
    pub const fn kind(&self) -> ProblemKind {
        match self {
            Self::NotFound => ProblemKind::ChannelNotFound,
            Self::Closing { .. } => ProblemKind::ChannelClosed,
            Self::CommitmentKey(_) => ProblemKind::SignerMismatch,
            Self::NoDeposit => ProblemKind::InsufficientBalance,
            Self::NotAChannel(_)
            | Self::AnotherChannel
            | Self::Code
            | Self::Recipient
            | Self::Token
            | Self::WaitingPeriod { .. }
            | Self::Archived
            | Self::TimeToLive { .. } => ProblemKind::VerificationFailed,
        }
    }

    /// The body of the answer.
    #[must_use]
    pub fn problem(&self) -> Problem {
        self.kind().because(self)
    }
}

impl Refusal {
    /// What it is called on the wire.
    #[must_use]
    pub const fn kind(&self) -> ProblemKind {
        match self {
            Self::Signature(_) => ProblemKind::InvalidSignature,
            Self::Closing | Self::Closed => ProblemKind::ChannelClosed,
            Self::DepositUsedUp { .. } => ProblemKind::InsufficientBalance,
            Self::ExceedsDeposit { .. } => ProblemKind::AmountExceedsDeposit,
            Self::NotRising { .. }
            | Self::BelowPrice { .. }
            | Self::BelowSpent { .. }
            | Self::BelowWithdrawn { .. } => ProblemKind::DeltaTooSmall,
            Self::AnotherChannel
            | Self::UsedForAnotherRequest
            | Self::Archived
            | Self::NoPrice
            | Self::NoStream
            | Self::ClosesWithStream => ProblemKind::VerificationFailed,
        }
    }

    /// The body of the answer.
    #[must_use]
    pub fn problem(&self) -> Problem {
        self.kind().because(self)
    }
}

impl fmt::Display for ChannelRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => {
                f.write_str("the network knows no contract with the channel's address")
            }
            Self::NotAChannel(error) => write!(f, "the contract is not a payment channel: {error}"),
            Self::AnotherChannel => f.write_str("what the network says is about another channel"),
            Self::Code => {
                f.write_str("the channel's contract code is not one that is trusted here")
            }
            Self::Recipient => f.write_str("the channel pays another recipient"),
            Self::Token => f.write_str("the channel pays in another token"),
            Self::CommitmentKey(error) => error.fmt(f),
            Self::WaitingPeriod { found, shortest } => write!(
                f,
                "the channel's refund waiting period is {found} ledgers, at least {shortest} are needed"
            ),
            Self::Closing {
                effective_at_ledger,
            } => {
                write!(
                    f,
                    "the channel is closed from ledger {effective_at_ledger} on"
                )
            }
            Self::Archived => f.write_str("the channel is archived, restore it first"),
            Self::TimeToLive { found, shortest } => write!(
                f,
                "the channel is archived in {found} ledgers, extend its time to live to at least {shortest}"
            ),
            Self::NoDeposit => f.write_str("nothing was deposited in the channel"),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Signature(error) => error.fmt(f),
            Self::AnotherChannel => f.write_str("the voucher is of another channel"),
            Self::UsedForAnotherRequest => {
                f.write_str("the voucher has paid for another request, sign a higher amount")
            }
            Self::Closing => f.write_str("it takes no more vouchers, as it is being closed"),
            Self::Closed => f.write_str("it takes no more vouchers"),
            Self::Archived => f.write_str("the channel is archived, restore it first"),
            Self::NoPrice => f.write_str("the request has no price, which is the seller's mistake"),
            Self::DepositUsedUp { deposited, price } => write!(
                f,
                "what is left of the {deposited} base units deposited does not cover {price} more, top up the channel"
            ),
            Self::NotRising { .. } => {
                f.write_str("the voucher's amount is not above that of the last one")
            }
            Self::BelowPrice { price, .. } => {
                write!(
                    f,
                    "the voucher does not add the {price} base units that are to be paid"
                )
            }
            Self::ExceedsDeposit { deposited } => {
                write!(
                    f,
                    "the channel has a deposit of {deposited} base units, top it up"
                )
            }
            Self::BelowSpent { .. } => {
                f.write_str("a channel cannot be closed below what was spent")
            }
            Self::BelowWithdrawn { .. } => {
                f.write_str("a channel cannot be closed below what was withdrawn")
            }
            Self::NoStream => f.write_str("there is no such stream, or it has ended"),
            Self::ClosesWithStream => f.write_str(
                "a channel is not closed by what begins a stream: close it when the stream has ended",
            ),
        }
    }
}

impl error::Error for ChannelRefusal {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::NotAChannel(source) => Some(source),
            _ => None,
        }
    }
}

impl error::Error for Refusal {}

impl From<DecodeError> for ChannelRefusal {
    fn from(error: DecodeError) -> Self {
        Self::NotAChannel(error)
    }
}

impl From<InvalidSignatureError> for Refusal {
    fn from(error: InvalidSignatureError) -> Self {
        Self::Signature(error)
    }
}
