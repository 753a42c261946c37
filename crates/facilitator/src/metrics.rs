//! What happened, counted for Prometheus.

use std::fmt;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use coinslot_settlement::{Outage, SettlementEvent, SettlementObserver, Status};
use coinslot_stellar_address::AccountId;
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

/// The counters of a facilitator; also the observer that fills them.
pub struct Metrics {
    registry: Mutex<Registry>,
    requests: Family<RequestLabels, Counter>,
    request_seconds: Family<EndpointLabels, Histogram>,
    verified: Counter,
    refused: Family<ReasonLabels, Counter>,
    claimed: Counter,
    submitted: Family<SubmissionLabels, Counter>,
    settlements: Family<OutcomeLabels, Counter>,
    settlement_seconds: Histogram,
    sponsor_wait_seconds: Histogram,
    fees: Counter,
    outages: Family<OutageLabels, Counter>,
    resumed: Counter,
    in_flight: Gauge,
    free_sponsors: Gauge,
    budget_spent: Gauge,
    balances: Family<AccountLabels, Gauge>,
    ledger: Gauge,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    endpoint: &'static str,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EndpointLabels {
    endpoint: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReasonLabels {
    reason: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SubmissionLabels {
    kind: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabels {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutageLabels {
    what: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct AccountLabels {
    account: String,
}

impl Metrics {
    /// Counters that stand at zero.
    #[must_use]
    pub fn new() -> Self {
        let seconds = || Histogram::new(exponential_buckets(0.005, 2.0, 15));
        let metrics = Self {
            registry: Mutex::new(Registry::with_prefix("coinslot_facilitator")),
            requests: Family::default(),
            request_seconds: Family::new_with_constructor(seconds),
            verified: Counter::default(),
            refused: Family::default(),
            claimed: Counter::default(),
            submitted: Family::default(),
            settlements: Family::default(),
            settlement_seconds: seconds(),
            sponsor_wait_seconds: seconds(),
            fees: Counter::default(),
            outages: Family::default(),
            resumed: Counter::default(),
            in_flight: Gauge::default(),
            free_sponsors: Gauge::default(),
            budget_spent: Gauge::default(),
            balances: Family::default(),
            ledger: Gauge::default(),
        };
        metrics.register();
        metrics
    }

    fn register(&self) {
        let mut registry = self.lock();
        let r = &mut *registry;
        r.register("requests", "Requests answered", self.requests.clone());
        r.register_with_unit(
            "request_duration",
            "How long requests took",
            Unit::Seconds,
            self.request_seconds.clone(),
        );
        r.register(
            "verified",
            "Payments verified without being settled",
            self.verified.clone(),
        );
        r.register(
            "refused",
            "Payments refused, nothing broadcast",
            self.refused.clone(),
        );
        r.register(
            "claimed",
            "Payments claimed to be settled",
            self.claimed.clone(),
        );
        r.register(
            "submitted",
            "Transactions submitted",
            self.submitted.clone(),
        );
        r.register(
            "settlements",
            "Settlements by outcome",
            self.settlements.clone(),
        );
        r.register_with_unit(
            "settlement_duration",
            "From the claim to the outcome",
            Unit::Seconds,
            self.settlement_seconds.clone(),
        );
        r.register_with_unit(
            "sponsor_wait",
            "How long payments waited for a sponsor",
            Unit::Seconds,
            self.sponsor_wait_seconds.clone(),
        );
        r.register(
            "fees_stroops",
            "Fees that were charged to sponsors",
            self.fees.clone(),
        );
        r.register(
            "outages",
            "Failures of what the facilitator depends on",
            self.outages.clone(),
        );
        r.register(
            "resumed",
            "Settlements taken up after a restart",
            self.resumed.clone(),
        );
        r.register("in_flight", "Settlements in flight", self.in_flight.clone());
        r.register(
            "free_sponsors",
            "Sponsors that wait for a payment",
            self.free_sponsors.clone(),
        );
        r.register(
            "budget_spent_stroops",
            "Fees spent or reserved in the last 24 hours",
            self.budget_spent.clone(),
        );
        r.register(
            "balance_stroops",
            "What the accounts that sign have",
            self.balances.clone(),
        );
        r.register(
            "ledger",
            "The newest ledger that the RPC knows",
            self.ledger.clone(),
        );
    }

    pub(crate) fn answered(&self, endpoint: &'static str, status: u16, took: Duration) {
        self.requests
            .get_or_create(&RequestLabels { endpoint, status })
            .inc();
        self.request_seconds
            .get_or_create(&EndpointLabels { endpoint })
            .observe(took.as_secs_f64());
    }

    /// All metrics in the OpenMetrics text format.
    pub(crate) fn encode(&self, status: &Status) -> Result<String, fmt::Error> {
        self.in_flight.set(saturated(status.in_flight));
        self.free_sponsors.set(saturated(status.free_sponsors));
        if let Some(stroops) = status.spent_today_stroops {
            self.budget_spent
                .set(i64::try_from(stroops).unwrap_or(i64::MAX));
        }
        if let Ok(latest) = &status.ledger {
            self.ledger.set(latest.sequence.into());
        }
        for sponsor in &status.sponsors {
            if let Some(stroops) = sponsor.balance_stroops {
                self.balance(&sponsor.account).set(stroops);
            }
        }
        let mut encoded = String::new();
        text::encode(&mut encoded, &self.lock())?;
        Ok(encoded)
    }

    fn balance(&self, account: &AccountId) -> impl std::ops::Deref<Target = Gauge> + '_ {
        self.balances.get_or_create(&AccountLabels {
            account: account.to_string(),
        })
    }

    fn outcome(&self, outcome: &'static str) {
        self.settlements
            .get_or_create(&OutcomeLabels { outcome })
            .inc();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SettlementObserver for Metrics {
    fn on_event(&self, event: &SettlementEvent<'_>) {
        match event {
            SettlementEvent::Verified => drop(self.verified.inc()),
            SettlementEvent::Refused { reason } => {
                let reason = reason.as_str().to_owned();
                self.refused.get_or_create(&ReasonLabels { reason }).inc();
            }
            SettlementEvent::Claimed => drop(self.claimed.inc()),
            SettlementEvent::SponsorLeased { waited, .. } => {
                self.sponsor_wait_seconds.observe(waited.as_secs_f64());
            }
            SettlementEvent::Submitted { raises_bid, .. } => {
                let kind = if *raises_bid { "raised" } else { "first" };
                self.submitted
                    .get_or_create(&SubmissionLabels { kind })
                    .inc();
            }
            SettlementEvent::Confirmed { ours, took, .. } => {
                self.outcome(if *ours {
                    "confirmed"
                } else {
                    "confirmed_by_others"
                });
                self.settlement_seconds.observe(took.as_secs_f64());
            }
            SettlementEvent::Failed { took, .. } => {
                self.outcome("failed");
                self.settlement_seconds.observe(took.as_secs_f64());
            }
            SettlementEvent::FeeCharged { stroops } => drop(self.fees.inc_by(*stroops)),
            SettlementEvent::AnsweredPending => self.outcome("answered_pending"),
            SettlementEvent::Resumed => drop(self.resumed.inc()),
            SettlementEvent::SponsorEmpty { .. } => self.outage("sponsor_empty"),
            SettlementEvent::Outage(outage) => self.outage(kind(outage)),
            _ => {}
        }
        log(event);
    }
}

impl Metrics {
    fn outage(&self, what: &'static str) {
        self.outages.get_or_create(&OutageLabels { what }).inc();
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

fn kind(outage: &Outage) -> &'static str {
    match outage {
        Outage::Ledger(_) => "ledger",
        Outage::Store(_) => "store",
        Outage::Signer(_) => "signer",
        Outage::SponsorsEmpty => "sponsors_empty",
        Outage::SequenceContended => "sequence_contended",
        Outage::NotIncluded => "not_included",
        Outage::Forgotten => "forgotten",
        _ => "other",
    }
}

/// The same in the log, in the span of the request that caused it.
fn log(event: &SettlementEvent<'_>) {
    match event {
        SettlementEvent::Refused { reason } => tracing::info!(%reason, "payment refused"),
        SettlementEvent::SponsorLeased { sponsor, waited } => {
            tracing::debug!(%sponsor, waited_ms = waited.as_millis(), "sponsor leased");
        }
        SettlementEvent::SponsorEmpty { sponsor } => {
            tracing::error!(%sponsor, "the sponsor cannot pay a fee; send it XLM");
        }
        SettlementEvent::Submitted {
            transaction,
            fee_stroops,
            raises_bid,
        } => {
            tracing::info!(%transaction, fee_stroops, raises_bid, "transaction submitted");
        }
        SettlementEvent::Confirmed {
            transaction,
            ours,
            took,
        } => {
            tracing::info!(%transaction, ours, took_ms = took.as_millis(), "payment confirmed");
        }
        SettlementEvent::Failed { reason, took } => {
            tracing::warn!(%reason, took_ms = took.as_millis(), "payment failed");
        }
        SettlementEvent::AnsweredPending => tracing::info!("payment answered as pending"),
        SettlementEvent::Resumed => tracing::info!("payment taken up again"),
        SettlementEvent::Outage(outage) => tracing::error!(%outage, "outage"),
        _ => {}
    }
}

fn saturated(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
