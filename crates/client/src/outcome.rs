//! Finding out what became of a payment.
//!
//! An authorization's nonce is kept on the ledger until its expiration only, so that afterwards its absence proves
//! nothing; and a transaction is remembered by nodes for some time only. The token's transfers between the two parties
//! since it was signed do: none of this amount means that it was never used, and what is inside a transaction tells
//! payments of the same amount apart.

use coinslot_caip2_network::NetworkId;
use coinslot_soroban_authorization::{
    AuthEntry, Credential, Envelope, TransactionHash, TransferEnvelope,
};
use coinslot_stellar_address::Address;
use coinslot_stellar_ledger::{
    LandedTransfer, LatestLedger, Ledger, LedgerError, ResultCode, TransactionStatus,
};

use crate::deadline::Deadline;
use crate::identity::PaymentIdentity;
use crate::journal::{Parties, Payment};

/// What became of a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It was never made, and can no longer be.
    Void(NothingPaid),
    /// It was taken in this transaction.
    Taken(TransactionHash),
    /// The ledger does not say, or not yet.
    Unknown,
}

/// Why a payment that was signed is over without having been made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NothingPaid {
    /// Its time was over before it was used. It cost nothing.
    #[error("the payment did not reach the ledger in time; nothing was paid")]
    Expired,
    /// Its transaction landed and failed.
    #[error(
        "the payment's transaction failed on the network ({0}); nothing was paid but its network fee"
    )]
    Failed(ResultCode),
}

/// Looks for the payment on the ledger, whose latest one is `latest`, if that is known.
pub(crate) async fn find(
    payment: &Payment,
    parties: Parties,
    latest: Option<LatestLedger>,
    network: NetworkId,
    ledger: &dyn Ledger,
) -> Result<Outcome, LedgerError> {
    if let PaymentIdentity::Transaction(hash) = parties.identity {
        match ledger.transaction(&hash).await? {
            TransactionStatus::Succeeded { .. } => return Ok(Outcome::Taken(hash)),
            TransactionStatus::Failed { code, .. } => {
                return Ok(Outcome::Void(NothingPaid::Failed(code)));
            }
            TransactionStatus::NotFound => {}
        }
    }
    if latest.is_none_or(|latest| !is_past(payment.deadline(), latest)) {
        return Ok(Outcome::Unknown);
    }
    find_among_transfers(payment, parties, network, ledger).await
}

/// Whether what was signed can no longer be used, as seen from `latest`, with a margin for nodes that lag.
fn is_past(deadline: Deadline, latest: LatestLedger) -> bool {
    match deadline {
        Deadline::ChannelClose => false,
        Deadline::Ledger(last) => latest.sequence > last.saturating_add(LAG_LEDGERS),
        Deadline::Time(last) => latest
            .close_time
            .is_some_and(|closed| closed > last.saturating_add(LAG_SECONDS)),
    }
}

async fn find_among_transfers(
    payment: &Payment,
    parties: Parties,
    network: NetworkId,
    ledger: &dyn Ledger,
) -> Result<Outcome, LedgerError> {
    let Parties {
        token,
        payer,
        payee,
        ..
    } = parties;
    let account = payee.account_key().map_or(payee, Address::Account);
    let landed = match ledger
        .transfers(&token, &payer, &account, payment.signed_at_ledger)
        .await
    {
        Ok(landed) => landed,
        Err(LedgerError::OutOfRange(_)) => return Ok(Outcome::Unknown),
        Err(error) => return Err(error),
    };
    let amount = payment.terms.amount.to_i128();
    let mut doubtful = false;
    for transfer in landed.iter().filter(|transfer| transfer.amount == amount) {
        match is_made_in(parties, transfer, network, ledger).await? {
            Some(true) => return Ok(Outcome::Taken(transfer.transaction)),
            Some(false) => {}
            None => doubtful = true,
        }
    }
    Ok(if doubtful {
        Outcome::Unknown
    } else {
        Outcome::Void(NothingPaid::Expired)
    })
}

/// Whether a transfer is this payment; `None` when its transaction does not tell.
async fn is_made_in(
    parties: Parties,
    transfer: &LandedTransfer,
    network: NetworkId,
    ledger: &dyn Ledger,
) -> Result<Option<bool>, LedgerError> {
    let status = ledger.transaction(&transfer.transaction).await?;
    let TransactionStatus::Succeeded { envelope, .. } = status else {
        return Ok(None);
    };
    Ok(match parties.identity {
        PaymentIdentity::Transaction(ours) => Some(envelope.inner_hash(&network) == ours),
        PaymentIdentity::Nonce(ours) => uses(envelope, &parties.payer, ours),
        PaymentIdentity::Voucher { .. } => None,
    })
}

/// Whether a transaction uses the payer's authorization with this nonce.
fn uses(envelope: Envelope, payer: &Address, nonce: i64) -> Option<bool> {
    let inner = envelope.inner().unwrap_or(envelope);
    let transfer = TransferEnvelope::recognise(&inner).ok()?;
    let is_ours = |entry: &AuthEntry| matches!(entry.credential(), Credential::Address { address, nonce: its, .. } if address == *payer && its == nonce);
    Some(transfer.auth.iter().any(is_ours))
}

const LAG_LEDGERS: u32 = 2;
const LAG_SECONDS: u64 = 10;
