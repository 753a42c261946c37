//! What is down on our side, when something is.

use std::error::Error;
use std::sync::Arc;

use coinslot_payment_store::StoreError;
use coinslot_soroban_authorization::TransactionHash;
use coinslot_stellar_ledger::{LedgerError, ResultCode};

use crate::{CallError, CallRefusal};

/// Why a payment could not be worked on. Not the fault of anyone who pays.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Outage {
    /// The Stellar RPC.
    #[error(transparent)]
    Ledger(Arc<LedgerError>),
    /// The payment store.
    #[error(transparent)]
    Store(Arc<StoreError>),
    /// A transaction of a sponsor's could not be signed.
    #[error("a sponsor's transaction could not be signed")]
    Signer(#[source] Arc<dyn Error + Send + Sync>),
    /// No sponsor can pay the fee.
    #[error("no sponsor account has enough XLM for the network fee; send XLM to the sponsors")]
    SponsorsEmpty,
    /// A sponsor's sequence number is never what it was just now.
    #[error(
        "the sponsors' sequence numbers change under our hands; does another program use the same accounts?"
    )]
    SequenceContended,
    /// The settlement transaction expired before a ledger took it.
    #[error(
        "no ledger took the settlement transaction in time; the network may be congested: raise the ceiling of the inclusion fee, or try again"
    )]
    NotIncluded,
    /// A call was not sent in time; it will not be.
    #[error(
        "the call could not be sent in time: the paying accounts, or the network, are too busy; try again, or add accounts"
    )]
    NotSent,
    /// A submitted payment is older than what the RPC remembers.
    #[error(
        "a submitted payment is older than the RPC remembers; configure an RPC with a longer history to learn its outcome"
    )]
    Forgotten,
    /// Another process took the claim over.
    #[error("another process took this payment over")]
    TakenOver,
    /// The stored state of a payment cannot be read.
    #[error("the stored state of the payment cannot be read; was it written by a newer version?")]
    UnreadableRecord,
    /// What is known of a channel is too old.
    #[error("what is known of the channel is too old to take money on its strength")]
    StaleFacts,
    /// There is no voucher to close a channel with.
    #[error("no voucher was ever accepted from the channel; only its funder can close it")]
    NoVoucher,
    /// A call of a contract was not sent.
    #[error("the contract call was refused: {0}")]
    Call(#[source] Arc<CallRefusal>),
    /// A call of a contract was sent, and its outcome is not known yet.
    #[error("the contract call {0} was sent, and it is not known yet what became of it")]
    CallUnknown(TransactionHash),
    /// A transaction of our own making was refused as malformed.
    #[error("the network refuses the settlement transaction: {0}")]
    Rejected(ResultCode),
}

impl Outage {
    pub(crate) fn signer(error: impl Error + Send + Sync + 'static) -> Self {
        Self::Signer(Arc::new(error))
    }
}

impl From<CallError> for Outage {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Refused(refusal) => Self::Call(Arc::new(refusal)),
            CallError::Unavailable(outage) => outage,
            CallError::Unknown { transaction, .. } => Self::CallUnknown(transaction),
        }
    }
}

impl From<LedgerError> for Outage {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(Arc::new(error))
    }
}

impl From<StoreError> for Outage {
    fn from(error: StoreError) -> Self {
        if error.is_conflict() {
            Self::TakenOver
        } else {
            Self::Store(Arc::new(error))
        }
    }
}
