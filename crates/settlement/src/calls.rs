//! Calls of contracts: any operation, built, simulated, signed, submitted and followed to its end.
//!
//! `prepare` simulates and authorizes, `flight` submits and follows, `stage` tells whether anything was sent.

use std::fmt;
use std::sync::Arc;

use coinslot_caip2_network::{NetworkId, StellarNetwork};
use coinslot_payment_store::{Clock, SystemClock};
use coinslot_soroban_authorization::{
    ContractEvent, ContractOperation, LedgerKey, Signer, SorobanResources, TransactionHash,
};
use coinslot_stellar_ledger::{Ledger, ResultCode};
use tokio::time::{Instant, timeout_at};
use tracing::Instrument as _;

use self::launch::Launch;
use self::prepare::Order;
use self::stage::{Caller, Stage};
use crate::budget::Budget;
use crate::engine::Engine;
use crate::observer::Unobserved;
use crate::pool::SponsorPool;
use crate::{FeePolicy, FeePolicyFault, Outage, SettlementEvent, SettlementObserver, Timing};

mod error;
mod flight;
mod launch;
mod prepare;
mod stage;

pub use error::{CallError, CallRefusal};

/// Calls contracts on one Stellar network, and pays for it.
///
/// Who pays and who authorizes are two things: the network's fees come from the paying accounts, and a contract is
/// allowed nothing but what the `signers` of the call sign for. Not even a paying account's own consent is given
/// unless it is among them.
///
/// **Nothing about a call is stored.** A crash, or an answer that is [`CallError::Unknown`], leaves the caller with
/// what the chain says. Call what may be called twice, or look at the chain before calling again.
///
/// Cheap to clone.
#[derive(Clone)]
pub struct ContractCalls {
    ledger: Arc<dyn Ledger>,
    network_id: NetworkId,
    payers: Arc<SponsorPool>,
    /// Pays the fees in place of the payers, if there is one.
    fee_bump: Option<Arc<dyn Signer>>,
    fees: FeePolicy,
    budget: Option<Arc<Budget>>,
    timing: Timing,
    clock: Arc<dyn Clock>,
    observer: Arc<dyn SettlementObserver>,
}

/// The end of a call that was sent.
#[derive(Clone, Debug)]
pub enum CallOutcome {
    /// It landed and did what it says.
    Confirmed {
        /// The transaction; of a fee bump, the outer one.
        transaction: TransactionHash,
        /// The ledger in which it landed.
        ledger: u32,
        /// What the call returned, an `SCVal` as XDR bytes; `None` for an operation that calls nothing, and when the
        /// node does not say.
        return_value: Option<Vec<u8>>,
        /// What contracts told, in order.
        events: Vec<ContractEvent>,
    },
    /// It landed, cost its fee, and changed nothing else.
    Failed {
        /// The transaction; of a fee bump, the outer one.
        transaction: TransactionHash,
        /// The ledger in which it landed.
        ledger: u32,
        /// Why it failed.
        code: ResultCode,
    },
}

impl ContractCalls {
    /// Calls that one account pays for. No other program may use the account: they would take each other's sequence
    /// numbers. There is no budget: [`policy`](Self::policy) bounds each call.
    pub fn paid_by(
        ledger: Arc<dyn Ledger>,
        network: &StellarNetwork,
        payer: Arc<dyn Signer>,
    ) -> Self {
        Self {
            ledger,
            network_id: network.network_id(),
            payers: SponsorPool::new([payer]),
            fee_bump: None,
            fees: FeePolicy::default(),
            budget: None,
            timing: Timing::default(),
            clock: Arc::new(SystemClock),
            observer: Arc::new(Unobserved),
        }
    }

    pub(crate) fn sponsored(engine: &Engine) -> Self {
        Self {
            ledger: Arc::clone(&engine.ledger),
            network_id: engine.network_id,
            payers: Arc::clone(&engine.sponsors),
            fee_bump: engine.fee_bump.clone(),
            fees: engine.fees,
            budget: Some(Arc::clone(&engine.budget)),
            timing: engine.timing,
            clock: Arc::clone(&engine.clock),
            observer: Arc::clone(&engine.observer),
        }
    }

    /// What a call may cost. Storing code costs much more than settling a payment.
    ///
    /// # Errors
    /// When the policy cannot work.
    pub fn policy(mut self, fees: FeePolicy) -> Result<Self, FeePolicyFault> {
        match fees.fault() {
            Some(fault) => Err(fault),
            None => {
                self.fees = fees;
                Ok(self)
            }
        }
    }

    /// How long things may take.
    #[must_use]
    pub const fn timing(mut self, timing: Timing) -> Self {
        self.timing = timing;
        self
    }

