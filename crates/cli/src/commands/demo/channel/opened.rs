//! A channel, and the buyer that pays from it.

use std::ops::RangeInclusive;
use std::sync::Arc;

use coinslot_caip2_network::StellarNetwork;
use coinslot_channel_commitment::{
    ChannelCall, CommitmentKey, ONE_WAY_CHANNEL_CODE, OpenChannel, channel_id_from_account,
};
use coinslot_client::{Budget, ChannelFunds, PayingClient, PaymentError, Protocol};
use coinslot_local_stellar::LocalStellar;
use coinslot_payment_store::MemoryStore;
use coinslot_settlement::{CallOutcome, ContractCalls, FeePolicy, argument, invocation};
use coinslot_soroban_authorization::{ContractOperation, SecretKey, Signer};
use coinslot_stellar_address::{AccountId, ContractId};
use coinslot_usdc_amount::BaseUnits;

use super::WAITING_PERIOD;
use crate::commands::channel::CHANNEL_WASM;
use crate::commands::demo::parts::{rpc, unexpected};
use crate::exit::{Failure, Kind};

pub(super) struct Opened {
    pub(super) channel: ContractId,
    pub(super) deposit: BaseUnits,
    funder: SecretKey,
    calls: ContractCalls,
    client: PayingClient,
}

impl Opened {
    /// The funder opens a channel for the recipient; a buyer that holds nothing but the commitment key pays from it.
    pub(super) async fn open(
        network: &LocalStellar,
        funder: SecretKey,
        recipient: AccountId,
        deposit: u64,
    ) -> Result<Self, Failure> {
        let calls = ContractCalls::paid_by(
            Arc::new(rpc(network)?),
            &StellarNetwork::Testnet,
            Arc::new(funder.clone()),
        )
        .policy(FeePolicy {
            max_fee_stroops: MAX_FEE_STROOPS,
            ..FeePolicy::default()
        })
        .map_err(|error| unexpected(&error))?;
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|error| unexpected(&error))?;
        let mut salt = [0; 32];
        getrandom::fill(&mut salt).map_err(|error| unexpected(&error))?;
        let key = CommitmentKey::from_seed(seed);
        let terms = OpenChannel {
            token: network.usdc_contract(),
            funder: funder.account_id().into(),
            commitment_key: key.public_key(),
            recipient: recipient.into(),
            deposit: BaseUnits::from_u64(deposit),
            refund_waiting_period: WAITING_PERIOD,
        };
        let wasm = CHANNEL_WASM.to_vec();
        called(&calls, ContractOperation::Upload { wasm }, &funder).await?;
        let create = ContractOperation::Create {
            deployer: funder.account_id().into(),
            salt,
            wasm_hash: ONE_WAY_CHANNEL_CODE,
            arguments: terms
                .constructor_arguments()
                .into_iter()
                .map(argument)
                .collect(),
        };
        called(&calls, create, &funder).await?;
        let channel = channel_id_from_account(&network.network_id(), &funder.account_id(), &salt);
        Ok(Self {
            channel,
            deposit: terms.deposit,
            client: client(network, channel, key)?,
            funder,
            calls,
        })
    }

    pub(super) fn funder(&self) -> AccountId {
        self.funder.account_id()
    }

    /// Calls the contract as its funder.
    pub(super) async fn call(&self, call: &ChannelCall) -> Result<(), Failure> {
        let call = invocation(self.channel, call).map_err(|error| unexpected(&error))?;
        called(&self.calls, ContractOperation::Invoke(call), &self.funder).await
    }

    /// Buys one answer after another.
    pub(super) async fn buy(&self, url: &str, days: RangeInclusive<u16>) -> Result<(), Failure> {
        for day in days {
            let asked = self.client.get(format!("{url}?day={day}")).send().await;
            let response = asked.map_err(|error| match PaymentError::from_middleware(&error) {
                Some(payment) => Failure::payment(payment),
                None => Failure::http(&error),
            })?;
            if !response.status().is_success() {
                return Err(Failure::new(
                    Kind::HttpStatus,
                    format!("the seller answered {} to a voucher", response.status()),
                ));
            }
        }
        Ok(())
    }

    /// Asks the seller to close; what it takes, in base units.
    pub(super) async fn close(&self, url: &str) -> Result<BaseUnits, Failure> {
        let closed = self
            .client
            .close_channel(self.channel, format!("{url}?day=1"));
        let closed = closed.await.map_err(|error| Failure::payment(&error))?;
        Ok(closed.paid.units)
    }
}

/// A client that can pay from this channel and in no other way.
fn client(
    network: &LocalStellar,
    channel: ContractId,
    key: CommitmentKey,
) -> Result<PayingClient, Failure> {
    let host = ["127.0.0.1"];
    let budget = Budget::per_payment("$0.01")
        .and_then(|budget| budget.per_day("$10"))
        .and_then(|budget| budget.per_host_per_day("$10"))
        .map_err(|error| unexpected(&error))?
        .hosts(host)
        .map_err(|error| unexpected(&error))?;
    let funds = ChannelFunds::of(channel, key)
        .per_channel("$1")
        .and_then(|funds| funds.per_request("$0.01"))
        .map_err(|error| unexpected(&error))?
        .hosts(host)
        .map_err(|error| unexpected(&error))?;
    // An account that holds nothing: the channel pays.
    let nobody = SecretKey::from_seed([1; 32]);
    PayingClient::builder(nobody)
        .budget(budget)
        .store(Arc::new(MemoryStore::new()))
        .channel(funds)
        .network(StellarNetwork::Testnet)
        .rpc(Arc::new(rpc(network)?))
        .only(Protocol::Mpp)
        .build()
        .map_err(|error| unexpected(&error))
}

async fn called(
    calls: &ContractCalls,
    operation: ContractOperation,
    signer: &SecretKey,
) -> Result<(), Failure> {
    let signers: [Arc<dyn Signer>; 1] = [Arc::new(signer.clone())];
    match calls.call(operation, &signers).await {
        Ok(CallOutcome::Confirmed { .. }) => Ok(()),
        Ok(CallOutcome::Failed { code, .. }) => Err(Failure::new(
            Kind::Unexpected,
            format!("a call of a contract failed: {code}"),
        )),
        Err(error) => Err(unexpected(&error)),
    }
}

/// Storing the contract's code costs more than everything else.
const MAX_FEE_STROOPS: u64 = 1_000_000_000;
