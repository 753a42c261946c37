//! "Events showing only the expected balance changes: a decrease of `amount` for the payer and an increase of `amount`
//! for the recipient. Any other balance change MUST cause verification to fail."

use core::fmt;

use coinslot_soroban_authorization::{ContractEvent, Transfer, TransferEvent};

/// How the events of a transaction differ from those of the one transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventFault {
    /// There is no event of a transfer.
    NoTransfer,
    /// There is more than one.
    SeveralTransfers,
    /// A contract tells of something else, which may be a balance change of any kind.
    NotATransfer,
    /// A transfer that no contract, or another contract than the token's, tells of.
    OtherContract,
    /// The payer is another.
    OtherPayer,
    /// The payee is another.
    OtherPayee,
    /// The amount is another.
    OtherAmount,
}

/// The contracts tell of exactly one thing: the transfer.
pub(super) fn must_be_the_transfer_only(
    events: &[ContractEvent],
    transfer: &Transfer,
) -> Result<(), EventFault> {
    let mut told = None;
    for event in events.iter().filter(|event| event.is_contract_type()) {
        if event.contract() != Some(transfer.token) {
            return Err(EventFault::OtherContract);
        }
        let moved = event.as_transfer().ok_or(EventFault::NotATransfer)?;
        if told.replace(moved).is_some() {
            return Err(EventFault::SeveralTransfers);
        }
    }
    must_be_the_transfer(&told.ok_or(EventFault::NoTransfer)?, transfer)
}

fn must_be_the_transfer(event: &TransferEvent, transfer: &Transfer) -> Result<(), EventFault> {
    if event.from != transfer.from {
        return Err(EventFault::OtherPayer);
    }
    if event.to != transfer.to {
        return Err(EventFault::OtherPayee);
    }
    if event.amount != transfer.amount {
        return Err(EventFault::OtherAmount);
    }
    Ok(())
}

impl fmt::Display for EventFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoTransfer => "no transfer",
            Self::SeveralTransfers => "more than one transfer",
            Self::NotATransfer => "something other than a transfer",
            Self::OtherContract => "a transfer of another token",
            Self::OtherPayer => "a transfer from somebody else",
            Self::OtherPayee => "a transfer to somebody else",
            Self::OtherAmount => "a transfer of another amount",
        })
    }
}
