//! A charge on its way: verified, settled, and what came of it for the state machine.

use std::sync::{Arc, Mutex, PoisonError};

use coinslot_mpp_charge_stellar::{CheckedCharge, Identity};
use coinslot_mpp_wire::{Receipt as WireReceipt, Timestamp};
use coinslot_payment_store::PaymentId;
use coinslot_settlement::{ChargeError, ChargeRefusal, ChargeSettlement, VerifiedCharge};
use serde::{Deserialize, Serialize};

use super::credential::reason;
use crate::credential::{Outcome, Receipt, Verdict};
use crate::event::{Dependency, Event};
use crate::reason::Reason;
use crate::shared::Shared;

/// A checked charge.
pub(crate) struct Charge {
    checked: CheckedCharge,
    external_id: Option<String>,
    /// What verifying it gave, until it is settled.
    verified: Mutex<Option<VerifiedCharge>>,
}

/// What a buyer is told about an MPP payment, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MppReceipt {
    /// There is none for a charge that failed.
    receipt: Option<WireReceipt>,
    /// Why it failed.
    failure: Option<Failure>,
    transaction: Option<String>,
    /// The ids under which the same money could be presented again, needed once.
    #[serde(skip)]
    aliases: Vec<PaymentId>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Failure {
    code: String,
    sentence: String,
}

impl Charge {
    pub(super) const fn new(checked: CheckedCharge, external_id: Option<String>) -> Self {
        Self {
            checked,
            external_id,
            verified: Mutex::new(None),
        }
    }

    /// Asks the network whether the charge is good.
    pub(crate) async fn verify(&self, shared: &Shared) -> Verdict {
        let Some(charges) = shared.charges() else {
            return Verdict::Unavailable;
        };
        match charges.verify(&self.checked).await {
            Ok(verified) => {
                // Whichever of its hashes was presented, a payment is claimed under one id.
                let id = verified
                    .looked_up()
                    .and_then(|identity| ids(identity).into_iter().next());
                *self.verified.lock().unwrap_or_else(PoisonError::into_inner) = Some(verified);
                Verdict::Valid(id)
            }
            Err(ChargeError::Refused(refusal)) => Verdict::Refused(told(&refusal)),
            Err(ChargeError::Unavailable(outage)) => {
                tracing::warn!(error = %outage, "a charge could not be verified");
                unavailable(shared);
                Verdict::Unavailable
            }
        }
    }

    /// Has the charge settled.
    pub(crate) async fn settle(self: Arc<Self>, shared: Arc<Shared>, purchase: String) -> Outcome {
        let Some(charges) = shared.charges() else {
            return Outcome::NotSent;
        };
        let verified = self
            .verified
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let settled = charges.settle(&self.checked, verified, &purchase);
        match settled.await {
            Ok(ChargeSettlement::Confirmed {
                transaction,
                identity,
            }) => match Timestamp::from_unix_seconds(shared.clock.now().as_seconds()) {
                Ok(now) => Outcome::Confirmed(Receipt::Mpp(self.receipt(
                    &transaction.to_string(),
                    &identity,
                    now,
                ))),
                Err(_) => Outcome::Pending {
                    transaction: Some(transaction.to_string()),
                    retry_after_seconds: 1,
                },
            },
            Ok(ChargeSettlement::Failed {
                refusal,
                transaction,
            }) => {
                let Reason { code, sentence } = told(&refusal);
                let failure = Failure {
                    code: code.into_owned(),
                    sentence: sentence.into_owned(),
                };
                Outcome::Failed(Receipt::Mpp(MppReceipt {
                    receipt: None,
                    failure: Some(failure),
                    transaction: transaction.map(|hash| hash.to_string()),
                    aliases: Vec::new(),
                }))
            }
            Ok(ChargeSettlement::Pending {
                transaction,
                retry_after_seconds,
            }) => Outcome::Pending {
                transaction: transaction.map(|hash| hash.to_string()),
                retry_after_seconds,
            },
            Err(outage) => {
                tracing::warn!(error = %outage, "a charge could not be settled");
                unavailable(&shared);
                Outcome::NotSent
            }
        }
    }

    pub(crate) const fn is_push(&self) -> bool {
        matches!(self.checked, CheckedCharge::Push(_))
    }

    fn receipt(&self, transaction: &str, identity: &Identity, now: Timestamp) -> MppReceipt {
        let receipt = WireReceipt::new("stellar", transaction, now);
        let mut aliases = ids(identity);
        aliases.push(PaymentId::transaction(&identity.network_id, transaction));
        aliases.sort_unstable();
        aliases.dedup();
        MppReceipt {
            receipt: Some(match &self.external_id {
                Some(external_id) => receipt.with_external_id(external_id.clone()),
                None => receipt,
            }),
            failure: None,
            transaction: Some(transaction.to_owned()),
            aliases,
        }
    }
}

impl MppReceipt {
    /// The receipt of a payment that holds, and is consumed under no other id.
    pub(super) const fn of(receipt: WireReceipt) -> Self {
        Self {
            receipt: Some(receipt),
            failure: None,
            transaction: None,
            aliases: Vec::new(),
        }
    }

    pub(crate) const fn receipt(&self) -> Option<&WireReceipt> {
        self.receipt.as_ref()
    }

    pub(crate) fn transaction(&self) -> Option<&str> {
        self.transaction.as_deref()
    }

    pub(crate) fn aliases(&self) -> &[PaymentId] {
        &self.aliases
    }

    pub(crate) fn reason(&self) -> Reason {
        match &self.failure {
            Some(Failure { code, sentence }) => Reason::new(code.clone(), sentence.clone()),
            None => Reason::ALREADY_USED,
        }
    }
}

/// The ids of a payment, the one to claim it under first: its authorization's, or its transaction's.
pub(super) fn ids(identity: &Identity) -> Vec<PaymentId> {
    let network = &identity.network_id;
    let nonce = identity
        .authorization
        .iter()
        .map(|(payer, nonce)| PaymentId::authorization(network, &payer.to_string(), *nonce));
    let hashes = identity
        .hashes
        .iter()
        .map(|hash| PaymentId::transaction(network, &hash.to_string()));
    nonce.chain(hashes).collect()
}

fn told(refusal: &ChargeRefusal) -> Reason {
    reason(refusal.kind, refusal.kind.because(&refusal.why))
}

fn unavailable(shared: &Shared) {
    shared.emit(&Event::Unavailable {
        what: Dependency::Ledger,
    });
}
