//! Finding out what became of a payment after its authorization expired.
//!
//! An authorization's nonce is kept on the ledger until its expiration only, so that afterwards its absence proves
//! nothing. The token's transfers between the two parties since it was signed do: none of this amount means that it
//! was never used, and the nonce inside a transaction tells payments of the same amount apart.

use coinslot_soroban_authorization::{
    Address, AuthEntry, Credential, TransactionHash, TransferEnvelope,
};
use coinslot_stellar_ledger::{LandedTransfer, Ledger, LedgerError, TransactionStatus};

use crate::journal::{Parties, Payment};

/// What became of an expired payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It was never taken, and can no longer be.
    Unused,
    /// It was taken in this transaction.
    Taken(TransactionHash),
    /// The ledger does not say.
    Unknown,
}

/// Whether the authorization can no longer be used, as seen from `latest`, with a margin for nodes that lag.
pub(crate) fn is_expired(payment: &Payment, latest: u32) -> bool {
    latest > payment.expiration_ledger.saturating_add(LAG_LEDGERS)
}

/// Looks for the payment on the ledger. Ask only after it expired.
pub(crate) async fn find(
    payment: &Payment,
    parties: Parties,
    ledger: &dyn Ledger,
) -> Result<Outcome, LedgerError> {
    let Parties {
        token,
        payer,
        payee,
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
    let amount = payment.accepted().amount.to_i128();
    let mut doubtful = false;
    for transfer in landed.iter().filter(|transfer| transfer.amount == amount) {
        match uses(payment, &payer, transfer, ledger).await? {
            Some(true) => return Ok(Outcome::Taken(transfer.transaction)),
            Some(false) => {}
            None => doubtful = true,
        }
    }
    Ok(if doubtful {
        Outcome::Unknown
    } else {
        Outcome::Unused
    })
}

/// Whether a transfer used this payment's authorization; `None` when its transaction does not tell.
async fn uses(
    payment: &Payment,
    payer: &Address,
    transfer: &LandedTransfer,
    ledger: &dyn Ledger,
) -> Result<Option<bool>, LedgerError> {
    let TransactionStatus::Succeeded { envelope, .. } =
        ledger.transaction(&transfer.transaction).await?
    else {
        return Ok(None);
    };
    let inner = envelope.inner().unwrap_or(envelope);
    let Ok(recognised) = TransferEnvelope::recognise(&inner) else {
        return Ok(None);
    };
    Ok(Some(
        recognised
            .auth
            .iter()
            .any(|entry| is_ours(entry, payer, payment.nonce)),
    ))
}

fn is_ours(entry: &AuthEntry, payer: &Address, ours: i64) -> bool {
    matches!(entry.credential(), Credential::Address { address, nonce, .. } if address == *payer && nonce == ours)
}

const LAG_LEDGERS: u32 = 2;
