//! A local network with a payee, and payments to it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use coinslot_caip2_network::StellarNetwork;
use coinslot_facilitator_api::Settlement;
use coinslot_local_stellar::{Builder, CloseMode, LocalStellar};
use coinslot_payment_store::{MemoryStore, PaymentStore};
use coinslot_settlement::{LocalFacilitator, LocalFacilitatorBuilder, Timing};
use coinslot_soroban_authorization::{
    AuthEntry, Envelope, Memo, SecretKey, TransferEnvelope, TransferTransaction,
};
use coinslot_stellar_address::{AccountId, Address};
use coinslot_stellar_ledger::{Ledger, RpcLedger, RpcOptions, Simulation};
use coinslot_usdc_amount::BaseUnits;
use coinslot_x402_exact_stellar::{ExactPayload, plan};
use coinslot_x402_wire::{
    FacilitatorRequest, PaymentPayload, PaymentRequirements, ResourceInfo, SettleResponse,
};
use tokio::task::{JoinHandle, yield_now};

use super::recorder::Recorder;

pub(crate) struct World {
    pub(crate) network: LocalStellar,
    pub(crate) ledger: Arc<RpcLedger>,
    pub(crate) payee: SecretKey,
    pub(crate) recorder: Arc<Recorder>,
    nonces: AtomicI64,
}

pub(crate) const PRICE: u64 = 10_000;

impl World {
    /// A network whose ledgers close when something is submitted.
    pub(crate) async fn new() -> Self {
        Self::on(LocalStellar::builder()).await
    }

    /// A network whose ledgers close when the test says so.
    pub(crate) async fn manual() -> Self {
        Self::on(LocalStellar::builder().close(CloseMode::Manual)).await
    }

    pub(crate) async fn on(builder: Builder) -> Self {
        let network = builder.start().await.unwrap();
        let payee = account_with_usdc(&network, 0).await;
        Self {
            ledger: Arc::new(rpc(&network)),
            network,
            payee,
            recorder: Arc::default(),
            nonces: AtomicI64::new(1),
        }
    }

    pub(crate) async fn payer(&self) -> SecretKey {
        account_with_usdc(&self.network, 100 * PRICE).await
    }

    pub(crate) async fn sponsor(&self) -> SecretKey {
        self.network.create_funded_account().await.unwrap()
    }

    pub(crate) fn builder(&self, store: Arc<dyn PaymentStore>) -> LocalFacilitatorBuilder {
        let ledger = Arc::clone(&self.ledger) as Arc<dyn Ledger>;
        LocalFacilitator::builder(ledger, store, StellarNetwork::Testnet)
            .observer(Arc::clone(&self.recorder) as _)
            .timing(quick())
    }

    /// A facilitator with so many sponsors, which forgets everything with the test.
    pub(crate) async fn facilitator(&self, sponsors: usize) -> LocalFacilitator {
        let mut builder = self.builder(Arc::new(MemoryStore::new()));
        for _ in 0..sponsors {
            builder = builder.sponsor(self.sponsor().await);
        }
        builder.build().await.unwrap()
    }

    pub(crate) fn requirements(&self) -> PaymentRequirements {
        let (amount, timeout) = (BaseUnits::from_u64(PRICE), 60);
        let token = self.network.usdc_contract().to_string();
        let payee = self.payee.account_id().to_string();
        let chain = StellarNetwork::Testnet.chain_id().to_owned();
        PaymentRequirements::new("exact", chain, amount, token, payee, timeout)
            .with_extra("areFeesSponsored", true)
    }

    /// An honest payment for [`requirements`](Self::requirements).
    pub(crate) async fn payment(&self, payer: &SecretKey) -> FacilitatorRequest {
        let nonce = self.nonces.fetch_add(1, Ordering::SeqCst);
        self.payment_with(payer, nonce, self.requirements()).await
    }

