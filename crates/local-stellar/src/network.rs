//! The handle of a running local network.

use std::path::PathBuf;
use std::sync::Arc;

use coinslot_caip2_network::{NetworkId, StellarNetwork};
use coinslot_soroban_authorization::{ClassicAsset, SecretKey, TransactionHash, sac_contract_id};
use coinslot_stellar_address::{AccountId, Address, ContractId};
use coinslot_usdc_amount::BaseUnits;

use crate::builder::Builder;
use crate::engine::genesis::{USDC_ISSUER, account_id};
use crate::engine::treasury::usdc;
use crate::error::LocalStellarError;
use crate::faults::{Fault, Faults};
use crate::friendbot::STARTING_BALANCE;
use crate::server::Running;
use crate::worker::EngineHandle;
use crate::{balances, by_hand, faucet, state_file};

/// A running local Stellar network. Dropping it shuts it down.
pub struct LocalStellar {
    parts: Parts,
}

pub(crate) struct Parts {
    pub(crate) engine: EngineHandle,
    pub(crate) servers: Vec<Running>,
    pub(crate) faults: Arc<Faults>,
    pub(crate) network: StellarNetwork,
    pub(crate) rpc_url: String,
    pub(crate) https_url: Option<String>,
    pub(crate) ca_pem: Option<String>,
    pub(crate) state_file: Option<PathBuf>,
}

/// A ledger's number and time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClosedLedger {
    /// The ledger's number.
    pub sequence: u32,
    /// When it closed, in Unix seconds.
    pub close_time: u64,
}

impl std::fmt::Debug for LocalStellar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LocalStellar")
            .field("network", &self.parts.network)
            .field("rpc_url", &self.parts.rpc_url)
            .field("https_url", &self.parts.https_url)
            .finish_non_exhaustive()
    }
}

impl LocalStellar {
    /// Starts to describe a network.
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub(crate) fn new(parts: Parts) -> Self {
        Self { parts }
    }

    /// Where the RPC, friendbot, the faucet and Horizon answer over HTTP, without a trailing slash.
    #[must_use]
    pub fn rpc_url(&self) -> &str {
        &self.parts.rpc_url
    }

    /// Where the same answers over HTTPS, if it was asked for.
    #[must_use]
    pub fn https_url(&self) -> Option<&str> {
        self.parts.https_url.as_deref()
    }

    /// Where Horizon's calls answer over HTTP.
    #[must_use]
    pub fn horizon_url(&self) -> String {
        format!("{}/horizon", self.parts.rpc_url)
    }

    /// Where friendbot answers over HTTP.
    #[must_use]
    pub fn friendbot_url(&self) -> String {
        format!("{}/friendbot", self.parts.rpc_url)
    }

    /// Where the USDC faucet answers over HTTP.
    #[must_use]
    pub fn faucet_url(&self) -> String {
        format!("{}/faucet", self.parts.rpc_url)
    }

    /// The certificate, in PEM, that clients must trust for [`Self::https_url`].
    #[must_use]
    pub fn ca_certificate_pem(&self) -> Option<&str> {
        self.parts.ca_pem.as_deref()
    }

    /// The network that this one passes for.
    #[must_use]
    pub fn network(&self) -> &StellarNetwork {
        &self.parts.network
    }

    /// The hash of the passphrase.
    #[must_use]
    pub fn network_id(&self) -> NetworkId {
        self.parts.network.network_id()
    }

    /// USDC's issuer: testnet's.
    #[must_use]
    pub fn usdc_issuer(&self) -> AccountId {
        AccountId::from_bytes(USDC_ISSUER)
    }

    /// USDC's contract; with testnet's passphrase, testnet's own.
    #[must_use]
    pub fn usdc_contract(&self) -> ContractId {
        // The one asset whose parts are constants: the text is of the right form.
        format!("USDC:{}", self.usdc_issuer())
            .parse::<ClassicAsset>()
            .map_or(ContractId::from_bytes([0; 32]), |asset| {
                sac_contract_id(&self.network_id(), &asset)
            })
    }

