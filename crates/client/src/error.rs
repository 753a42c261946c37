//! Why a request was not paid, or what is known about a payment that was made.

use coinslot_caip2_network::NetworkId;
use coinslot_mpp_charge_stellar::{PlanError as ChargeError, SignChargeError};
use coinslot_payment_store::StoreError;
use coinslot_soroban_authorization::SignEntryError;
use coinslot_stellar_ledger::{LedgerError, ResultCode};
use reqwest::StatusCode;

use crate::address_guard::AddressRefused;
use crate::amount::Amount;
use crate::cannot_pay::CannotPay;
use crate::challenge::ChallengeError;
use crate::channel::ChannelError;
use crate::damaged::DamagedRecord;
use crate::journal::JournalError;
use crate::outcome::NothingPaid;
use crate::refusal::{NoAcceptableOffer, NotPayable};
use crate::refused::{Advice, Because, RefusalReason};
use crate::server_text::ServerText;
use crate::spending::{OverCap, ReserveError};
use crate::standing::Standing;

/// Why a request was not paid, or did not get its answer.
///
/// [`may_have_paid`](Self::may_have_paid) tells whether money can be under way. Whenever it is, sending the same
/// request again sends the same payment again, never a second one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PaymentError {
    /// Such a request is not paid.
    #[error(transparent)]
    NotPayable(#[from] NotPayable),
    /// The request carries a payment header of the caller's.
    #[error("the request carries a payment header already; this client makes its own")]
    OwnPaymentHeader,
    /// The 402 answer came from another origin than the request went to: something followed a redirect.
    #[error(
        "the request was redirected to another origin, which asks for a payment; only the origin that was called is paid"
    )]
    RedirectedToSeller,
    /// The address of the server is not one that this client connects to.
    #[error(transparent)]
    AddressRefused(#[from] AddressRefused),
    /// The 402 answer cannot be read.
    #[error(transparent)]
    Challenge(#[from] ChallengeError),
    /// No offer of the seller is acceptable.
    #[error(transparent)]
    NoAcceptableOffer(#[from] NoAcceptableOffer),
    /// Nothing is paid from a channel.
    #[error(transparent)]
    Channel(Box<ChannelError>),
    /// The payment would break a cap.
    #[error(transparent)]
    OverCap(Box<OverCap>),
    /// The network would refuse the payment.
    #[error(transparent)]
    CannotPay(Box<CannotPay>),
    /// The Stellar RPC serves another network than the one that is configured.
    #[error(
        "the Stellar RPC serves the network {found}, and this client pays on {expected}; configure an RPC of that network"
    )]
    WrongNetwork {
        /// The network that is configured.
        expected: NetworkId,
        /// The network of the RPC.
        found: NetworkId,
    },
    /// The Stellar RPC did not answer.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The signer did not sign.
    #[error("the payment was not signed")]
    Sign(#[from] SignEntryError),
    /// A charge was not signed: its challenge expired in the meantime, or the signer did not sign.
    #[error(transparent)]
    SignCharge(Box<SignChargeError>),
    /// What the seller wants sent back is too long.
    #[error(
        "the payment header would have {bytes} bytes, which is too long; the server wants too much of its own sent back"
    )]
    HeaderTooLong {
        /// Its length.
        bytes: usize,
    },
    /// The operating system gave no random number for the nonce.
    #[error("the operating system gave no random number")]
    Random,
    /// The store did not answer: nothing is paid without it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A record in the store is damaged: nothing is paid until it is repaired.
    #[error(
        "a record of the payment store is damaged; nothing is paid with it until it is repaired or removed"
    )]
    Damaged(#[from] DamagedRecord),
    /// Others change the record of what was spent all the time.
    #[error("the record of what was spent is changed by others all the time; try again")]
    Contended,
    /// The payment's transaction is over without having moved anything.
    #[error(transparent)]
    NothingPaid(#[from] NothingPaid),
    /// The network does not take the payment's transaction now, which may yet change.
    #[error(transparent)]
    NotTaken(Box<NotTaken>),
    /// The seller refused a payment that was sent.
    #[error(transparent)]
    Refused(Box<Refused>),
    /// A payment was sent, and what became of it is not known.
    #[error(transparent)]
    OutcomeUnknown(Box<OutcomeUnknown>),
    /// The request failed before anything was paid.
    #[error(transparent)]
    Http(reqwest_middleware::Error),
}

/// The seller answered a paid request with 402. No second payment is made for it.
#[derive(Debug, thiserror::Error)]
#[error("the server refused the payment of {amount}{}; {standing}{}", Because(.reason.as_ref(), .message.as_ref()), Advice(.reason.as_ref()))]
pub struct Refused {
    /// What was authorized.
    pub amount: Amount,
    /// The reason code, when the seller gave one.
    pub reason: Option<RefusalReason>,
    /// The seller's words, when it gave any.
    pub message: Option<ServerText>,
    /// What is known about the money.
    pub standing: Standing,
}

/// The network did not take a transaction that the client submitted.
#[derive(Debug, thiserror::Error)]
#[error("the network does not take the transaction that pays {amount} ({code}); {standing}")]
pub struct NotTaken {
    /// What it pays.
    pub amount: Amount,
    /// Why not.
    pub code: ResultCode,
    /// What is known about the money.
    pub standing: Standing,
}

/// No usable answer came to a paid request.
#[derive(Debug, thiserror::Error)]
#[error("a payment of {amount} was sent {attempts} times, and {last}; {standing}")]
pub struct OutcomeUnknown {
    /// What was authorized.
    pub amount: Amount,
    /// How often the same payment was sent in this call.
    pub attempts: u32,
    /// What came last.
    pub last: LastAnswer,
    /// What is known about the money.
    pub standing: Standing,
    /// The last failure of the connection, if that was it.
    #[source]
    pub source: Option<reqwest_middleware::Error>,
}

/// The last thing that came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LastAnswer {
    /// This call sent nothing: the payment is past its time, or its channel is not asked for any more.
    #[error("it was not sent again")]
    NotSent,
    /// The transaction that the client submitted is not on the ledger yet, so that the request was not sent.
    #[error("its transaction has not landed yet")]
    NotLanded,
    /// The connection failed or the answer was cut short.
    #[error("the last answer was lost")]
    Lost,
    /// A status that asks for patience, or a failure of the server.
    #[error("the last answer was {0}")]
    Status(StatusCode),
    /// A redirect without a receipt, which is not followed with a payment.
    #[error("the server redirected the paid request ({0}), which is not followed")]
    Redirected(StatusCode),
}

