//! A local network, and accounts on it.

use std::{sync::Arc, time::Duration};

use coinslot_caip2_network::StellarNetwork;
use coinslot_local_stellar::{CloseMode, LocalStellar};
use coinslot_soroban_authorization::{Envelope, SecretKey};
use coinslot_stellar_address::{AccountId, Address};
use coinslot_stellar_ledger::{Ledger, RpcLedger, RpcOptions, Submission, TransactionStatus};
use coinslot_usdc_amount::BaseUnits;
use stellar_xdr::{
    Asset, Limits, Memo, MuxedAccount, Operation, OperationBody, PaymentOp, Preconditions,
    SequenceNumber, Transaction, TransactionEnvelope, TransactionExt, TransactionV1Envelope,
    Uint256, VecM, WriteXdr,
};
use tokio::time::sleep;

/// A local network that passes for testnet.
#[derive(Debug)]
pub struct Chain {
    /// The network itself.
    pub local: LocalStellar,
}

impl Chain {
    /// Starts a network that answers over HTTP.
    pub async fn start() -> Self {
        Self {
            local: LocalStellar::builder()
                .start()
                .await
                .expect("a local network"),
        }
    }

    /// Starts a network that answers over HTTPS too, as the official x402 client demands.
    pub async fn start_https() -> Self {
        Self {
            local: LocalStellar::builder()
                .https(true)
                .start()
                .await
                .expect("a local network"),
        }
    }

    /// Starts a network that closes a ledger when it is told to.
    pub async fn start_manual() -> Self {
        Self {
            local: LocalStellar::builder()
                .close(CloseMode::Manual)
                .start()
                .await
                .expect("a local network"),
        }
    }

    /// Closes ledgers until the task is done.
    pub async fn closing<T>(&self, task: impl Future<Output = T>) -> T {
        let mut task = std::pin::pin!(task);
        loop {
            match tokio::time::timeout(Duration::from_millis(100), &mut task).await {
                Ok(done) => return done,
                Err(_) => self.close().await,
            }
        }
    }

    /// Closes a ledger.
    pub async fn close(&self) {
        self.local.close_ledger().await.expect("a running network");
    }

    /// The name of the network.
    #[must_use]
    pub const fn network(&self) -> StellarNetwork {
        StellarNetwork::Testnet
    }

    /// A client of its RPC, with little patience.
    #[must_use]
    pub fn ledger(&self) -> Arc<dyn Ledger> {
        let options = RpcOptions::default().attempts(2);
        Arc::new(RpcLedger::new([self.local.rpc_url()], options).expect("an address on loopback"))
    }

    /// An account that is paid: it trusts USDC and has none.
    pub async fn payee(&self) -> AccountId {
        self.local
            .create_usdc_account(BaseUnits::ZERO)
            .await
            .expect("a payee")
            .account_id()
    }

    /// An account that pays network fees.
    pub async fn sponsor(&self) -> SecretKey {
        self.local.create_funded_account().await.expect("a sponsor")
    }

    /// An account with so many base units of USDC.
    pub async fn payer(&self, units: u64) -> SecretKey {
        self.local
            .create_usdc_account(BaseUnits::from_u64(units))
            .await
            .expect("a payer")
    }

    /// As [`payer`](Self::payer), with no lumens beyond the reserve that the network wants an account to keep: it
    /// cannot pay a fee.
    pub async fn payer_without_lumens(&self, units: u64) -> SecretKey {
        let key = self.payer(units).await;
        let account = key.account_id();
        let facts = self
            .ledger()
            .account(&account)
            .await
            .expect("an answer")
            .expect("an account");
        let give_away = facts.balance_stroops - RESERVE_WITH_ONE_TRUSTLINE - i64::from(FEE);
        let transaction = Transaction {
            source_account: muxed(&account),
            fee: FEE,
            seq_num: SequenceNumber(facts.sequence + 1),
            cond: Preconditions::None,
            memo: Memo::None,
            operations: vec![Operation {
                source_account: None,
                body: OperationBody::Payment(PaymentOp {
                    destination: muxed(&self.sponsor().await.account_id()),
                    asset: Asset::Native,
                    amount: give_away,
                }),
            }]
            .try_into()
            .expect("one operation"),
            ext: TransactionExt::V0,
        };
        let envelope = TransactionEnvelope::Tx(TransactionV1Envelope {
            tx: transaction,
            signatures: VecM::default(),
        });
        let bytes = envelope
            .to_xdr(Limits {
                depth: 100,
                len: 10_000,
            })
            .expect("a small transaction");
        let mut envelope = Envelope::from_xdr(&bytes).expect("a transaction");
        envelope
            .sign(&key, &self.local.network_id())
            .expect("a signature");
        self.submit(&envelope).await;
        assert_eq!(self.lumens(&account).await, RESERVE_WITH_ONE_TRUSTLINE);
        key
    }

    /// Submits a transaction and waits until it has succeeded.
    pub async fn submit(&self, envelope: &Envelope) {
        let ledger = self.ledger();
        let submission = ledger.submit(envelope).await.expect("an answer");
        assert!(
            matches!(submission, Submission::Pending { .. }),
            "{submission:?}"
        );
        let hash = envelope.hash(&self.local.network_id());
        for _ in 0..200 {
            match ledger.transaction(&hash).await.expect("an answer") {
                TransactionStatus::Succeeded { .. } => return,
                TransactionStatus::NotFound => sleep(Duration::from_millis(50)).await,
                other => panic!("{other:?}"),
            }
        }
        panic!("{hash} did not land");
    }

    /// The USDC of an account in base units.
    pub async fn usdc(&self, account: &AccountId) -> u128 {
        let balance = self
            .local
            .balance_usdc(&Address::Account(*account))
            .await
            .expect("a running network");
        balance.expect("a trustline").as_u128()
    }

    /// The lumens of an account in stroops.
    pub async fn lumens(&self, account: &AccountId) -> i64 {
        self.local
            .balance_stroops(account)
            .await
            .expect("a running network")
            .expect("an account")
    }

    /// How many transactions an account has used its sequence for, beside a number that was read before.
    pub async fn sequence(&self, account: &AccountId) -> i64 {
        self.local
            .sequence(account)
            .await
            .expect("a running network")
            .expect("an account")
    }
}

fn muxed(account: &AccountId) -> MuxedAccount {
    MuxedAccount::Ed25519(Uint256(*account.as_bytes()))
}

/// Two base reserves for the account, one for the trustline.
const RESERVE_WITH_ONE_TRUSTLINE: i64 = 15_000_000;
const FEE: u32 = 100;
