//! Sending a call that one account authorizes, and that the same or another one pays for.

use std::sync::Arc;
use std::time::Duration;

use coinslot_channel_commitment::ChannelCall;
use coinslot_settlement::{CallOutcome, ContractCalls, FeePolicy, Timing, invocation};
use coinslot_soroban_authorization::{ContractOperation, SecretKey, Signer, TransactionHash};
use coinslot_stellar_address::{AccountId, ContractId};

use super::{explain, money};
use crate::arguments::FeePayer;
use crate::exit::{Failure, Kind};
use crate::network::Selected;
use crate::secret::SecretText;

/// Who calls, and who pays.
pub(super) struct Caller {
    calls: ContractCalls,
    authorizer: Arc<dyn Signer>,
    payer: AccountId,
}

/// A call that landed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Landed {
    pub(super) transaction: TransactionHash,
    pub(super) ledger: u32,
}

impl Caller {
    pub(super) fn new(
        selected: &Selected,
        authorizer: SecretKey,
        max_fee: &str,
        fee_payer: &FeePayer,
    ) -> Result<Self, Failure> {
        let payer = match &fee_payer.fee_payer {
            Some(text) => fee_payer_key(text)?,
            None => authorizer.clone(),
        };
        let account = payer.account_id();
        let policy = FeePolicy {
            max_fee_stroops: money::stroops(max_fee, "--max-fee")?,
            ..FeePolicy::default()
        };
        let calls = ContractCalls::paid_by(
            Arc::clone(&selected.ledger),
            &selected.network,
            Arc::new(payer),
        );
        let calls = calls
            .policy(policy)
            .map_err(|error| Failure::new(Kind::Usage, format!("--max-fee: {error}")))?
            .timing(Timing {
                answer_within: ANSWER_WITHIN,
                ..Timing::default()
            });
        Ok(Self {
            calls,
            authorizer: Arc::new(authorizer),
            payer: account,
        })
    }

    /// Who authorizes.
    pub(super) fn account(&self) -> AccountId {
        self.authorizer.account_id()
    }

    /// Who pays.
    pub(super) const fn payer(&self) -> AccountId {
        self.payer
    }

    /// The calls, for whoever signs by itself.
    pub(super) fn calls(&self) -> ContractCalls {
        self.calls.clone()
    }

    /// Calls a channel.
    pub(super) async fn channel(
        &self,
        channel: ContractId,
        call: &ChannelCall,
    ) -> Result<Landed, Failure> {
        let invocation = invocation(channel, call).map_err(|error| Failure::unexpected(&error))?;
        self.call(ContractOperation::Invoke(invocation)).await
    }

    /// Sends an operation, and waits for its end.
    pub(super) async fn call(&self, operation: ContractOperation) -> Result<Landed, Failure> {
        let outcome = self
            .calls
            .call(operation, &[Arc::clone(&self.authorizer)])
            .await
            .map_err(|error| explain::call(&error, &self.payer))?;
        match outcome {
            CallOutcome::Confirmed {
                transaction,
                ledger,
                ..
            } => Ok(Landed {
                transaction,
                ledger,
            }),
            CallOutcome::Failed {
                transaction, code, ..
            } => Err(Failure::new(
                Kind::Refused,
                format!(
                    "transaction {transaction} landed and changed nothing: {code}; the contract's state has changed under it, look at it and try again"
                ),
            )),
        }
    }
}

fn fee_payer_key(text: &SecretText) -> Result<SecretKey, Failure> {
    text.expose()
        .parse()
        .map_err(|error| Failure::configuration(format!("COINSLOT_FEE_PAYER_KEY: {error}")))
}

/// Longer than a transaction lives, so that nearly always its end is known.
const ANSWER_WITHIN: Duration = Duration::from_secs(90);
