//! Starts a facilitator, serves, and stops without losing a payment.

use std::future::{Future, IntoFuture as _};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use coinslot_payment_store::{Clock as _, OpenStoreError, Store, SystemClock};
use coinslot_settlement::{BuildError, LocalFacilitator, Timing};
use coinslot_stellar_address::AccountId;
use coinslot_stellar_ledger::{RpcConfigError, RpcLedger, RpcOptions};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::config::{ConfigError, Settings};
use crate::{AppState, FacilitatorConfig, Metrics, router};

/// A facilitator that listens, and answers as soon as it [runs](Self::run).
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    facilitator: LocalFacilitator,
    state: AppState,
    keep: Duration,
    shutdown_within: Duration,
}

impl Server {
    /// Reads the configuration, opens the store, asks the network, resumes what an earlier run
    /// left open, and listens.
    ///
    /// # Errors
    /// [`StartError`], with a sentence that says what to do.
    pub async fn start(config: &FacilitatorConfig) -> Result<Self, StartError> {
        let settings = Settings::read(config)?;
        let store = Store::open(&config.store).await?;
        let options =
            RpcOptions::default().lag_check(|| SystemClock.now().as_seconds(), LAG_TOLERANCE);
        let ledger = RpcLedger::new(&settings.rpc_urls, options)?;
        let metrics = Arc::new(Metrics::new());
        let mut builder =
            LocalFacilitator::builder(Arc::new(ledger), store, config.network.clone())
                .policy(config.fees.policy())
                .budget(config.fees.budget())
                .timing(Timing {
                    answer_within: config.limits.answer_within(),
                    ..Timing::default()
                })
                .observer(Arc::clone(&metrics) as _);
        for sponsor in settings.sponsors {
            builder = builder.sponsor(sponsor);
        }
        if let Some(payer) = settings.fee_bump {
            builder = builder.fee_bump(payer);
        }
        builder = match settings.assets {
            Some(assets) => builder.assets(assets),
            None => builder.any_asset(),
        };
        let facilitator = builder.build().await?;
        let listen = |source| StartError::Listen {
            address: config.listen,
            source,
        };
        let listener = TcpListener::bind(config.listen).await.map_err(listen)?;
        let state = AppState::new(
            facilitator.clone(),
            settings.api_keys,
            config.limits.access(),
            metrics,
        );
        Ok(Self {
            listener,
            facilitator,
            state,
            keep: Duration::from_secs(u64::from(config.keep_days).saturating_mul(24 * 3600)),
            shutdown_within: config.limits.shutdown_within(),
        })
    }

    /// Where it listens; with port 0 in the configuration, the port that was chosen.
    ///
    /// # Errors
    /// When the operating system does not say.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// The accounts that sign for it.
    #[must_use]
    pub fn signers(&self) -> Vec<AccountId> {
        self.facilitator.signers()
    }

    /// Serves until `shutdown` ends, then answers what was asked and waits for settlements in
    /// flight. What does not end in time is recorded, and the next run goes on with it.
    ///
    /// # Errors
    /// When the listener fails.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send + 'static) -> io::Result<()> {
        let (stop, stopped) = oneshot::channel::<()>();
        let serve = axum::serve(self.listener, router(self.state))
            .with_graceful_shutdown(async {
                // Closed without a word is as good as told.
                let _ = stopped.await;
            })
            .into_future();
        tokio::pin!(serve, shutdown);
        let housekeeping = housekeeping(&self.facilitator, self.keep);
        tokio::pin!(housekeeping);
        tokio::select! {
            result = &mut serve => return result,
            () = &mut housekeeping => {}
            () = &mut shutdown => {}
        }
        tracing::info!(in_flight = self.facilitator.in_flight(), "stopping");
        drop(stop);
        let finish = async {
            serve.await?;
            self.facilitator.drained().await;
            Ok(())
        };
        match timeout(self.shutdown_within, finish).await {
            Ok(result) => result,
            Err(_) => {
                let in_flight = self.facilitator.in_flight();
                tracing::warn!(
                    in_flight,
                    "stopped; the next run goes on with what is in flight"
                );
                Ok(())
            }
        }
    }
}

/// Starts a facilitator and serves until `shutdown` ends.
///
/// # Errors
/// [`StartError`].
pub async fn serve(
    config: &FacilitatorConfig,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), StartError> {
    let server = Server::start(config).await?;
    tracing::info!(address = %server.local_addr().map_err(StartError::Serve)?, network = %config.network, "listening");
    server.run(shutdown).await.map_err(StartError::Serve)
}

/// Takes up what was left open, by others too, and forgets what ended long ago. Never ends.
async fn housekeeping(facilitator: &LocalFacilitator, keep: Duration) {
    let mut due = interval(HOUSEKEEPING_EVERY);
    due.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        due.tick().await;
        if let Err(outage) = facilitator.resume_pending().await {
            tracing::error!(%outage, "open settlements could not be read");
        }
        match facilitator
            .forget(SystemClock.now().saturating_sub(keep))
            .await
        {
            Ok(0) => {}
            Ok(forgotten) => tracing::info!(forgotten, "old settlements forgotten"),
            Err(outage) => tracing::error!(%outage, "old settlements could not be forgotten"),
        }
    }
}

/// Why a facilitator does not run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] OpenStoreError),
    /// The RPC's address cannot be used.
    #[error(transparent)]
    Rpc(#[from] RpcConfigError),
    /// The network does not agree with the configuration.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}; is another program using it?")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// The listener failed.
    #[error("the listener failed")]
    Serve(#[source] io::Error),
}

/// How old the newest ledger of a node that is asked may be.
const LAG_TOLERANCE: Duration = Duration::from_secs(60);
const HOUSEKEEPING_EVERY: Duration = Duration::from_secs(60);
