//! What the tests share: a JSON-RPC caller and the steps of a payment by auth entry.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::missing_errors_doc,
    clippy::unwrap_used,
    reason = "each test uses a part of it, and fails by panicking"
)]

pub mod by_hand;
pub mod classic;
pub mod contract;

use std::time::Duration;

use coinslot_local_stellar::{Builder, LocalStellar};
use coinslot_soroban_authorization::{
    AuthEntry, Envelope, SecretKey, SorobanResources, Transfer, TransferTransaction,
    UnsignedAuthEntry,
};
use coinslot_stellar_address::{AccountId, Address};
use coinslot_usdc_amount::BaseUnits;
use serde_json::{Value, json};

pub struct World {
    pub network: LocalStellar,
    pub http: reqwest::Client,
}

impl World {
    pub async fn new(builder: Builder) -> Self {
        Self {
            network: builder.start().await.unwrap(),
            http: reqwest::Client::new(),
        }
    }

    /// The whole JSON-RPC answer.
    pub async fn raw(&self, method: &str, params: Value) -> reqwest::Result<Value> {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let response = self
            .http
            .post(self.network.rpc_url())
            .json(&body)
            .send()
            .await?;
        response.error_for_status()?.json().await
    }

    /// The result of a call that succeeds.
    pub async fn call(&self, method: &str, params: Value) -> Value {
        let answer = self.raw(method, params).await.unwrap();
        assert!(answer["error"].is_null(), "{method}: {answer}");
        answer["result"].clone()
    }

    pub async fn error(&self, method: &str, params: Value) -> Value {
        self.raw(method, params).await.unwrap()["error"].clone()
    }

    pub async fn payer(&self, usdc: u64) -> SecretKey {
        self.network
            .create_usdc_account(BaseUnits::from_u64(usdc))
            .await
            .unwrap()
    }

    pub fn transfer(&self, from: &SecretKey, to: &SecretKey, amount: i128) -> Transfer {
        Transfer {
            token: self.network.usdc_contract(),
            from: Address::Account(from.account_id()),
            to: Address::Account(to.account_id()),
            amount,
        }
    }

    pub async fn usdc(&self, key: &SecretKey) -> u128 {
        self.network
            .balance_usdc(&Address::Account(key.account_id()))
            .await
            .unwrap()
            .unwrap()
            .as_u128()
    }

    pub async fn stroops(&self, key: &SecretKey) -> i64 {
        self.network
            .balance_stroops(&key.account_id())
            .await
            .unwrap()
            .unwrap()
    }

    pub async fn next_sequence(&self, key: &SecretKey) -> i64 {
        self.network
            .sequence(&key.account_id())
            .await
            .unwrap()
            .unwrap()
            + 1
    }

    /// An entry by which `from` authorises the transfer for some ledgers.
    pub async fn authorise(&self, from: &SecretKey, transfer: &Transfer, nonce: i64) -> AuthEntry {
        let latest = self.network.latest_ledger().await.unwrap().sequence;
        UnsignedAuthEntry::for_transfer(transfer, nonce, latest + 12)
            .sign(from, &self.network.network_id())
            .unwrap()
    }

    pub async fn simulate(&self, envelope: &Envelope) -> Value {
        self.call(
            "simulateTransaction",
            json!({ "transaction": envelope.to_base64() }),
        )
        .await
    }

    pub async fn send(&self, envelope: &Envelope) -> Value {
        self.call(
            "sendTransaction",
            json!({ "transaction": envelope.to_base64() }),
        )
        .await
    }

    /// A signed transaction of `sponsor` that carries the entry.
    pub async fn sponsored(
        &self,
        sponsor: &SecretKey,
        transfer: &Transfer,
        entry: AuthEntry,
    ) -> Envelope {
        let mut transaction = TransferTransaction {
            source: AccountId::ALL_ZEROS,
            sequence: 0,
            fee: 100,
            max_time: None,
            transfer: *transfer,
            auth: vec![entry],
            resources: None,
        };
        let simulated = self.simulate(&transaction.to_envelope()).await;
        assert!(simulated["error"].is_null(), "{simulated}");
        let resources =
            SorobanResources::from_base64(simulated["transactionData"].as_str().unwrap()).unwrap();
        transaction.source = sponsor.account_id();
        transaction.sequence = self.next_sequence(sponsor).await;
        transaction.fee = u32::try_from(resources.resource_fee()).unwrap() + 100;
        transaction.resources = Some(resources);
        let mut envelope = transaction.to_envelope();
        envelope.sign(sponsor, &self.network.network_id()).unwrap();
        envelope
    }

    /// Polls until the transaction is known.
    pub async fn settled(&self, hash: &str) -> Value {
        for _ in 0..200 {
            let answer = self.call("getTransaction", json!({ "hash": hash })).await;
            if answer["status"] != "NOT_FOUND" {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{hash} was not settled in four seconds");
    }
}

pub fn hash_of(answer: &Value) -> String {
    answer["hash"].as_str().unwrap().to_owned()
}
