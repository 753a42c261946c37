//! Classic transactions on a network whose ledgers close by hand.

use coinslot_local_stellar::{CloseMode, LocalStellar};
use coinslot_soroban_authorization::SecretKey;
use serde_json::{Value, json};
use stellar_xdr::{
    OperationBody, OperationResult, OperationResultTr, TransactionResult, TransactionResultResult,
};

use super::World;
use super::classic::{Draft, read};

/// A network that closes by hand, with two funded accounts.
pub struct Classic {
    pub world: World,
    pub id: [u8; 32],
    pub alice: SecretKey,
    pub bob: SecretKey,
}

impl Classic {
    pub async fn new() -> Self {
        let world = World::new(LocalStellar::builder().close(CloseMode::Manual)).await;
        let alice = world.network.create_funded_account().await.unwrap();
        let bob = world.network.create_funded_account().await.unwrap();
        let id = *world.network.network_id().as_bytes();
        Self {
            world,
            id,
            alice,
            bob,
        }
    }

    pub async fn draft(&self, bodies: Vec<OperationBody>) -> Draft {
        let sequence = self.world.next_sequence(&self.alice).await;
        Draft::new(&self.alice, sequence, bodies)
    }

    pub async fn submit(&self, envelope: &str) -> Value {
        self.world
            .call("sendTransaction", json!({ "transaction": envelope }))
            .await
    }

    /// Submits what must be accepted, closes the ledger, and answers the result.
    pub async fn apply(&self, envelope: &str) -> TransactionResult {
        let sent = self.submit(envelope).await;
        assert_eq!(sent["status"], "PENDING", "{:?}", refusal(&sent));
        self.world.network.close_ledger().await.unwrap();
        let done = self
            .world
            .call("getTransaction", json!({ "hash": sent["hash"] }))
            .await;
        read(done["resultXdr"].as_str().unwrap())
    }

    pub async fn run(&self, bodies: Vec<OperationBody>) -> TransactionResultResult {
        let draft = self.draft(bodies).await;
        self.apply(&draft.signed(self.id, &[&self.alice]))
            .await
            .result
    }

    pub async fn refused(&self, envelope: &str) -> TransactionResultResult {
        let sent = self.submit(envelope).await;
        assert_eq!(sent["status"], "ERROR", "{sent}");
        refusal(&sent).unwrap()
    }
}

pub fn refusal(sent: &Value) -> Option<TransactionResultResult> {
    sent["errorResultXdr"]
        .as_str()
        .map(|text| read::<TransactionResult>(text).result)
}

pub fn first(result: TransactionResultResult) -> OperationResult {
    match result {
        TransactionResultResult::TxSuccess(results)
        | TransactionResultResult::TxFailed(results) => results[0].clone(),
        other => panic!("{other:?}"),
    }
}

pub fn inner(result: TransactionResultResult) -> OperationResultTr {
    match first(result) {
        OperationResult::OpInner(inner) => inner,
        other => panic!("{other:?}"),
    }
}