    pub(crate) async fn payment_with(
        &self,
        payer: &SecretKey,
        nonce: i64,
        requirements: PaymentRequirements,
    ) -> FacilitatorRequest {
        let plan = plan(&requirements, payer.account_id()).unwrap();
        let latest = self.network.latest_ledger().await.unwrap().sequence;
        let entry = plan
            .authorization(nonce, plan.expiration_ledger(latest, 5))
            .sign(payer, &self.network.network_id())
            .unwrap();
        let simulation = self.ledger.simulate(&plan.probe(&entry)).await.unwrap();
        let Simulation::Succeeded {
            resources,
            min_resource_fee,
            ..
        } = simulation
        else {
            panic!("{simulation:?}");
        };
        let payload = plan.payload(entry, resources, min_resource_fee);
        let payload = PaymentPayload::new(requirements.clone(), payload)
            .with_resource(ResourceInfo::new("https://api.example.com/weather"));
        FacilitatorRequest::new(payload, requirements)
    }

    pub(crate) async fn usdc(&self, key: &SecretKey) -> u128 {
        let holder = Address::Account(key.account_id());
        self.network
            .balance_usdc(&holder)
            .await
            .unwrap()
            .unwrap()
            .as_u128()
    }

    pub(crate) async fn stroops(&self, account: &AccountId) -> i64 {
        self.network
            .balance_stroops(account)
            .await
            .unwrap()
            .unwrap()
    }

    /// How many transactions an account has made.
    pub(crate) async fn sequence(&self, account: &AccountId) -> i64 {
        self.network.sequence(account).await.unwrap().unwrap()
    }

    /// Closes ledgers until the task is done.
    pub(crate) async fn closing<T>(&self, task: impl Future<Output = T>) -> T {
        tokio::pin!(task);
        loop {
            match tokio::time::timeout(Duration::from_millis(100), &mut task).await {
                Ok(done) => return done,
                Err(_) => drop(self.network.close_ledger().await.unwrap()),
            }
        }
    }

    /// Somebody else submits the payment's entry, in a transaction of their own.
    pub(crate) async fn snatch(&self, request: &FacilitatorRequest, by: &SecretKey) -> Envelope {
        self.snatch_beside(request, by, Vec::new()).await
    }

    /// As [`snatch`](Self::snatch), with more authorizations, which nothing needs.
    pub(crate) async fn snatch_beside(
        &self,
        request: &FacilitatorRequest,
        by: &SecretKey,
        more: Vec<AuthEntry>,
    ) -> Envelope {
        let seen = transaction_of(request);
        let mut transaction = TransferTransaction {
            source: by.account_id(),
            sequence: self.sequence(&by.account_id()).await + 1,
            fee: 100,
            max_time: None,
            transfer: seen.transfer,
            auth: [seen.auth, more].concat(),
            resources: None,
        };
        let simulation = self
            .ledger
            .simulate(&transaction.to_envelope())
            .await
            .unwrap();
        let Simulation::Succeeded {
            resources,
            min_resource_fee,
            ..
        } = simulation
        else {
            panic!("{simulation:?}");
        };
        transaction.fee = u32::try_from(min_resource_fee).unwrap() + 100;
        transaction.resources = Some(resources.with_resource_fee(min_resource_fee));
        let mut envelope = transaction.to_envelope();
        envelope.sign(by, &self.network.network_id()).unwrap();
        self.ledger.submit(&envelope).await.unwrap();
        envelope
    }
}

/// Starts all of these on a runtime of one thread: each has gone on until it had to wait when this answers.
pub(crate) async fn at_once<T: Send + 'static>(
    all: impl IntoIterator<Item = impl Future<Output = T> + Send + 'static>,
) -> Vec<JoinHandle<T>> {
    let started = Arc::new(AtomicUsize::new(0));
    let tasks: Vec<_> = all
        .into_iter()
        .map(|task| {
            let started = Arc::clone(&started);
            tokio::spawn(async move {
                started.fetch_add(1, Ordering::SeqCst);
                task.await
            })
        })
        .collect();
    while started.load(Ordering::SeqCst) < tasks.len() {
        yield_now().await;
    }
    tasks
}

