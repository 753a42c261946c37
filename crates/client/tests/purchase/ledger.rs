//! A model of the network: what was settled on it, and how far it has come.
//!
//! The payer's own transactions land in the order of their sequence numbers, within their time bounds.

use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, AtomicU64, AtomicUsize, Ordering};

use async_trait::async_trait;
use coinslot_caip2_network::{NetworkId, StellarNetwork};
use coinslot_payment_store::{Clock, SystemClock};
use coinslot_soroban_authorization::{
    ClassicAsset, Credential, Envelope, LedgerKey, SorobanResources, TransactionHash,
    TransferEnvelope,
};
use coinslot_stellar_address::{AccountId, Address, ContractId};
use coinslot_stellar_ledger::{
    AccountFacts, EventPage, EventsFrom, FeeStats, LandedTransfer, LatestLedger, Ledger,
    LedgerEntries, LedgerError, ResultCode, Simulation, Submission, TransactionStatus,
    TrustlineFacts, UnavailableReason,
};
use coinslot_x402_wire::PaymentPayload;

/// The network in memory.
pub(crate) struct ModelLedger {
    network: StellarNetwork,
    latest: AtomicU32,
    /// When the latest ledger closed.
    closed_at: AtomicU64,
    landed: Mutex<HashMap<TransactionHash, (u32, Envelope)>>,
    /// What landed and failed.
    failed: Mutex<HashMap<TransactionHash, Envelope>>,
    /// The payer's last sequence number.
    sequence: AtomicI64,
    /// What was submitted, each time, by its hash.
    submitted: Mutex<Vec<TransactionHash>>,
    /// What becomes of the next submissions; afterwards they land.
    pub(crate) fates: Mutex<VecDeque<Fate>>,
    /// How often a transaction is looked up in vain after it landed.
    pub(crate) unseen: AtomicUsize,
    pub(crate) resource_fee: AtomicI64,
    /// What others bid for inclusion.
    pub(crate) recent_bids: AtomicU64,
    pub(crate) simulations: AtomicUsize,
    /// What the next simulations answer instead of success.
    pub(crate) failure: Mutex<Option<String>>,
    /// Whether the node has forgotten the transactions, though not their events.
    pub(crate) forgetful: AtomicBool,
    /// The payer's balance; `None` without a trustline.
    pub(crate) balance: Mutex<Option<i64>>,
}

/// What becomes of a submission.
#[derive(Clone, Debug)]
pub(crate) enum Fate {
    /// It is taken and lands.
    Lands,
    /// It lands, and the answer is lost.
    LandsUnsaid,
    /// It never arrives, and there is no answer.
    IsLost,
    /// It is not taken now.
    MustWait,
    /// It is not taken.
    IsRefused(ResultCode),
    /// It lands and fails.
    Fails,
    /// It is taken, and never lands.
    IsDropped,
}

impl ModelLedger {
    pub(crate) fn new(network: StellarNetwork) -> Self {
        Self {
            network,
            latest: AtomicU32::new(1000),
            closed_at: AtomicU64::new(SystemClock.now().as_seconds()),
            landed: Mutex::default(),
            failed: Mutex::default(),
            sequence: AtomicI64::new(7),
            submitted: Mutex::default(),
            fates: Mutex::default(),
            unseen: AtomicUsize::new(0),
            resource_fee: AtomicI64::new(40_000),
            recent_bids: AtomicU64::new(200),
            simulations: AtomicUsize::new(0),
            failure: Mutex::default(),
            forgetful: AtomicBool::new(false),
            balance: Mutex::new(Some(1_000_000_000)),
        }
    }

    pub(crate) fn advance(&self, ledgers: u32) {
        self.latest.fetch_add(ledgers, Ordering::SeqCst);
        let seconds = u64::from(ledgers) * 5;
        self.closed_at.fetch_add(seconds, Ordering::SeqCst);
    }

    /// The hashes of what was submitted, each time.
    pub(crate) fn submissions(&self) -> Vec<TransactionHash> {
        self.submitted.lock().unwrap().clone()
    }

    /// What landed under a hash.
    pub(crate) fn landed(&self, hash: &TransactionHash) -> Option<Envelope> {
        let landed = self.landed.lock().unwrap();
        landed.get(hash).map(|(_, envelope)| envelope.clone())
    }

    /// How many payments landed.
    pub(crate) fn settled(&self) -> usize {
        self.landed.lock().unwrap().len()
    }

