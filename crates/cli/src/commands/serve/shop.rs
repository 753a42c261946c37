//! The server: a gate, and what is behind it.

use std::future::{Future, IntoFuture as _};
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use coinslot_payment_store::Store;
use coinslot_server::{BuildGateError, Gate, OfferError, mpp, x402};
use coinslot_server_axum::{GateBuilderExt as _, Paid, paid_get};
use coinslot_settlement::Channels;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::channels;
use super::metrics::{Metrics, MetricsListener};
use super::progress;
use super::settings::Settings;
use super::settler::Settler;
use crate::arguments::SoldBy;
use crate::exit::{Failure, Kind, sentence_of};
use crate::output::Output;

/// A server that listens, and answers as soon as it [runs](Self::run).
pub(super) struct Shop {
    listener: TcpListener,
    url: String,
    router: Router,
    gate: Gate,
    settler: Settler,
    channels: Option<Channels>,
    metrics: Option<MetricsListener>,
}

impl Shop {
    /// Opens the store, asks the network and the facilitator, and listens.
    pub(super) async fn open(settings: &Settings, output: Output) -> Result<Self, Failure> {
        let listen = |error: io::Error| {
            Failure::configuration(format!(
                "cannot listen on {}: {error}; is another program using it?",
                settings.listen
            ))
        };
        let store = Store::open(&settings.store).await.map_err(|error| {
            Failure::configuration(format!("COINSLOT_STORE: {}", sentence_of(&error)))
        })?;
        let settler = Settler::start(settings, &store).await?;
        let counted = Arc::new(Metrics::new());
        let channels = channels::open(settings, &settler, &store, &counted, output).await?;
        let metrics = match settings.metrics_listen {
            Some(address) => {
                let (counted, channels) = (Arc::clone(&counted), channels.clone());
                Some(MetricsListener::open(address, counted, channels).await?)
            }
            None => None,
        };
        let listener = TcpListener::bind(settings.listen).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let url = format!("http://{address}");
        let base = settings.base_url.as_deref().unwrap_or(&url);
        let mut gate = Gate::builder()
            .store(store)
            .resource_base(base)
            .mime_type(settings.goods.mime_type())
            .on_event(move |event| {
                counted.count(event);
                progress::show(event, output);
            })
            .for_axum();
        if let Some(description) = &settings.description {
            gate = gate.description(description);
        }
        if let Some(realm) = &settings.realm {
            gate = gate.realm(realm);
        }
        if settings.sells_by(SoldBy::X402) {
            let offer = x402::exact(settings.price.as_str());
            let offer = offer.and_then(|offer| offer.pay_to(&settings.pay_to));
            let offer = offer.map_err(|error| wrong_offer(&error))?;
            gate = gate.offer(offer.network(settings.network.clone()));
        }
        if settings.sells_by(SoldBy::Mpp) {
            let offer = mpp::charge(settings.price.as_str());
            let offer = offer.and_then(|offer| offer.pay_to(&settings.pay_to));
            let offer = offer.map_err(|error| wrong_offer(&error))?;
            gate = gate.offer(offer.network(settings.network.clone()));
        }
        if let (Some(channels), Some(settings_of_channels)) = (&channels, &settings.channels) {
            let offer = mpp::channel(settings.price.as_str());
            let offer = offer.and_then(|offer| channels::offer(offer, settings_of_channels));
            let offer = offer.map_err(|error| wrong_offer(&error))?;
            gate = gate
                .offer(offer.network(settings.network.clone()))
                .channels(channels.clone());
        }
        if settings.sells_by_mpp() {
            gate = gate.secret(&settings.secret);
        }
        let gate = settler.at(gate, settings).build().await;
        let gate = gate.map_err(|error| wrong_gate(&error))?;
        let goods = settings.goods.clone();
        let sell = move |Paid(payment): Paid| async move { goods.answer(&payment) };
        Ok(Self {
            router: Router::new().route(&settings.path, paid_get(gate.clone(), sell)),
            url,
            listener,
            gate,
            settler,
            channels,
            metrics,
        })
    }

    /// Where it listens.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Where the metrics are.
    pub(super) fn metrics_url(&self) -> Option<&str> {
        self.metrics.as_ref().map(MetricsListener::url)
    }

    /// The channels from which vouchers are taken.
    pub(super) const fn channels(&self) -> Option<&Channels> {
        self.channels.as_ref()
    }

    pub(super) fn settler(&self) -> &Settler {
        &self.settler
    }

    /// The public address of what is sold.
    pub(super) fn resource(&self, settings: &Settings) -> String {
        let base = settings.base_url.as_deref().unwrap_or(&self.url);
        format!("{}{}", base.trim_end_matches('/'), settings.path)
    }

    /// Serves until `shutdown` ends, then answers what was asked and waits for settlements in flight. What does not end in time is
    /// recorded, and the next run goes on with it.
    pub(super) async fn run(self, shutdown: impl Future<Output = ()>) -> io::Result<()> {
        let (stop, stopped) = oneshot::channel::<()>();
        let serve = axum::serve(self.listener, self.router)
            .with_graceful_shutdown(async {
                // Closed without a word is as good as told.
                let _ = stopped.await;
            })
            .into_future();
        tokio::pin!(serve, shutdown);
        let housekeeping = housekeeping(&self.gate, &self.settler);
        tokio::pin!(housekeeping);
        tokio::select! {
            result = &mut serve => return result,
            () = &mut housekeeping => {}
            () = &mut shutdown => {}
        }
        tracing::info!("stopping");
        drop(stop);
        let finish = async {
            serve.await?;
            if let Some(channels) = &self.channels {
                channels.flush().await;
            }
            self.settler.drained().await;
            Ok(())
        };
        match timeout(SHUTDOWN_WITHIN, finish).await {
            Ok(result) => result,
            Err(_) => {
                tracing::warn!("stopped; the next run goes on with what is in flight");
                Ok(())
            }
        }
    }
}

/// Never ends.
async fn housekeeping(gate: &Gate, settler: &Settler) {
    let mut due = interval(HOUSEKEEPING_EVERY);
    due.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        due.tick().await;
        settler.tidy(KEEP).await;
        if let Err(error) = gate.purge(KEEP).await {
            tracing::error!(%error, "old payments could not be forgotten");
        }
    }
}

fn wrong_offer(error: &OfferError) -> Failure {
    let setting = match error {
        OfferError::PayTo(_) | OfferError::PayToMuxed => "STELLAR_RECIPIENT",
        OfferError::DefaultChannel(_) => "--default-channel",
        _ => "--price",
    };
    Failure::configuration(format!("{setting}: {}", sentence_of(error)))
}

fn wrong_gate(error: &BuildGateError) -> Failure {
    let kind = match error {
        BuildGateError::Facilitator(_) | BuildGateError::Store(_) => Kind::Unreachable,
        _ => Kind::Configuration,
    };
    let setting = match error {
        BuildGateError::ResourceBase(_) => "--base-url: ",
        _ => "",
    };
    Failure::new(kind, format!("{setting}{}", sentence_of(error)))
}

/// How long payments are remembered.
const KEEP: Duration = Duration::from_secs(30 * 24 * 3600);
const HOUSEKEEPING_EVERY: Duration = Duration::from_secs(60);
const SHUTDOWN_WITHIN: Duration = Duration::from_secs(30);
