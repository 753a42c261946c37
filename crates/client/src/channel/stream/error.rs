//! Why a stream does not go on, or is not to be believed.

use coinslot_usdc_amount::BaseUnits;
use reqwest::Response;

use super::sse::MOST_BYTES;
use crate::error::PaymentError;
use crate::receipt::ReceiptDoubt;
use crate::server_text::ServerText;

/// An answer that is paid for as it is produced does not begin, or does not go on.
///
/// What was signed for it counts as spent, until the receipt of the channel's next stream tells what it came to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StreamError {
    /// It is not paid for, or not any more.
    #[error(transparent)]
    Payment(#[from] PaymentError),
    /// No channel pays this address, or its seller takes none.
    #[error("no channel of this client pays this address, or its seller takes none")]
    NoChannel,
    /// The answer is no stream that is paid for as it is produced. Here it is.
    #[error("the answer ({}) is no stream of events that is paid for as it is produced", .0.status())]
    NotMetered(Box<Response>),
    /// The connection failed.
    #[error("the stream broke off")]
    Connection(#[source] reqwest::Error),
    /// It ended without a receipt.
    #[error("the stream ended without a receipt")]
    NoReceipt,
    /// There is no end to an event.
    #[error("an event of the stream is longer than {MOST_BYTES} bytes")]
    TooLong,
    /// The server asks for a voucher that it is not given.
    #[error("no further voucher was signed for the stream: {0}")]
    Unfair(#[from] UnfairDemand),
    /// What the server says was taken or spent contradicts what was signed.
    #[error("the seller's account of the stream is not to be believed: {0}")]
    Doubtful(#[from] StreamDoubt),
}

/// Why a server is not given the voucher that it asks for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnfairDemand {
    /// The event cannot be read.
    #[error("what the server asks for cannot be read")]
    Unreadable,
    /// It speaks of another channel.
    #[error("the server asks for a voucher of another channel, {0}")]
    OtherChannel(ServerText),
    /// It claims to have another voucher than was signed.
    #[error(
        "the server says that it has a voucher for {claimed} base units, and {signed} were signed"
    )]
    OtherVoucher {
        /// What it claims.
        claimed: BaseUnits,
        /// What was signed, and taken.
        signed: BaseUnits,
    },
    /// It asks for more than is reserved at once.
    #[error(
        "the server asks for {required} base units, at most {most} are reserved at once; set more with reserve_units()"
    )]
    TooMuch {
        /// The cumulative amount that it asks for.
        required: BaseUnits,
        /// The highest that would have been signed.
        most: BaseUnits,
    },
    /// It has given nothing for the last voucher.
    #[error("the server has sent nothing since the last voucher")]
    NothingGiven,
    /// It asks again and again for what it has.
    #[error("the server asks again and again for what it was given")]
    Endless,
}

/// Why a server's account is not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StreamDoubt {
    /// The receipt cannot be read, or is for another payment.
    #[error(transparent)]
    Receipt(#[from] ReceiptDoubt),
    /// More was spent than was signed.
    #[error("{spent} base units are said to be spent, and {signed} were signed")]
    AboveSigned {
        /// What is said to be spent.
        spent: BaseUnits,
        /// What was signed.
        signed: BaseUnits,
    },
    /// More was spent than the units cost.
    #[error("{spent} base units are said to be spent, and {units} units come to {most}")]
    AboveUnits {
        /// What is said to be spent of the channel in all.
        spent: BaseUnits,
        /// How many units are said to be charged.
        units: u64,
        /// What can be spent by that.
        most: BaseUnits,
    },
}
