//! Push: the payer has submitted the transaction. It is looked up once.

use coinslot_mpp_charge_stellar::{CheckedPush, LandedFacts, VerifiedPush};
use coinslot_stellar_ledger::TransactionStatus;

use super::{ChargeError, Charges};

impl Charges {
    pub(super) async fn look_up(&self, charge: &CheckedPush) -> Result<VerifiedPush, ChargeError> {
        let landed = match self.ledger.transaction(&charge.hash()).await? {
            TransactionStatus::NotFound => LandedFacts::NotFound,
            TransactionStatus::Failed { .. } => LandedFacts::Failed,
            TransactionStatus::Succeeded {
                close_time,
                envelope,
                events,
                ..
            } => LandedFacts::Succeeded {
                // Without a time it cannot be told from one that is older than the challenge.
                close_time: close_time.unwrap_or(0),
                envelope,
                events,
            },
        };
        Ok(charge.clone().verify(&landed)?)
    }
}