    /// Where time comes from, for nodes that do not tell when a ledger closed. The computer's clock unless set.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Does `operation`, authorized by the accounts of `signers`, and waits for its end, at most
    /// [`Timing::answer_within`]. Archived entries that a node names are restored first, by a transaction of their
    /// own.
    ///
    /// A caller that goes away before anything was sent calls it off; what was sent is followed to its end either
    /// way, so that its payer is free again.
    ///
    /// Needs a Tokio runtime: calls run as tasks.
    ///
    /// # Errors
    /// [`CallError`]. [`ExtendTtl`](ContractOperation::ExtendTtl) and [`Restore`](ContractOperation::Restore) are
    /// refused: [`extend_ttl`](Self::extend_ttl) and [`restore`](Self::restore) say of which entries.
    pub async fn call(
        &self,
        operation: ContractOperation,
        signers: &[Arc<dyn Signer>],
    ) -> Result<CallOutcome, CallError> {
        if matches!(
            operation,
            ContractOperation::ExtendTtl { .. } | ContractOperation::Restore
        ) {
            return Err(CallRefusal::NoEntries.into());
        }
        let order = Order {
            operation,
            footprint: None,
            signers: signers.to_vec(),
        };
        self.run(order).await
    }

    /// Lets these entries live for so many ledgers from now, those that would not anyway.
    ///
    /// # Errors
    /// [`CallError`]. An entry that is archived is to be [restored](Self::restore) before.
    pub async fn extend_ttl(
        &self,
        keys: &[LedgerKey],
        ledgers: u32,
    ) -> Result<CallOutcome, CallError> {
        if keys.is_empty() {
            return Err(CallRefusal::NoEntries.into());
        }
        self.run(Order {
            operation: ContractOperation::ExtendTtl { ledgers },
            footprint: Some(SorobanResources::read_only(keys)),
            signers: Vec::new(),
        })
        .await
    }

    /// Brings archived entries back. Those that are live stay as they are.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn restore(&self, keys: &[LedgerKey]) -> Result<CallOutcome, CallError> {
        if keys.is_empty() {
            return Err(CallRefusal::NoEntries.into());
        }
        self.run(Order::restoration(SorobanResources::read_write(keys)))
            .await
    }

    /// Has a task do it, and waits.
    async fn run(&self, order: Order) -> Result<CallOutcome, CallError> {
        let deadline = Instant::now() + self.timing.answer_within;
        let stage = Arc::new(Stage::default());
        let caller = Caller::new(&stage);
        let calls = self.clone();
        let task = async move { calls.fly(&order, &stage).await };
        // A task of its own: a caller that goes away does not leave a payer with a transaction nobody follows.
        let task = tokio::spawn(task.in_current_span());
        match timeout_at(deadline, task).await {
            Ok(Ok(result)) => result,
            Ok(Err(error)) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // The runtime is shutting down, and with it whoever waits here.
                Err(_) => std::future::pending().await,
            },
            Err(_) => Err(match caller.leave() {
                Some(sent) => sent.into(),
                None => self.unavailable(Outage::NotSent),
            }),
        }
    }

    /// Brings an order to its end, by whichever payer can.
    async fn fly(&self, order: &Order, stage: &Stage) -> Result<CallOutcome, CallError> {
        let mut outage = Outage::SponsorsEmpty;
        for _ in 0..self.payers.len() {
            let since = Instant::now();
            let lease = tokio::select! {
                lease = self.payers.lease() => lease,
                () = stage.called_off() => return Err(CallError::Unavailable(Outage::NotSent)),
            };
            let Some(lease) = lease else { break };
            self.observer.on_event(&SettlementEvent::SponsorLeased {
                sponsor: lease.account(),
                waited: since.elapsed(),
            });
            for _ in 0..TRIES {
                match self.launch(&lease, order, stage).await? {
                    Launch::Ended(outcome) => return Ok(outcome),
                    Launch::Restored => {}
                    Launch::SequenceIsStale => {
                        lease.set_sequence(None);
                        outage = Outage::SequenceContended;
                    }
                    Launch::PayerIsEmpty => {
                        outage = Outage::SponsorsEmpty;
                        self.observer.on_event(&SettlementEvent::SponsorEmpty {
                            sponsor: lease.account(),
                        });
                        break;
                    }
                }
            }
        }
        Err(self.unavailable(outage))
    }

    /// Notes an outage on its way to the caller.
    fn unavailable(&self, outage: impl Into<Outage>) -> CallError {
        let outage = outage.into();
        self.observer.on_event(&SettlementEvent::Outage(&outage));
        CallError::Unavailable(outage)
    }
}

impl fmt::Debug for ContractCalls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContractCalls")
            .field("payers", &self.payers)
            .field("fees", &self.fees)
            .field("timing", &self.timing)
            .finish_non_exhaustive()
    }
}

/// How often one payer begins anew: for a sequence number that was stale, or behind a restoration.
const TRIES: usize = 4;
