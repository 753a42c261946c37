//! What happens at a gate, for logs, metrics and alarms.

use coinslot_payment_store::PaymentId;
use coinslot_settlement::Outage;
use http::StatusCode;

/// Something happened at a gate.
///
/// The hook given to [`GateBuilder::on_event`](crate::GateBuilder::on_event) is called in the
/// request's own task: it must be quick, and must not panic. No event holds a credential.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A request without payment was told the price.
    Offered,
    /// A credential could not be read (status 400), or its request was too large (413).
    Unreadable,
    /// A credential was refused before anything was claimed.
    Refused {
        /// The protocol's reason code.
        reason: &'a str,
    },
    /// A verified payment was claimed.
    Claimed {
        /// The payment.
        payment: &'a PaymentId,
    },
    /// A claim that an interrupted request left behind was taken over.
    TakenOver {
        /// The payment.
        payment: &'a PaymentId,
    },
    /// The money moved.
    Settled {
        /// The payment.
        payment: &'a PaymentId,
        /// The transaction's hash.
        transaction: &'a str,
    },
    /// The money did not move, and will not.
    SettlementFailed {
        /// The payment.
        payment: &'a PaymentId,
        /// The protocol's reason code.
        reason: &'a str,
    },
    /// It is not known yet whether the money moved.
    SettlementPending {
        /// The payment.
        payment: &'a PaymentId,
    },
    /// A facilitator that does not promise idempotent settlement refused to settle again a payment
    /// whose first try had an unknown outcome. The payment stays pending: someone must look.
    SettlementUnresolved {
        /// The payment.
        payment: &'a PaymentId,
    },
    /// The handler's answer to a paid request is on its way.
    Delivered {
        /// The payment.
        payment: &'a PaymentId,
        /// The answer's status.
        status: StatusCode,
        /// Whether the answer was recorded, to be given again.
        recorded: bool,
    },
    /// A further voucher pays for more of an answer that is paid for as it is produced.
    ToppedUp {
        /// The payment that it began with.
        payment: &'a PaymentId,
    },
    /// An answer that is paid for as it is produced has ended.
    StreamEnded {
        /// The payment that it began with.
        payment: &'a PaymentId,
        /// How many units were charged.
        units: u64,
        /// Whether that is durable. If not, all that was reserved counts as spent.
        durable: bool,
    },
    /// A recorded answer was given again.
    Replayed {
        /// The payment.
        payment: &'a PaymentId,
    },
    /// A payment was presented while its first request is in flight.
    InFlight {
        /// The payment.
        payment: &'a PaymentId,
    },
    /// A payment was presented that is used up, or that was made for another request.
    AlreadyUsed {
        /// The payment.
        payment: &'a PaymentId,
    },
    /// On a route that settles after the handler, the handler failed and nothing was charged.
    NotCharged {
        /// The payment.
        payment: &'a PaymentId,
        /// The handler's status.
        status: StatusCode,
    },
    /// The handler panicked or its service failed, on a request that was paid or verified.
    HandlerFailed {
        /// The payment.
        payment: &'a PaymentId,
    },
    /// The cap on unpaid runs is reached: payments are settled before the handler for now.
    UnpaidRunsCapped,
    /// Something that the gate needs did not answer (status 503).
    Unavailable {
        /// What did not answer.
        what: Dependency,
    },
    /// A paid answer went out, but could not be recorded.
    NotRecorded {
        /// The payment.
        payment: &'a PaymentId,
    },
}

/// What a gate depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dependency {
    /// The price function.
    Price,
    /// The payment store.
    Store,
    /// The facilitator.
    Facilitator,
    /// The ledger, which the gate asks itself about MPP charges.
    Ledger,
}

impl Dependency {
    /// What a voucher could not be taken without.
    pub(crate) const fn of(outage: &Outage) -> Self {
        match outage {
            Outage::Store(_) => Self::Store,
            _ => Self::Ledger,
        }
    }

    /// Its name: `price`, `store`, `facilitator` or `ledger`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Price => "price",
            Self::Store => "store",
            Self::Facilitator => "facilitator",
            Self::Ledger => "ledger",
        }
    }
}