    /// Creates an account with 10,000 XLM, or pays them to one that exists.
    ///
    /// # Errors
    /// [`LocalStellarError`] when the network has stopped or its root account is empty.
    pub async fn fund(&self, account: &AccountId) -> Result<TransactionHash, LocalStellarError> {
        let id = account_id(*account.as_bytes());
        let hash = self
            .parts
            .engine
            .call(move |engine| engine.fund(&id, STARTING_BALANCE))
            .await??;
        Ok(TransactionHash::from_bytes(hash))
    }

    /// Makes a key whose account has 10,000 XLM.
    ///
    /// # Errors
    /// As [`Self::fund`], and [`LocalStellarError::NoRandomness`].
    pub async fn create_funded_account(&self) -> Result<SecretKey, LocalStellarError> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|_| LocalStellarError::NoRandomness)?;
        let key = SecretKey::from_seed(seed);
        self.fund(&key.account_id()).await?;
        Ok(key)
    }

    /// Makes a key whose account has 10,000 XLM, a trustline to USDC, and an amount of it.
    ///
    /// # Errors
    /// As [`Self::create_funded_account`], [`Self::trust_usdc`] and [`Self::faucet_usdc`].
    pub async fn create_usdc_account(
        &self,
        amount: BaseUnits,
    ) -> Result<SecretKey, LocalStellarError> {
        let key = self.create_funded_account().await?;
        self.trust_usdc(&key).await?;
        if !amount.is_zero() {
            self.faucet_usdc(&key.account_id(), amount).await?;
        }
        Ok(key)
    }

    /// Makes a key whose account holds an amount of USDC and no lumens: the network's root account pays its reserves, as a
    /// sponsor does on public networks (CAP-33). It can pay only where somebody else pays the fees.
    ///
    /// # Errors
    /// As [`Self::faucet_usdc`], and [`LocalStellarError::NoRandomness`].
    pub async fn create_buyer(&self, amount: BaseUnits) -> Result<SecretKey, LocalStellarError> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|_| LocalStellarError::NoRandomness)?;
        let key = SecretKey::from_seed(seed);
        let id = account_id(*key.account_id().as_bytes());
        self.parts
            .engine
            .call(move |engine| engine.create_without_lumens(&id))
            .await?;
        self.faucet_usdc(&key.account_id(), amount).await?;
        Ok(key)
    }

    /// Opens a trustline to USDC for the key's account, which must exist.
    ///
    /// # Errors
    /// [`LocalStellarError::NoAccount`]; [`LocalStellarError::TransactionFailed`] when the key does not sign for its
    /// account, or the reserve is missing.
    pub async fn trust_usdc(&self, key: &SecretKey) -> Result<TransactionHash, LocalStellarError> {
        let key = key.clone();
        let hash = self
            .parts
            .engine
            .call(move |engine| engine.trust_usdc(&key))
            .await??;
        Ok(TransactionHash::from_bytes(hash))
    }

    /// Gives USDC, in base units (7 decimals), to an account that trusts it.
    ///
    /// # Errors
    /// [`LocalStellarError::NoAccount`], [`LocalStellarError::NoTrustline`], [`LocalStellarError::TooMuch`].
    pub async fn faucet_usdc(
        &self,
        account: &AccountId,
        amount: BaseUnits,
    ) -> Result<TransactionHash, LocalStellarError> {
        let account = *account;
        let hash = self
            .parts
            .engine
            .call(move |engine| faucet::give(engine, account, amount))
            .await??;
        Ok(TransactionHash::from_bytes(hash))
    }

    /// The USDC of an account or contract; `None` when an account has no trustline.
    ///
    /// # Errors
    /// [`LocalStellarError::Stopped`].
    pub async fn balance_usdc(
        &self,
        holder: &Address,
    ) -> Result<Option<BaseUnits>, LocalStellarError> {
        let (holder, token) = (*holder, self.usdc_contract());
        Ok(self
            .parts
            .engine
            .call(move |engine| balances::of(engine, &holder, token, &usdc()))
            .await?)
    }

    /// The lumens of an account in stroops; `None` when it does not exist.
    ///
    /// # Errors
    /// [`LocalStellarError::Stopped`].
    pub async fn balance_stroops(
        &self,
        account: &AccountId,
    ) -> Result<Option<i64>, LocalStellarError> {
        let id = account_id(*account.as_bytes());
        Ok(self
            .parts
            .engine
            .call(move |engine| engine.account(&id).map(|account| account.balance))
            .await?)
    }

    /// The sequence number that an account used last; `None` when it does not exist.
    ///
    /// # Errors
    /// [`LocalStellarError::Stopped`].
    pub async fn sequence(&self, account: &AccountId) -> Result<Option<i64>, LocalStellarError> {
        let id = account_id(*account.as_bytes());
        Ok(self
            .parts
            .engine
            .call(move |engine| engine.account(&id).map(|account| account.seq_num.0))
            .await?)
    }

    /// The newest ledger.
    ///
    /// # Errors
    /// [`LocalStellarError::Stopped`].
    pub async fn latest_ledger(&self) -> Result<ClosedLedger, LocalStellarError> {
        Ok(self
            .parts
            .engine
            .call(|engine| ClosedLedger {
                sequence: engine.latest().sequence(),
                close_time: engine.latest().close_time(),
            })
            .await?)
    }

    /// Closes one ledger now, with all that is pending.
    ///
    /// # Errors
    /// [`LocalStellarError::Stopped`] or [`LocalStellarError::Engine`].
    pub async fn close_ledger(&self) -> Result<ClosedLedger, LocalStellarError> {
        self.advance_ledgers(1).await
    }

    /// Closes so many ledgers now; the first takes in all that is pending. Each is at least a second of ledger time.
    ///
    /// # Errors
    /// [`LocalStellarError::Stopped`] or [`LocalStellarError::Engine`].
    pub async fn advance_ledgers(&self, ledgers: u32) -> Result<ClosedLedger, LocalStellarError> {
        self.parts
            .engine
            .call(move |engine| by_hand::close(engine, ledgers))
            .await??;
        self.latest_ledger().await
    }

    /// Lets the next calls of an RPC method fail: they are not executed, and answered with HTTP 503.
    pub fn fail_next(&self, method: &str, calls: u32) {
        self.parts.faults.plan(method, Fault::Fail, calls);
    }

    /// Lets the next calls of an RPC method be executed and their answers be lost: the connection closes instead.
    pub fn drop_answers(&self, method: &str, calls: u32) {
        self.parts.faults.plan(method, Fault::DropAnswer, calls);
    }

    /// Lets answers name a ledger as the latest that is so many ledgers old, as a node that lags behind does. Zero
    /// ends it.
    ///
    /// # Errors
    /// [`LocalStellarError::Stopped`].
    pub async fn lag(&self, ledgers: u32) -> Result<(), LocalStellarError> {
        self.parts
            .engine
            .call(move |engine| engine.set_lag(ledgers))
            .await?;
        Ok(())
    }

    /// Writes the state file now. Does nothing when the network has none.
    ///
    /// # Errors
    /// [`LocalStellarError::StateFile`] when it cannot be written.
    pub async fn save(&self) -> Result<(), LocalStellarError> {
        if let Some(path) = self.parts.state_file.clone() {
            self.parts
                .engine
                .call(move |engine| state_file::save(&path, engine))
                .await??;
        }
        Ok(())
    }

    /// Stops the servers, writes the state file, and ends the thread.
    pub async fn shutdown(self) {
        for server in &self.parts.servers {
            server.stop();
        }
        let _ = self.parts.engine.stop().await;
    }
}

impl Drop for LocalStellar {
    fn drop(&mut self) {
        for server in &self.parts.servers {
            server.stop();
        }
        let _ended = self.parts.engine.stop();
    }
}
