//! Several endpoints as one: which is asked, and what follows when it does not answer.

use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use coinslot_caip2_network::NetworkId;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;

use super::options::{LagCheck, RpcConfigError, RpcOptions};
use super::transport::{Endpoint, Failure, Remedy};
use crate::{LedgerError, UnavailableReason};

/// The first pause before an endpoint is asked again; they grow from there.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

/// One or several nodes of one network.
#[derive(Debug)]
pub(super) struct Endpoints {
    endpoints: Vec<Endpoint>,
    /// Which one answered last.
    preferred: AtomicUsize,
    attempts: u32,
    lag: Option<LagCheck>,
    /// The latest ledger that any of them told of.
    seen: AtomicU32,
    network: OnceCell<NetworkId>,
}

/// What a call gave in the end, and whether a try before the last may have arrived as well.
pub(super) struct Outcome<T> {
    pub(super) result: Result<T, LedgerError>,
    pub(super) may_have_arrived_before: bool,
}

#[derive(Deserialize)]
struct Network {
    passphrase: String,
}

impl Endpoints {
    pub(super) fn new<U: AsRef<str>>(
        urls: impl IntoIterator<Item = U>,
        options: RpcOptions,
    ) -> Result<Self, RpcConfigError> {
        let endpoints = urls
            .into_iter()
            .zip(1..)
            .map(|(url, position)| {
                Endpoint::new(
                    url.as_ref(),
                    position,
                    options.timeout,
                    &options.root_certificates,
                )
            })
            .collect::<Result<Vec<_>, _>>()?;
        if endpoints.is_empty() {
            return Err(RpcConfigError::NoEndpoint);
        }
        Ok(Self {
            endpoints,
            preferred: AtomicUsize::new(0),
            attempts: options.attempts.max(1),
            lag: options.lag,
            seen: AtomicU32::new(0),
            network: OnceCell::new_with(options.network),
        })
    }

    /// The age that a node's latest ledger may have.
    pub(super) const fn lag(&self) -> Option<&LagCheck> {
        self.lag.as_ref()
    }

    /// Remembers that a ledger exists.
    pub(super) fn see(&self, ledger: u32) {
        self.seen.fetch_max(ledger, Ordering::Relaxed);
    }

    /// Whether a node that knows of the ledgers until `latest` is fit to say that something is
    /// *not* there: one that has not seen what others have is not.
    pub(super) fn check_absence(&self, latest: u32) -> Result<(), Failure> {
        let seen = self.seen.load(Ordering::Relaxed);
        if latest < seen {
            return Err(Failure::behind(UnavailableReason::Behind { latest, seen }));
        }
        Ok(())
    }

    /// The network that all endpoints belong to.
    pub(super) async fn network(&self) -> Result<NetworkId, LedgerError> {
        if let Some(network) = self.network.get() {
            return Ok(*network);
        }
        let mut tries = Tries::new(self);
        while let Some((position, endpoint)) = tries.next().await {
            match endpoint_network(endpoint).await {
                Ok(network) => {
                    self.preferred.store(position, Ordering::Relaxed);
                    return Ok(*self.network.get_or_init(async || *network).await);
                }
                Err(failure) => tries.failed(position, failure),
            }
        }
        Err(tries.error())
    }

    /// Calls a method, wherever it is answered.
    pub(super) async fn call<T: DeserializeOwned + Send>(
        &self,
        method: &'static str,
        params: impl Serialize + Send + Sync,
    ) -> Result<T, LedgerError> {
        self.call_until(method, params, Ok).await.result
    }

    /// Calls a method until an answer passes `check`, and tells whether it may have been called
    /// before that.
    pub(super) async fn call_until<T: DeserializeOwned + Send, R: Send>(
        &self,
        method: &'static str,
        params: impl Serialize + Send + Sync,
        check: impl Fn(T) -> Result<R, Failure> + Send + Sync,
    ) -> Outcome<R> {
        let mut tries = Tries::new(self);
        while let Some((position, endpoint)) = tries.next().await {
            let may_have_arrived_before = tries.may_have_arrived;
            match self
                .call_endpoint(endpoint, method, &params)
                .await
                .and_then(&check)
            {
                Ok(answer) => {
                    self.preferred.store(position, Ordering::Relaxed);
                    return Outcome {
                        result: Ok(answer),
                        may_have_arrived_before,
                    };
                }
                Err(Failure {
                    error,
                    remedy: Remedy::Nothing,
                    ..
                }) => {
                    return Outcome {
                        result: Err(error),
                        may_have_arrived_before,
                    };
                }
                Err(failure) => tries.failed(position, failure),
            }
        }
        let may_have_arrived_before = tries.may_have_arrived;
        Outcome {
            result: Err(tries.error()),
            may_have_arrived_before,
        }
    }