    /// Settles what a payment header carries, as a facilitator would: each authorization once, before it expires.
    pub(crate) fn settle(&self, header: &str) -> Result<TransactionHash, &'static str> {
        let payload = PaymentPayload::from_header(header).map_err(|_| "header")?;
        let transaction = payload.payload["transaction"]
            .as_str()
            .ok_or("transaction")?;
        let envelope = Envelope::from_base64(transaction).map_err(|_| "envelope")?;
        let transfer = TransferEnvelope::recognise(&envelope).map_err(|_| "transfer")?;
        assert_eq!(transfer.transfer.to.to_string(), payload.accepted.pay_to);
        assert_eq!(transfer.transfer.amount, payload.accepted.amount.to_i128());
        self.sponsor(envelope)
    }

    /// Lands a transfer by the authorization in it, as a sponsor's transaction would: once, before it expires.
    pub(crate) fn sponsor(&self, envelope: Envelope) -> Result<TransactionHash, &'static str> {
        let transfer = TransferEnvelope::recognise(&envelope).map_err(|_| "transfer")?;
        let [entry] = transfer.auth.as_slice() else {
            return Err("auth");
        };
        assert_eq!(
            entry.transfer(),
            Some(transfer.transfer),
            "only this transfer is signed for"
        );
        assert!(!entry.has_sub_invocations());
        entry
            .verify_account_signature(&self.network.network_id())
            .map_err(|_| "signature")?;
        let Credential::Address {
            expiration_ledger, ..
        } = entry.credential()
        else {
            return Err("credential");
        };
        if expiration_ledger < self.latest.load(Ordering::SeqCst) {
            return Err("expired");
        }
        let mut landed = self.landed.lock().unwrap();
        let used = |(_, other): &(u32, Envelope)| {
            TransferEnvelope::recognise(other).unwrap().auth[0].credential() == entry.credential()
        };
        if landed.values().any(used) {
            return Err("nonce");
        }
        let hash = envelope.hash(&self.network.network_id());
        landed.insert(hash, (self.latest.load(Ordering::SeqCst), envelope));
        Ok(hash)
    }

    /// Lands a transaction of the payer's own: signed, next in order, and in time.
    pub(crate) fn apply(&self, envelope: &Envelope) -> Result<TransactionHash, ResultCode> {
        let network = self.network.network_id();
        let hash = envelope.hash(&network);
        self.submitted.lock().unwrap().push(hash);
        let transfer = TransferEnvelope::recognise(envelope).unwrap();
        let Address::Account(source) = transfer.source else {
            return Err(ResultCode::Malformed);
        };
        assert_eq!(transfer.transfer.from, transfer.source);
        if !envelope.is_signed_by(&source, &network) {
            return Err(ResultCode::BadAuth);
        }
        let max_time = transfer.time_bounds.unwrap().max_time;
        if max_time < self.closed_at.load(Ordering::SeqCst) {
            return Err(ResultCode::TooLate);
        }
        let before = transfer.sequence - 1;
        let next = self.sequence.compare_exchange(
            before,
            transfer.sequence,
            Ordering::SeqCst,
            Ordering::SeqCst,
        );
        next.map_err(|_| ResultCode::BadSequence)?;
        let ledger = self.latest.load(Ordering::SeqCst);
        let mut landed = self.landed.lock().unwrap();
        landed.insert(hash, (ledger, envelope.clone()));
        Ok(hash)
    }

    /// Lands a transaction of the payer's own, which fails.
    pub(crate) fn fail(&self, envelope: &Envelope) {
        let hash = envelope.hash(&self.network.network_id());
        self.sequence.fetch_add(1, Ordering::SeqCst);
        self.failed.lock().unwrap().insert(hash, envelope.clone());
    }
}

#[async_trait]
impl Ledger for ModelLedger {
    async fn network(&self) -> Result<NetworkId, LedgerError> {
        Ok(self.network.network_id())
    }

    async fn latest_ledger(&self) -> Result<LatestLedger, LedgerError> {
        let sequence = self.latest.load(Ordering::SeqCst);
        Ok(LatestLedger {
            sequence,
            close_time: Some(self.closed_at.load(Ordering::SeqCst)),
            protocol_version: 30,
        })
    }

    async fn close_time_seconds(&self) -> Result<u32, LedgerError> {
        Ok(5)
    }

    async fn account(&self, _: &AccountId) -> Result<Option<AccountFacts>, LedgerError> {
        Ok(Some(AccountFacts {
            sequence: self.sequence.load(Ordering::SeqCst),
            balance_stroops: 10_000_000,
        }))
    }

    async fn trustline(
        &self,
        _: &AccountId,
        asset: &ClassicAsset,
    ) -> Result<Option<TrustlineFacts>, LedgerError> {
        assert!(asset.to_string().starts_with("USDC:"));
        let balance = *self.balance.lock().unwrap();
        Ok(balance.map(|balance| TrustlineFacts {
            balance,
            limit: i64::MAX,
            authorized: true,
        }))
    }

    async fn nonce_used(&self, _: &Address, _: i64) -> Result<bool, LedgerError> {
        Err(LedgerError::unavailable(UnavailableReason::TimedOut))
    }

