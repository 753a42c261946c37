//! A payment credential as the state machine sees it, whatever its protocol.

use std::sync::Arc;

use coinslot_caip2_network::NetworkId;
use coinslot_payment_store::PaymentId;
use coinslot_x402_wire::{FacilitatorRequest, SettleResponse};
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use tokio::time::timeout;
use tracing::Instrument;

use crate::event::{Dependency, Event};
use crate::fingerprint::Fingerprint;
use crate::mpp::settle::{Charge, MppReceipt};
use crate::reason::Reason;
use crate::shared::Shared;
use crate::{Payment, mpp, x402};

/// A decoded credential.
pub(crate) struct Credential {
    /// The payment, not settled yet.
    pub(crate) payment: Payment,
    /// The network on which the payment's other ids live.
    pub(crate) network_id: NetworkId,
    /// The credential's text.
    pub(crate) fingerprint: Fingerprint,
    /// Whether it accepts what this route offers at this moment, in every field.
    pub(crate) bound: Result<(), Reason>,
    pub(crate) door: Door,
}

/// What a protocol needs in order to verify and settle.
pub(crate) enum Door {
    X402(Arc<FacilitatorRequest>),
    /// None for one that answers no challenge of this route, whatever the time.
    Charge(Option<Arc<Charge>>),
}

/// What came of verifying.
pub(crate) enum Verdict {
    /// It is good. With the payment's own id, where that is known only now.
    Valid(Option<PaymentId>),
    Refused(Reason),
    Unavailable,
}

/// What came of settling.
pub(crate) enum Outcome {
    /// The money moved.
    Confirmed(Receipt),
    /// The money did not move.
    Failed(Receipt),
    /// Not known yet.
    Pending {
        transaction: Option<String>,
        retry_after_seconds: u32,
    },
    /// The facilitator was not reached: nothing can have happened.
    NotSent,
}

impl Credential {
    pub(crate) fn id(&self) -> &PaymentId {
        &self.payment.id
    }

    /// Asks whether the payment is good, within the gate's patience.
    pub(crate) async fn verify(&self, shared: &Shared) -> Verdict {
        let verdict = async {
            match &self.door {
                Door::X402(request) => {
                    x402::facilitate::verify(shared, request, &self.payment).await
                }
                Door::Charge(Some(charge)) => charge.verify(shared).await,
                Door::Charge(None) => Verdict::Unavailable,
            }
        };
        match timeout(shared.facilitator_timeout, verdict).await {
            Ok(verdict) => verdict,
            Err(_) => {
                shared.emit(&Event::Unavailable {
                    what: self.dependency(),
                });
                Verdict::Unavailable
            }
        }
    }

    /// Has the payment settled. When the gate's patience ends, the settlement goes on without it.
    pub(crate) async fn settle(&self, shared: &Arc<Shared>, purchase: &str) -> Outcome {
        let (shared_too, purchase) = (Arc::clone(shared), purchase.to_owned());
        let settling = match &self.door {
            Door::X402(request) => {
                let request = FacilitatorRequest::clone(request).with_idempotency_key(purchase);
                let outcome = x402::facilitate::settle(shared_too, Arc::new(request));
                tokio::spawn(outcome.in_current_span())
            }
            Door::Charge(Some(charge)) => {
                let outcome = Arc::clone(charge).settle(shared_too, purchase);
                tokio::spawn(outcome.in_current_span())
            }
            Door::Charge(None) => return UNKNOWN,
        };
        match timeout(shared.facilitator_timeout, settling).await {
            Ok(Ok(outcome)) => outcome,
            // Too slow, or it panicked: nobody knows how far it came.
            Ok(Err(_)) | Err(_) => {
                shared.emit(&Event::Unavailable {
                    what: self.dependency(),
                });
                UNKNOWN
            }
        }
    }

    /// Whether the money has moved before the payment is claimed.
    pub(crate) fn has_paid(&self) -> bool {
        matches!(&self.door, Door::Charge(Some(charge)) if charge.is_push())
    }

    const fn dependency(&self) -> Dependency {
        match self.door {
            Door::X402(_) => Dependency::Facilitator,
            Door::Charge(_) => Dependency::Ledger,
        }
    }

    /// Whether settling twice is as good as settling once.
    pub(crate) fn settles_idempotently(&self, shared: &Shared) -> bool {
        match &self.door {
            Door::X402(_) => shared
                .kinds
                .as_ref()
                .is_some_and(|kinds| kinds.idempotent_settlement),
            Door::Charge(_) => true,
        }
    }
}

/// What the buyer is told about the settlement, in its protocol's own form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Receipt {
    X402(SettleResponse),
    Mpp(MppReceipt),
}

impl Receipt {
    /// Adds the receipt to an answer's headers.
    pub(crate) fn write(&self, headers: &mut HeaderMap) {
        match self {
            Self::X402(response) => x402::headers::write_receipt(response, headers),
            Self::Mpp(told) => {
                if let Some(receipt) = told.receipt() {
                    mpp::headers::write_receipt(receipt, headers);
                }
            }
        }
    }

    /// The transaction's hash, if one was broadcast.
    pub(crate) fn transaction(&self) -> Option<&str> {
        match self {
            Self::X402(response) => Some(response.transaction.as_str()),
            Self::Mpp(receipt) => receipt.transaction(),
        }
        .filter(|hash| !hash.is_empty())
    }

    /// Why the settlement failed.
    pub(crate) fn reason(&self) -> Reason {
        match self {
            Self::X402(response) => x402::facilitate::failure(response),
            Self::Mpp(receipt) => receipt.reason(),
        }
    }

    /// The ids beside the payment's own under which the same money could be presented again.
    pub(crate) fn aliases(&self, network: &NetworkId, payment: &PaymentId) -> Vec<PaymentId> {
        if let Self::Mpp(charge) = self {
            let others = charge.aliases().iter().filter(|alias| *alias != payment);
            return others.cloned().collect();
        }
        self.transaction()
            .filter(|hash| hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .map(|hash| PaymentId::transaction(network, hash))
            .into_iter()
            .collect()
    }
}

/// Nobody knows how far it came.
const UNKNOWN: Outcome = Outcome::Pending {
    transaction: None,
    retry_after_seconds: RETRY_SECONDS,
};
const RETRY_SECONDS: u32 = 2;