impl LastAnswer {
    /// The answer's status, if one came.
    #[must_use]
    pub fn status(self) -> Option<StatusCode> {
        match self {
            Self::Status(status) | Self::Redirected(status) => Some(status),
            Self::NotSent | Self::NotLanded | Self::Lost => None,
        }
    }
}

impl PaymentError {
    /// The payment error inside an error of the HTTP client, if it is one.
    #[must_use]
    pub fn from_middleware(error: &reqwest_middleware::Error) -> Option<&Self> {
        match error {
            reqwest_middleware::Error::Middleware(error) => error.downcast_ref(),
            reqwest_middleware::Error::Reqwest(_) => None,
        }
    }

    /// Whether a payment was sent that the seller has taken or still can take.
    #[must_use]
    pub fn may_have_paid(&self) -> bool {
        matches!(
            self,
            Self::Refused(_) | Self::OutcomeUnknown(_) | Self::NotTaken(_)
        )
    }

    /// What is in the way of a channel, if that is what is wrong.
    pub(crate) fn channel(&self) -> Option<&ChannelError> {
        match self {
            Self::Channel(error) => Some(error),
            _ => None,
        }
    }

    pub(crate) fn into_middleware(self) -> reqwest_middleware::Error {
        match self {
            Self::Http(error) => error,
            error => reqwest_middleware::Error::middleware(error),
        }
    }
}

impl From<SignChargeError> for PaymentError {
    fn from(error: SignChargeError) -> Self {
        Self::SignCharge(Box::new(error))
    }
}

impl From<ChargeError> for PaymentError {
    fn from(error: ChargeError) -> Self {
        SignChargeError::Plan(error).into()
    }
}

impl From<JournalError> for PaymentError {
    fn from(error: JournalError) -> Self {
        match error {
            JournalError::Store(error) => Self::Store(error),
            JournalError::Damaged(error) => Self::Damaged(error),
        }
    }
}

impl From<ChannelError> for PaymentError {
    fn from(error: ChannelError) -> Self {
        Self::Channel(Box::new(error))
    }
}

impl From<ReserveError> for PaymentError {
    fn from(error: ReserveError) -> Self {
        match error {
            ReserveError::OverCap(over) => Self::OverCap(over),
            ReserveError::Store(error) => Self::Store(error),
            ReserveError::Damaged(error) => Self::Damaged(error),
            ReserveError::Contended => Self::Contended,
        }
    }
}
