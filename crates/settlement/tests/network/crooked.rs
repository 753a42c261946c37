//! A node that bends what the real one says, or holds it up.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use coinslot_caip2_network::NetworkId;
use coinslot_soroban_authorization::{ClassicAsset, Envelope, LedgerKey, TransactionHash};
use coinslot_stellar_address::{AccountId, Address, ContractId};
use coinslot_stellar_ledger::{
    AccountFacts, EventPage, EventsFrom, FeeStats, LandedTransfer, LatestLedger, Ledger,
    LedgerEntries, LedgerError, RpcLedger, Simulation, Submission, TransactionStatus,
    TrustlineFacts,
};
use tokio::sync::{OwnedRwLockWriteGuard, RwLock};

type Bend = Box<dyn Fn(usize, Simulation) -> Simulation + Send + Sync>;

pub(crate) struct CrookedNode {
    real: Arc<RpcLedger>,
    simulations: AtomicUsize,
    bend: Bend,
    /// How long each simulation takes.
    pause: Duration,
    /// Said to the next submissions, which do not reach the network.
    answers: Mutex<VecDeque<Submission>>,
    reads: AtomicUsize,
    /// What was read waits here before it is said.
    reading: Arc<RwLock<()>>,
    /// What is submitted waits here before it goes to the network.
    submitting: Arc<RwLock<()>>,
}

impl CrookedNode {
    /// Bends nothing: it counts, and holds up what it is told to.
    pub(crate) fn honest(real: &Arc<RpcLedger>) -> Arc<Self> {
        Arc::new(Self::straight(real))
    }

    /// Bends simulations: `bend` is given the number of each, the first being 0.
    pub(crate) fn simulating(
        real: &Arc<RpcLedger>,
        bend: impl Fn(usize, Simulation) -> Simulation + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self {
            bend: Box::new(bend),
            ..Self::straight(real)
        })
    }

    /// Takes its time to simulate.
    pub(crate) fn pausing(real: &Arc<RpcLedger>, pause: Duration) -> Arc<Self> {
        Arc::new(Self {
            pause,
            ..Self::straight(real)
        })
    }

    /// Says this to the first submissions.
    pub(crate) fn answering(
        real: &Arc<RpcLedger>,
        answers: impl IntoIterator<Item = Submission>,
    ) -> Arc<Self> {
        Arc::new(Self {
            answers: Mutex::new(answers.into_iter().collect()),
            ..Self::straight(real)
        })
    }

    fn straight(real: &Arc<RpcLedger>) -> Self {
        Self {
            real: Arc::clone(real),
            simulations: AtomicUsize::new(0),
            bend: Box::new(|_, simulation| simulation),
            pause: Duration::ZERO,
            answers: Mutex::default(),
            reads: AtomicUsize::new(0),
            reading: Arc::default(),
            submitting: Arc::default(),
        }
    }

    /// How many simulations were asked for.
    pub(crate) fn simulations(&self) -> usize {
        self.simulations.load(Ordering::SeqCst)
    }

    /// How often entries were asked for.
    pub(crate) fn reads(&self) -> usize {
        self.reads.load(Ordering::SeqCst)
    }

    /// Says nothing of entries until the guard is dropped.
    pub(crate) async fn hold_reads(&self) -> OwnedRwLockWriteGuard<()> {
        Arc::clone(&self.reading).write_owned().await
    }

    /// Submits nothing until the guard is dropped.
    pub(crate) async fn hold_submissions(&self) -> OwnedRwLockWriteGuard<()> {
        Arc::clone(&self.submitting).write_owned().await
    }
}

#[async_trait]
impl Ledger for CrookedNode {
    async fn simulate(&self, envelope: &Envelope) -> Result<Simulation, LedgerError> {
        let number = self.simulations.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(self.pause).await;
        let simulation = self.real.simulate(envelope).await?;
        Ok((self.bend)(number, simulation))
    }
    async fn submit(&self, envelope: &Envelope) -> Result<Submission, LedgerError> {
        drop(self.submitting.read().await);
        let answer = self.answers.lock().unwrap().pop_front();
        match answer {
            Some(answer) => Ok(answer),
            None => self.real.submit(envelope).await,
        }
    }
    async fn network(&self) -> Result<NetworkId, LedgerError> {
        self.real.network().await
    }
    async fn latest_ledger(&self) -> Result<LatestLedger, LedgerError> {
        self.real.latest_ledger().await
    }
    async fn close_time_seconds(&self) -> Result<u32, LedgerError> {
        self.real.close_time_seconds().await
    }
    async fn account(&self, account: &AccountId) -> Result<Option<AccountFacts>, LedgerError> {
        self.real.account(account).await
    }
    async fn trustline(
        &self,
        account: &AccountId,
        asset: &ClassicAsset,
    ) -> Result<Option<TrustlineFacts>, LedgerError> {
        self.real.trustline(account, asset).await
    }
    async fn nonce_used(&self, payer: &Address, nonce: i64) -> Result<bool, LedgerError> {
        self.real.nonce_used(payer, nonce).await
    }
    async fn entries(&self, keys: &[LedgerKey]) -> Result<LedgerEntries, LedgerError> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        let said = self.real.entries(keys).await;
        drop(self.reading.read().await);
        said
    }
    async fn transaction(&self, hash: &TransactionHash) -> Result<TransactionStatus, LedgerError> {
        self.real.transaction(hash).await
    }
    async fn transfers(
        &self,
        token: &ContractId,
        from: &Address,
        to: &Address,
        start_ledger: u32,
    ) -> Result<Vec<LandedTransfer>, LedgerError> {
        self.real.transfers(token, from, to, start_ledger).await
    }
    async fn events(
        &self,
        contracts: &[ContractId],
        from: &EventsFrom,
    ) -> Result<EventPage, LedgerError> {
        self.real.events(contracts, from).await
    }
    async fn fee_stats(&self) -> Result<FeeStats, LedgerError> {
        self.real.fee_stats().await
    }
}