/// Longer than anything takes that waits for nothing.
pub(crate) const LONG: Duration = Duration::from_secs(60);

/// Shorter than in production, so that tests need not wait.
pub(crate) fn quick() -> Timing {
    Timing {
        answer_within: Duration::from_secs(20),
        poll_every: Duration::from_millis(100),
        lease: Duration::from_secs(2),
        ..Timing::default()
    }
}

pub(crate) fn rpc(network: &LocalStellar) -> RpcLedger {
    RpcLedger::new([network.rpc_url()], RpcOptions::default().attempts(1)).unwrap()
}

async fn account_with_usdc(network: &LocalStellar, amount: u64) -> SecretKey {
    let key = network.create_usdc_account(BaseUnits::from_u64(amount));
    tokio::pin!(key);
    loop {
        match tokio::time::timeout(Duration::from_millis(200), &mut key).await {
            Ok(key) => return key.unwrap(),
            Err(_) => drop(network.close_ledger().await.unwrap()),
        }
    }
}

/// The transaction inside a payment.
pub(crate) fn transaction_of(request: &FacilitatorRequest) -> TransferEnvelope {
    let payload = ExactPayload::from_map(&request.payment_payload.payload).unwrap();
    TransferEnvelope::from_base64(&payload.transaction).unwrap()
}

/// The payment with another transaction in it.
pub(crate) fn with_transaction(
    request: &FacilitatorRequest,
    envelope: &Envelope,
) -> FacilitatorRequest {
    let mut request = request.clone();
    let payload = ExactPayload {
        transaction: envelope.to_base64(),
    };
    request.payment_payload.payload = payload.into_map();
    request
}

/// The same authorization entry in another wrapping: another memo, fee, sequence and time.
pub(crate) fn rewrapped(request: &FacilitatorRequest) -> FacilitatorRequest {
    let seen = transaction_of(request);
    let other = TransferTransaction {
        source: AccountId::ALL_ZEROS,
        sequence: seen.sequence + 77,
        fee: seen.fee + 1,
        max_time: Some(4_000_000_000),
        transfer: seen.transfer,
        auth: seen.auth,
        resources: seen.resources,
    };
    with_transaction(request, &other.to_envelope_with_memo(&Memo::Id(7)))
}

/// The same payment with another entry.
pub(crate) fn with_entry(request: &FacilitatorRequest, entry: AuthEntry) -> FacilitatorRequest {
    let seen = transaction_of(request);
    let other = TransferTransaction {
        source: AccountId::ALL_ZEROS,
        sequence: seen.sequence,
        fee: seen.fee,
        max_time: None,
        transfer: seen.transfer,
        auth: vec![entry],
        resources: seen.resources,
    };
    with_transaction(request, &other.to_envelope())
}

#[track_caller]
pub(crate) fn confirmed(settlement: Settlement) -> SettleResponse {
    match settlement {
        Settlement::Confirmed(response) => response,
        other => panic!("not confirmed: {other:?}"),
    }
}

/// The reason of a failed settlement.
#[track_caller]
pub(crate) fn reason(settlement: Settlement) -> String {
    match settlement {
        Settlement::Failed(response) => {
            assert!(!response.success);
            response.error_reason.unwrap().to_string()
        }
        other => panic!("not failed: {other:?}"),
    }
}

#[track_caller]
pub(crate) fn pending(settlement: Settlement) -> SettleResponse {
    match settlement {
        Settlement::Pending {
            response,
            retry_after_seconds,
        } => {
            assert!(!response.success && retry_after_seconds > 0);
            assert_eq!(
                response.error_reason.as_ref().unwrap().as_str(),
                "settlement_pending"
            );
            response
        }
        other => panic!("not pending: {other:?}"),
    }
}
