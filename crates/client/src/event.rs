//! What happens during a payment, for progress displays and logs.

use std::time::Duration;

use reqwest::StatusCode;

use crate::amount::Amount;
use crate::channel::ChannelError;
use crate::deadline::Deadline;
use crate::logical_request::RequestId;
use crate::receipt::PaymentReceipt;
use crate::terms::PaymentTerms;

/// A step of a payment. Nothing in it is secret.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum PaymentEvent {
    /// The seller asks for a payment.
    Challenge {
        /// The request.
        request: RequestId,
        /// The seller's host.
        host: String,
        /// How many ways of paying it offers.
        offers: usize,
    },
    /// The request's host may be paid from a channel, and none pays: the request is paid in another way, if that is allowed.
    NotFromChannel {
        /// The request.
        request: RequestId,
        /// What is in the way of a channel; `None` when the seller offers none that is taken, or another offer is preferred.
        why: Option<ChannelError>,
    },
    /// An offer fits the budget, its amount is reserved, and it is being signed.
    Signing {
        /// The request.
        request: RequestId,
        /// What is paid.
        amount: Amount,
        /// What is accepted: in which way, and to whom.
        terms: PaymentTerms,
    },
    /// The payment is signed, passed its simulation and is durable.
    Signed {
        /// The request.
        request: RequestId,
        /// The last moment at which it can be taken.
        until: Deadline,
    },
    /// The payment goes out: the request with it, or, where the client submits its transaction itself, that transaction.
    Paying {
        /// The request.
        request: RequestId,
        /// 1 for the first time; more when the same payment is sent again.
        attempt: u32,
    },
    /// The outcome is not known yet: the same payment will be sent again, or its transaction be looked up again.
    Confirming {
        /// The request.
        request: RequestId,
        /// The answer's status, or `None` when no answer came.
        status: Option<StatusCode>,
        /// How long until then.
        wait: Duration,
    },
    /// The answer is had.
    Paid {
        /// The request.
        request: RequestId,
        /// Its status.
        status: StatusCode,
    },
    /// The seller's receipt.
    Settled(Box<PaymentReceipt>),
}

impl PaymentEvent {
    /// The request that the step belongs to.
    #[must_use]
    pub fn request(&self) -> &RequestId {
        match self {
            Self::Challenge { request, .. }
            | Self::NotFromChannel { request, .. }
            | Self::Signing { request, .. }
            | Self::Signed { request, .. }
            | Self::Paying { request, .. }
            | Self::Confirming { request, .. }
            | Self::Paid { request, .. } => request,
            Self::Settled(receipt) => &receipt.request,
        }
    }
}

/// Called at every step, on the task that pays: it should return soon.
pub(crate) type EventHook = dyn Fn(&PaymentEvent) + Send + Sync;
