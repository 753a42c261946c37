//! Finds a payment on the chain, whoever submitted it.
//!
//! A signed authorization entry is public once it was sent: anyone can put it into a transaction.
//! The payee is paid all the same, so such a payment counts as settled, provided that it landed
//! after our claim: what was on the chain before it was presented to us is not a payment to us.

use coinslot_soroban_authorization::{
    AuthEntry, ContractEvent, Credential, Envelope, InvocationEnvelope, TransactionHash, Transfer,
};
use coinslot_stellar_address::Address;
use coinslot_stellar_ledger::{LedgerError, TransactionStatus, UnavailableReason};

use super::Engine;
use crate::record::SettlementRecord;

/// A payment that is on the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Landed {
    pub(super) transaction: TransactionHash,
    pub(super) ledger: u32,
}

impl Engine {
    /// The transaction that spent the payment's nonce for the payment's terms, if it landed after
    /// our claim.
    pub(super) async fn find_landed(
        &self,
        record: &SettlementRecord,
    ) -> Result<Option<Landed>, LedgerError> {
        let terms = &record.terms;
        let first = record.claimed_ledger.saturating_add(1);
        let transfers = self
            .ledger
            .transfers(&terms.token, &terms.from, &terms.to, first)
            .await?;
        for found in transfers {
            if found.amount != terms.amount || found.ledger <= record.claimed_ledger {
                continue;
            }
            let (ledger, envelope, events) =
                match self.ledger.transaction(&found.transaction).await? {
                    TransactionStatus::Succeeded {
                        ledger,
                        envelope,
                        events,
                        ..
                    } => (ledger, envelope, events),
                    TransactionStatus::Failed { .. } => continue,
                    // One node told of it and another does not know it: it may be the payment.
                    TransactionStatus::NotFound => {
                        return Err(LedgerError::unavailable(UnavailableReason::Behind {
                            latest: found.ledger.saturating_sub(1),
                            seen: found.ledger,
                        }));
                    }
                };
            if ledger > record.claimed_ledger
                && spends(&envelope, record)
                && tells_of(&events, &terms.transfer())
            {
                return Ok(Some(Landed {
                    transaction: found.transaction,
                    ledger,
                }));
            }
        }
        Ok(None)
    }
}

/// Whether the one authorization of the payer in the transaction is the payment's: its nonce, its
/// transfer. With a second one of the same payer it would not be certain which of them was used.
fn spends(envelope: &Envelope, record: &SettlementRecord) -> bool {
    let inner = envelope.inner();
    let Ok(invocation) = InvocationEnvelope::recognise(inner.as_ref().unwrap_or(envelope)) else {
        return false;
    };
    let payer = record.terms.from;
    let caller = invocation.operation_source().unwrap_or(invocation.source());
    let mut of_payer = invocation
        .auth()
        .iter()
        .filter(|entry| match entry.credential() {
            Credential::Address { address, .. } => address == payer,
            Credential::SourceAccount => caller.account_key() == payer.account_key(),
            Credential::Unsupported => true,
        });
    match (of_payer.next(), of_payer.next()) {
        (Some(entry), None) => authorizes(entry, record),
        _ => false,
    }
}

fn authorizes(entry: &AuthEntry, record: &SettlementRecord) -> bool {
    let Credential::Address { address, nonce, .. } = entry.credential() else {
        return false;
    };
    address == record.terms.from
        && nonce == record.nonce
        && entry.transfer() == Some(record.terms.transfer())
        && !entry.has_sub_invocations()
}

/// Whether the token tells of exactly this transfer and of no other: a token that succeeds without
/// moving anything has not paid anyone.
pub(crate) fn moved(events: &[ContractEvent], transfer: &Transfer) -> bool {
    let of_token = |event: &&ContractEvent| event.contract() == Some(transfer.token);
    events.iter().filter(of_token).count() == 1 && tells_of(events, transfer)
}

/// Whether the token tells of this transfer, perhaps among others.
fn tells_of(events: &[ContractEvent], transfer: &Transfer) -> bool {
    events
        .iter()
        .filter_map(ContractEvent::as_transfer)
        .any(|event| {
            event.contract == transfer.token
                && event.from == transfer.from
                && same_holder(&event.to, &transfer.to)
                && event.amount == transfer.amount
        })
}

/// A muxed payee may be told with or without the id beside the account.
fn same_holder(told: &Address, asked: &Address) -> bool {
    told == asked || (told.account_key().is_some() && told.account_key() == asked.account_key())
}
