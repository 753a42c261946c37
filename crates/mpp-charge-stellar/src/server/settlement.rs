//! "Pull Mode Settlement — Sponsored": the transaction is built anew.
//!
//! The draft copies the client's operation. What is copied here is the transfer and its one authorization entry; the
//! operation's source, the memo, the preconditions, the fee and the resources are not.

use coinslot_soroban_authorization::{Envelope, SorobanResources, Transfer, TransferTransaction};
use coinslot_stellar_address::AccountId;

use super::{Fault, Refusal, VerifiedSponsored, sponsored_flow_checks as sponsored};

/// A settlement transaction, before it is signed.
#[derive(Clone, Debug)]
pub struct SettlementPlan {
    transaction: TransferTransaction,
}

impl VerifiedSponsored {
    /// Plans the settlement by `sponsor`, whose next sequence number is `sequence`.
    ///
    /// `resources` are those of our own simulation, their fee included; `inclusion_fee_stroops` is added to it.
    /// `max_time`, in seconds since 1970, is when the transaction can no longer land.
    ///
    /// # Errors
    ///
    /// When the fee is above the ceiling, or the account is not one of the sponsors.
    pub fn settlement(
        &self,
        sponsor: AccountId,
        sequence: i64,
        resources: SorobanResources,
        inclusion_fee_stroops: u64,
        max_time: u64,
    ) -> Result<SettlementPlan, Refusal> {
        let charge = self.checked();
        let payer = *charge.payer();
        let rules = charge.rules();
        if !rules.sponsors.contains(&sponsor) {
            return Err(Fault::NotASponsor.by(payer));
        }
        let resource_fee = u64::try_from(resources.resource_fee()).unwrap_or(u64::MAX);
        let maximum = rules.max_fee_stroops.min(u64::from(u32::MAX));
        let fee = sponsored::fee_must_not_exceed_the_maximum(
            resource_fee,
            inclusion_fee_stroops,
            maximum,
        )
        .map_err(|fault| fault.by(payer))?;
        Ok(SettlementPlan {
            transaction: TransferTransaction {
                source: sponsor,
                sequence,
                fee: u32::try_from(fee).unwrap_or(u32::MAX),
                max_time: Some(max_time),
                transfer: *charge.transfer(),
                auth: vec![charge.entry().clone()],
                resources: Some(resources),
            },
        })
    }
}

impl SettlementPlan {
    /// The unsigned transaction.
    #[must_use]
    pub fn to_envelope(&self) -> Envelope {
        self.transaction.to_envelope()
    }

    /// The transaction's fee in stroops, resources and inclusion together. A fee bump around it costs more.
    #[must_use]
    pub const fn fee_stroops(&self) -> u32 {
        self.transaction.fee
    }

    /// The sponsor.
    #[must_use]
    pub const fn sponsor(&self) -> AccountId {
        self.transaction.source
    }

    /// The transfer.
    #[must_use]
    pub const fn transfer(&self) -> &Transfer {
        &self.transaction.transfer
    }
}