    async fn simulate(&self, envelope: &Envelope) -> Result<Simulation, LedgerError> {
        self.simulations.fetch_add(1, Ordering::SeqCst);
        let transfer = TransferEnvelope::recognise(envelope).unwrap();
        assert!(
            matches!(
                transfer.auth[0].credential(),
                Credential::Address { signed: true, .. } | Credential::SourceAccount
            ),
            "enforcing mode"
        );
        let latest_ledger = self.latest.load(Ordering::SeqCst);
        Ok(match self.failure.lock().unwrap().clone() {
            Some(message) => Simulation::Failed {
                message,
                latest_ledger,
            },
            None => Simulation::Succeeded {
                resources: SorobanResources::from_xdr(&[0; 32]).unwrap(),
                min_resource_fee: self.resource_fee.load(Ordering::SeqCst),
                auth: transfer.auth,
                events: Vec::new(),
                return_value: None,
                latest_ledger,
            },
        })
    }

    async fn submit(&self, envelope: &Envelope) -> Result<Submission, LedgerError> {
        let hash = envelope.hash(&self.network.network_id());
        let lost = LedgerError::unavailable(UnavailableReason::AnswerLost);
        if self.landed.lock().unwrap().contains_key(&hash) {
            return Ok(Submission::Duplicate { hash });
        }
        let fate = self.fates.lock().unwrap().pop_front();
        match fate.unwrap_or(Fate::Lands) {
            Fate::Lands => Ok(match self.apply(envelope) {
                Ok(hash) => Submission::Pending { hash },
                Err(code) => Submission::Refused { code },
            }),
            Fate::LandsUnsaid => {
                self.apply(envelope).unwrap();
                Err(lost)
            }
            Fate::IsLost => {
                self.submitted.lock().unwrap().push(hash);
                Err(lost)
            }
            Fate::MustWait => {
                self.submitted.lock().unwrap().push(hash);
                Ok(Submission::TryAgainLater)
            }
            Fate::IsRefused(code) => {
                self.submitted.lock().unwrap().push(hash);
                Ok(Submission::Refused { code })
            }
            Fate::Fails => {
                self.submitted.lock().unwrap().push(hash);
                self.fail(envelope);
                Ok(Submission::Pending { hash })
            }
            Fate::IsDropped => {
                self.submitted.lock().unwrap().push(hash);
                Ok(Submission::Pending { hash })
            }
        }
    }

    async fn transaction(&self, hash: &TransactionHash) -> Result<TransactionStatus, LedgerError> {
        if self.forgetful.load(Ordering::SeqCst) {
            return Ok(TransactionStatus::NotFound);
        }
        let unseen = |left: usize| left.checked_sub(1);
        let order = Ordering::SeqCst;
        if self.unseen.fetch_update(order, order, unseen).is_ok() {
            return Ok(TransactionStatus::NotFound);
        }
        if let Some(envelope) = self.failed.lock().unwrap().get(hash) {
            return Ok(TransactionStatus::Failed {
                ledger: self.latest.load(order),
                close_time: None,
                envelope: envelope.clone(),
                code: ResultCode::OperationFailed("Trapped".to_owned()),
                fee_charged: 100,
            });
        }
        Ok(match self.landed.lock().unwrap().get(hash) {
            None => TransactionStatus::NotFound,
            Some((ledger, envelope)) => TransactionStatus::Succeeded {
                ledger: *ledger,
                close_time: None,
                envelope: envelope.clone(),
                events: Vec::new(),
                return_value: None,
                fee_charged: 100,
            },
        })
    }

    async fn transfers(
        &self,
        token: &ContractId,
        from: &Address,
        to: &Address,
        start_ledger: u32,
    ) -> Result<Vec<LandedTransfer>, LedgerError> {
        let landed = self.landed.lock().unwrap();
        let transfers = landed.iter().filter_map(|(hash, (ledger, envelope))| {
            let transfer = TransferEnvelope::recognise(envelope).unwrap().transfer;
            let wanted = (transfer.token, transfer.from, transfer.to) == (*token, *from, *to);
            let found = LandedTransfer {
                transaction: *hash,
                ledger: *ledger,
                amount: transfer.amount,
            };
            (wanted && *ledger >= start_ledger).then_some(found)
        });
        Ok(transfers.collect())
    }

    async fn entries(&self, _: &[LedgerKey]) -> Result<LedgerEntries, LedgerError> {
        unreachable!("a payment reads no entries")
    }

    async fn events(&self, _: &[ContractId], _: &EventsFrom) -> Result<EventPage, LedgerError> {
        unreachable!("a payment reads transfers only")
    }

    async fn fee_stats(&self) -> Result<FeeStats, LedgerError> {
        let recent = self.recent_bids.load(Ordering::SeqCst);
        Ok(FeeStats {
            p50: 100,
            p90: recent,
            p95: recent,
            p99: recent,
            max: recent,
        })
    }
}
