//! The trait: everything that a payment asks of a Stellar network.

use async_trait::async_trait;
use coinslot_caip2_network::NetworkId;
use coinslot_soroban_authorization::{ClassicAsset, Envelope, LedgerKey, TransactionHash};
use coinslot_stellar_address::{AccountId, Address, ContractId};

use crate::{
    AccountFacts, EventPage, EventsFrom, FeeStats, LandedTransfer, LatestLedger, LedgerEntries,
    LedgerError, Simulation, Submission, TransactionStatus, TrustlineFacts,
};

/// Seconds from one ledger to the next when nothing better is known.
pub const DEFAULT_CLOSE_TIME_SECONDS: u32 = 5;

/// What a payment asks of a Stellar RPC: facts in, submissions out.
///
/// Every method answers what one node knew at one moment. An error of
/// [`is_outage`](LedgerError::is_outage) says nothing about the payment.
#[async_trait]
pub trait Ledger: Send + Sync + 'static {
    /// The network's id, the SHA-256 of its passphrase.
    ///
    /// # Errors
    /// [`LedgerError`].
    async fn network(&self) -> Result<NetworkId, LedgerError>;

    /// The last ledger that closed.
    ///
    /// # Errors
    /// [`LedgerError`]; a node that lags is [`LedgerError::Unavailable`].
    async fn latest_ledger(&self) -> Result<LatestLedger, LedgerError>;

    /// About how many seconds pass from one ledger to the next, at least 1;
    /// [`DEFAULT_CLOSE_TIME_SECONDS`] when that is not known.
    ///
    /// # Errors
    /// [`LedgerError`].
    async fn close_time_seconds(&self) -> Result<u32, LedgerError>;

    /// An account's sequence number and balance; `None` when there is no such account.
    ///
    /// # Errors
    /// [`LedgerError`].
    async fn account(&self, account: &AccountId) -> Result<Option<AccountFacts>, LedgerError>;

    /// An account's trustline to an asset; `None` when it has none. The native asset and an
    /// asset's own issuer have no trustline.
    ///
    /// # Errors
    /// [`LedgerError`].
    async fn trustline(
        &self,
        account: &AccountId,
        asset: &ClassicAsset,
    ) -> Result<Option<TrustlineFacts>, LedgerError>;

    /// Whether an authorization's nonce was used: its temporary entry is on the ledger and alive.
    /// After the authorization's expiration ledger the answer is `false` again.
    ///
    /// # Errors
    /// [`LedgerError`].
    async fn nonce_used(&self, payer: &Address, nonce: i64) -> Result<bool, LedgerError>;

    /// What the ledger holds under these keys, read at one moment. An entry that was archived and not yet evicted is
    /// there, and [not live](crate::LedgerEntry::is_live_at).
    ///
    /// # Errors
    /// [`LedgerError::TooMany`] above [`MAX_ENTRY_KEYS`](crate::MAX_ENTRY_KEYS) keys.
    async fn entries(&self, keys: &[LedgerKey]) -> Result<LedgerEntries, LedgerError>;

    /// Runs a transaction without applying it. Signed authorization entries are enforced; without
    /// any, those that it needs are recorded.
    ///
    /// # Errors
    /// [`LedgerError`]. A transaction that fails is not an error: it is [`Simulation::Failed`].
    async fn simulate(&self, envelope: &Envelope) -> Result<Simulation, LedgerError>;

    /// Hands a signed transaction to the network. The same envelope may be submitted again.
    ///
    /// # Errors
    /// [`LedgerError`]. After an outage it is **not known** whether the network has the
    /// transaction: ask for it by its hash.
    async fn submit(&self, envelope: &Envelope) -> Result<Submission, LedgerError>;

    /// What became of a transaction, by its hash (of a fee bump: the outer or the inner one).
    ///
    /// # Errors
    /// [`LedgerError`].
    async fn transaction(&self, hash: &TransactionHash) -> Result<TransactionStatus, LedgerError>;

    /// The transfers of a token from one address to another that landed in `start_ledger` or
    /// later, oldest first, successful ones only.
    ///
    /// # Errors
    /// [`LedgerError::OutOfRange`] when the node no longer has `start_ledger`; a ledger that has
    /// not closed yet gives an empty list.
    async fn transfers(
        &self,
        token: &ContractId,
        from: &Address,
        to: &Address,
        start_ledger: u32,
    ) -> Result<Vec<LandedTransfer>, LedgerError>;

    /// A page of what these contracts told, oldest first, in transactions that succeeded. A page may be empty and not
    /// the last; a ledger that has not closed yet gives an empty one.
    ///
    /// # Errors
    /// [`LedgerError::OutOfRange`] when the node no longer has the ledger that `from` stands in;
    /// [`LedgerError::TooMany`] above [`MAX_EVENT_CONTRACTS`](crate::MAX_EVENT_CONTRACTS) contracts.
    async fn events(
        &self,
        contracts: &[ContractId],
        from: &EventsFrom,
    ) -> Result<EventPage, LedgerError>;

    /// What inclusion in a ledger cost lately.
    ///
    /// # Errors
    /// [`LedgerError`].
    async fn fee_stats(&self) -> Result<FeeStats, LedgerError>;
}
