//! A client of Stellar RPC: JSON-RPC 2.0 by POST, over one or several endpoints.
//!
//! Each call asks the endpoint that answered last. One that cannot be reached, times out, or
//! answers with status 429 or 5xx is tried again after a pause, the next endpoint first; what a
//! node *says*, it says once. A submission is repeated with the same envelope only, which the
//! network takes once.
//!
//! That something is *not* there is believed only of a node that knows of the latest ledger seen.
//!
//! What a node sends is bounded in size, checked to be the answer to what was asked, and decoded
//! within limits.

mod answer;
mod endpoints;
mod entries;
mod events;
mod fees;
mod latest;
mod options;
mod result_code;
mod simulate;
mod submit;
mod text;
mod transaction;
mod transfers;
mod transport;
mod xdr;

use async_trait::async_trait;
use coinslot_caip2_network::NetworkId;
use coinslot_soroban_authorization::{ClassicAsset, Envelope, LedgerKey, TransactionHash};
use coinslot_stellar_address::{AccountId, Address, ContractId};

use self::endpoints::Endpoints;
use self::latest::CloseTimes;
pub use self::options::{RpcConfigError, RpcOptions};
pub use self::transport::MAX_ANSWER_BYTES;
use crate::{
    AccountFacts, EventPage, EventsFrom, FeeStats, LandedTransfer, LatestLedger, Ledger,
    LedgerEntries, LedgerError, Simulation, Submission, TransactionStatus, TrustlineFacts,
};

/// A [`Ledger`] behind one or several Stellar RPC endpoints of one network.
///
/// ```
/// use std::time::Duration;
/// use coinslot_caip2_network::StellarNetwork;
/// use coinslot_stellar_ledger::{RpcLedger, RpcOptions};
///
/// let network = StellarNetwork::Testnet;
/// let options = RpcOptions::default()
///     .timeout(Duration::from_secs(5))
///     .network(network.network_id());
/// let ledger = RpcLedger::new(network.rpc_url(), options)?;
/// # Ok::<(), coinslot_stellar_ledger::RpcConfigError>(())
/// ```
#[derive(Debug)]
pub struct RpcLedger {
    endpoints: Endpoints,
    close_times: CloseTimes,
}

impl RpcLedger {
    /// A ledger behind these endpoints, `https` or (to a loopback address) `http`. The first one
    /// is asked first. Nothing is sent yet.
    ///
    /// # Errors
    /// [`RpcConfigError`].
    pub fn new<U: AsRef<str>>(
        urls: impl IntoIterator<Item = U>,
        options: RpcOptions,
    ) -> Result<Self, RpcConfigError> {
        Ok(Self {
            endpoints: Endpoints::new(urls, options)?,
            close_times: CloseTimes::default(),
        })
    }
}

#[async_trait]
impl Ledger for RpcLedger {
    async fn network(&self) -> Result<NetworkId, LedgerError> {
        self.endpoints.network().await
    }

    async fn latest_ledger(&self) -> Result<LatestLedger, LedgerError> {
        let latest = latest::latest_ledger(&self.endpoints).await?;
        self.endpoints.see(latest.sequence);
        self.close_times.observe(&latest);
        Ok(latest)
    }

    async fn close_time_seconds(&self) -> Result<u32, LedgerError> {
        Ok(self.close_times.estimate())
    }

    async fn account(&self, account: &AccountId) -> Result<Option<AccountFacts>, LedgerError> {
        entries::account(&self.endpoints, account).await
    }

    async fn trustline(
        &self,
        account: &AccountId,
        asset: &ClassicAsset,
    ) -> Result<Option<TrustlineFacts>, LedgerError> {
        entries::trustline(&self.endpoints, account, asset).await
    }

    async fn nonce_used(&self, payer: &Address, nonce: i64) -> Result<bool, LedgerError> {
        entries::nonce_used(&self.endpoints, payer, nonce).await
    }

    async fn entries(&self, keys: &[LedgerKey]) -> Result<LedgerEntries, LedgerError> {
        entries::entries(&self.endpoints, keys).await
    }

    async fn simulate(&self, envelope: &Envelope) -> Result<Simulation, LedgerError> {
        simulate::simulate(&self.endpoints, envelope).await
    }

    async fn submit(&self, envelope: &Envelope) -> Result<Submission, LedgerError> {
        submit::submit(&self.endpoints, envelope).await
    }

    async fn transaction(&self, hash: &TransactionHash) -> Result<TransactionStatus, LedgerError> {
        transaction::transaction(&self.endpoints, hash).await
    }

    async fn transfers(
        &self,
        token: &ContractId,
        from: &Address,
        to: &Address,
        start_ledger: u32,
    ) -> Result<Vec<LandedTransfer>, LedgerError> {
        transfers::transfers(&self.endpoints, token, from, to, start_ledger).await
    }

    async fn events(
        &self,
        contracts: &[ContractId],
        from: &EventsFrom,
    ) -> Result<EventPage, LedgerError> {
        events::events(&self.endpoints, contracts, from).await
    }

    async fn fee_stats(&self) -> Result<FeeStats, LedgerError> {
        fees::fee_stats(&self.endpoints).await
    }
}
