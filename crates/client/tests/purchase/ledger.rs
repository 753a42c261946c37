//! A model of the network: what was settled on it, and how far it has come.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};

use async_trait::async_trait;
use coinslot_caip2_network::{NetworkId, StellarNetwork};
use coinslot_soroban_authorization::{
    AccountId, Address, ClassicAsset, ContractId, Credential, Envelope, SorobanResources,
    TransactionHash, TransferEnvelope,
};
use coinslot_stellar_ledger::{
    AccountFacts, FeeStats, LandedTransfer, LatestLedger, Ledger, LedgerError, Simulation,
    Submission, TransactionStatus, TrustlineFacts, UnavailableReason,
};
use coinslot_x402_wire::PaymentPayload;

/// The network in memory.
pub(crate) struct ModelLedger {
    network: StellarNetwork,
    latest: AtomicU32,
    landed: Mutex<HashMap<TransactionHash, (u32, Envelope)>>,
    pub(crate) simulations: AtomicUsize,
    /// What the next simulations answer instead of success.
    pub(crate) failure: Mutex<Option<String>>,
    /// Whether the node has forgotten the transactions, though not their events.
    pub(crate) forgetful: AtomicBool,
    /// The payer's balance; `None` without a trustline.
    pub(crate) balance: Mutex<Option<i64>>,
}

impl ModelLedger {
    pub(crate) fn new(network: StellarNetwork) -> Self {
        Self {
            network,
            latest: AtomicU32::new(1000),
            landed: Mutex::default(),
            simulations: AtomicUsize::new(0),
            failure: Mutex::default(),
            forgetful: AtomicBool::new(false),
            balance: Mutex::new(Some(1_000_000_000)),
        }
    }

    pub(crate) fn advance(&self, ledgers: u32) {
        self.latest.fetch_add(ledgers, Ordering::SeqCst);
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
            close_time: None,
            protocol_version: 30,
        })
    }

    async fn close_time_seconds(&self) -> Result<u32, LedgerError> {
        Ok(5)
    }

    async fn account(&self, _: &AccountId) -> Result<Option<AccountFacts>, LedgerError> {
        Ok(Some(AccountFacts {
            sequence: 1,
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
                Credential::Address { signed: true, .. }
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
                min_resource_fee: 40_000,
                auth: transfer.auth,
                events: Vec::new(),
                latest_ledger,
            },
        })
    }

    async fn submit(&self, _: &Envelope) -> Result<Submission, LedgerError> {
        Err(LedgerError::unavailable(UnavailableReason::TimedOut))
    }

    async fn transaction(&self, hash: &TransactionHash) -> Result<TransactionStatus, LedgerError> {
        if self.forgetful.load(Ordering::SeqCst) {
            return Ok(TransactionStatus::NotFound);
        }
        Ok(match self.landed.lock().unwrap().get(hash) {
            None => TransactionStatus::NotFound,
            Some((ledger, envelope)) => TransactionStatus::Succeeded {
                ledger: *ledger,
                close_time: None,
                envelope: envelope.clone(),
                events: Vec::new(),
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

    async fn fee_stats(&self) -> Result<FeeStats, LedgerError> {
        Err(LedgerError::unavailable(UnavailableReason::TimedOut))
    }
}
