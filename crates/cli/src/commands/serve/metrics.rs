//! What happened, counted for Prometheus, and how the channels stand.

use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use coinslot_server::Event;
use coinslot_settlement::{ChannelEvent, ChannelStatus, Channels};
use coinslot_usdc_amount::BaseUnits;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

use crate::channel_events;
use crate::exit::Failure;

/// The counters of a server.
pub(super) struct Metrics {
    registry: Mutex<Registry>,
    events: Family<EventLabels, Counter>,
    channel_events: Family<EventLabels, Counter>,
    accepted: Family<ChannelLabels, Gauge>,
    spent: Family<ChannelLabels, Gauge>,
    withdrawn: Family<ChannelLabels, Gauge>,
    exposure: Family<ChannelLabels, Gauge>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EventLabels {
    event: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ChannelLabels {
    channel: String,
}

impl Metrics {
    /// Counters that stand at zero.
    pub(super) fn new() -> Self {
        let metrics = Self {
            registry: Mutex::new(Registry::with_prefix("coinslot")),
            events: Family::default(),
            channel_events: Family::default(),
            accepted: Family::default(),
            spent: Family::default(),
            withdrawn: Family::default(),
            exposure: Family::default(),
        };
        metrics.register();
        metrics
    }

    fn register(&self) {
        let mut registry = self.lock();
        registry.register(
            "gate_events",
            "What happened at the gate",
            self.events.clone(),
        );
        registry.register(
            "channel_events",
            "What happened to channels",
            self.channel_events.clone(),
        );
        for (name, help, family) in [
            (
                "channel_accepted_base_units",
                "The amount of a channel's highest voucher",
                &self.accepted,
            ),
            (
                "channel_spent_base_units",
                "What was paid for from a channel",
                &self.spent,
            ),
            (
                "channel_withdrawn_base_units",
                "What is withdrawn from a channel",
                &self.withdrawn,
            ),
            (
                "channel_exposure_base_units",
                "What would be lost if a channel were refunded now",
                &self.exposure,
            ),
        ] {
            registry.register(name, help, family.clone());
        }
    }

    /// Counts what happened at the gate.
    pub(super) fn count(&self, event: &Event<'_>) {
        let event = match event {
            Event::Offered => "offered",
            Event::Unreadable => "unreadable",
            Event::Refused { .. } => "refused",
            Event::Claimed { .. } => "claimed",
            Event::TakenOver { .. } => "taken_over",
            Event::Settled { .. } => "settled",
            Event::SettlementFailed { .. } => "settlement_failed",
            Event::SettlementPending { .. } => "settlement_pending",
            Event::SettlementUnresolved { .. } => "settlement_unresolved",
            Event::Delivered { .. } => "delivered",
            Event::Replayed { .. } => "replayed",
            Event::InFlight { .. } => "in_flight",
            Event::AlreadyUsed { .. } => "already_used",
            Event::NotCharged { .. } => "not_charged",
            Event::HandlerFailed { .. } => "handler_failed",
            Event::UnpaidRunsCapped => "unpaid_runs_capped",
            Event::Unavailable { .. } => "unavailable",
            Event::NotRecorded { .. } => "not_recorded",
            _ => "other",
        };
        self.events.get_or_create(&EventLabels { event }).inc();
    }

    /// Counts what happened to a channel.
    pub(super) fn count_channel(&self, event: &ChannelEvent<'_>) {
        let event = channel_events::name(event);
        self.channel_events
            .get_or_create(&EventLabels { event })
            .inc();
    }

    /// All metrics in the OpenMetrics text format. Channels that are over are no longer in it.
    fn encode(&self, statuses: &[ChannelStatus]) -> Result<String, fmt::Error> {
        let registry = self.lock();
        let families = [&self.accepted, &self.spent, &self.withdrawn, &self.exposure];
        families.into_iter().for_each(Family::clear);
        for status in statuses {
            let labels = ChannelLabels {
                channel: status.channel.to_string(),
            };
            let values = [
                status.accepted,
                status.spent,
                status.withdrawn,
                status.exposure,
            ];
            for (family, value) in families.into_iter().zip(values) {
                family.get_or_create(&labels).set(saturated(value));
            }
        }
        let mut encoded = String::new();
        text::encode(&mut encoded, &registry)?;
        Ok(encoded)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Answers Prometheus until it is dropped.
pub(super) struct MetricsListener {
    url: String,
    task: AbortHandle,
}

impl MetricsListener {
    pub(super) async fn open(
        address: SocketAddr,
        metrics: Arc<Metrics>,
        channels: Option<Channels>,
    ) -> Result<Self, Failure> {
        let failed = |error: std::io::Error| {
            Failure::configuration(format!(
                "--metrics-listen: cannot listen on {address}: {error}; is another program using it?"
            ))
        };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let url = format!("http://{}/metrics", listener.local_addr().map_err(failed)?);
        let router = Router::new()
            .route("/metrics", get(answer))
            .with_state((metrics, channels));
        let task = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "the metrics are no longer served");
            }
        });
        Ok(Self {
            url,
            task: task.abort_handle(),
        })
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for MetricsListener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(
    State((metrics, channels)): State<(Arc<Metrics>, Option<Channels>)>,
) -> Result<Response, StatusCode> {
    let statuses = match &channels {
        Some(channels) => channels.statuses().await,
        None => Vec::new(),
    };
    match metrics.encode(&statuses) {
        Ok(text) => Ok(([(CONTENT_TYPE, OPEN_METRICS)], text).into_response()),
        Err(_) => Err(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

/// What a gauge can hold.
fn saturated(units: BaseUnits) -> i64 {
    i64::try_from(units.as_u128()).unwrap_or(i64::MAX)
}

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