    async fn call_endpoint<T: DeserializeOwned + Send>(
        &self,
        endpoint: &Endpoint,
        method: &'static str,
        params: &(impl Serialize + Send + Sync),
    ) -> Result<T, Failure> {
        self.check_network(endpoint).await?;
        endpoint.call(method, params).await
    }

    /// Checks once that an endpoint belongs to the network, where there is one to compare with.
    async fn check_network(&self, endpoint: &Endpoint) -> Result<(), Failure> {
        if self.endpoints.len() == 1 && !self.network.initialized() {
            return Ok(());
        }
        let network = endpoint_network(endpoint).await?;
        if self.network.get_or_init(async || *network).await == network {
            return Ok(());
        }
        Err(Failure::unfit(UnavailableReason::WrongNetwork))
    }
}

/// Which endpoint is tried next: all of them in turn, then all again after a pause, except those
/// for which there is no remedy.
struct Tries<'a> {
    endpoints: &'a [Endpoint],
    /// Those that may be tried in this round, the next one last.
    round: Vec<usize>,
    /// Those that may be tried in the next round, in the order of this one.
    next_round: Vec<usize>,
    rounds_left: u32,
    pauses: ExponentialBackoff,
    may_have_arrived: bool,
    last: Option<LedgerError>,
}

impl<'a> Tries<'a> {
    fn new(endpoints: &'a Endpoints) -> Self {
        let count = endpoints.endpoints.len();
        let first = endpoints.preferred.load(Ordering::Relaxed).min(count);
        Self {
            endpoints: &endpoints.endpoints,
            round: (first..count).chain(0..first).rev().collect(),
            next_round: Vec::new(),
            rounds_left: endpoints.attempts.saturating_sub(1),
            pauses: ExponentialBuilder::new()
                .with_min_delay(FIRST_PAUSE)
                .with_max_delay(LONGEST_PAUSE)
                .without_max_times()
                .with_jitter()
                .build(),
            may_have_arrived: false,
            last: None,
        }
    }

    /// The next endpoint to try, after a pause if need be.
    async fn next(&mut self) -> Option<(usize, &'a Endpoint)> {
        if self.round.is_empty() {
            if self.next_round.is_empty() || self.rounds_left == 0 {
                return None;
            }
            self.rounds_left = self.rounds_left.saturating_sub(1);
            self.round = self.next_round.drain(..).rev().collect();
            tokio::time::sleep(self.pauses.next().unwrap_or(LONGEST_PAUSE)).await;
        }
        let position = self.round.pop()?;
        Some((position, self.endpoints.get(position)?))
    }

    fn failed(&mut self, position: usize, failure: Failure) {
        let endpoint = self.endpoints.get(position).map(Endpoint::name);
        tracing::debug!(endpoint, error = %failure.error, "no answer");
        if failure.remedy == Remedy::AnyEndpoint {
            self.next_round.push(position);
        }
        self.may_have_arrived |= failure.may_have_arrived;
        self.last = Some(failure.error);
    }

    fn error(self) -> LedgerError {
        self.last
            .unwrap_or_else(|| LedgerError::unavailable(UnavailableReason::Transport))
    }
}

/// The network that an endpoint belongs to; it is asked once.
async fn endpoint_network(endpoint: &Endpoint) -> Result<&NetworkId, Failure> {
    let ask = async || {
        let Network { passphrase } = endpoint.call("getNetwork", &()).await?;
        Ok(NetworkId::from_passphrase(&passphrase))
    };
    endpoint
        .network
        .get_or_try_init(ask)
        .await
        // This is not the call that the caller made.
        .map_err(|failure: Failure| Failure {
            may_have_arrived: false,
            ..failure
        })
}
