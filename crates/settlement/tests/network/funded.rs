//! A channel that a funder has opened for the world's payee, and vouchers of it.

use std::sync::Arc;
use std::time::Duration;

use coinslot_caip2_network::StellarNetwork;
use coinslot_channel_commitment::{
    ChannelCall, Commitment, CommitmentKey, ONE_WAY_CHANNEL_CODE, OpenChannel, Voucher,
};
use coinslot_mpp_channel_stellar::{ChannelPolicy, Price};
use coinslot_payment_store::PaymentStore;
use coinslot_settlement::{
    Channel, ChannelError, Channels, ChannelsBuilder, ContractCalls, FeePolicy, Taken, argument,
    invocation,
};
use coinslot_soroban_authorization::{ContractOperation, SecretKey, created_contract_id};
use coinslot_stellar_address::ContractId;
use coinslot_stellar_ledger::Ledger;
use coinslot_usdc_amount::BaseUnits;

use super::calls::signers;
use super::contract::returned;
use super::world::{PRICE, World};

const WASM: &[u8] = include_bytes!("../../../../contracts/wasm/one_way_channel.wasm");
const WAITING_PERIOD: u32 = 1_000;
pub(crate) const SALT: [u8; 32] = [3; 32];

/// How old what is known of a channel may be.
pub(crate) const OLDEST_FACTS: Duration = Duration::from_secs(60);

/// What a request costs, in all of these tests.
pub(crate) fn price() -> Price {
    Price::Once(BaseUnits::from_u64(PRICE))
}

fn key() -> CommitmentKey {
    CommitmentKey::from_seed([6; 32])
}

/// Puts the contract's code on the ledger.
pub(crate) async fn store_code(calls: &ContractCalls) {
    // That costs more than a payment may.
    let policy = FeePolicy {
        max_fee_stroops: 500_000_000,
        ..FeePolicy::default()
    };
    let calls = calls.clone().policy(policy).unwrap();
    let wasm = WASM.to_vec();
    let stored = calls.call(ContractOperation::Upload { wasm }, &[]).await;
    returned(stored.unwrap());
}

/// Opens a channel with so many base units.
pub(crate) fn opening(world: &World, funder: &SecretKey, deposit: u64) -> ContractOperation {
    let open = OpenChannel {
        token: world.network.usdc_contract(),
        funder: funder.account_id().into(),
        commitment_key: key().public_key(),
        recipient: world.payee.account_id().into(),
        deposit: BaseUnits::from_u64(deposit),
        refund_waiting_period: WAITING_PERIOD,
    };
    let arguments = open.constructor_arguments();
    ContractOperation::Create {
        deployer: funder.account_id().into(),
        salt: SALT,
        wasm_hash: ONE_WAY_CHANNEL_CODE,
        arguments: arguments.into_iter().map(argument).collect(),
    }
}

/// A channel, as its funder has it.
pub(crate) struct Funded {
    pub(crate) id: ContractId,
    funder: SecretKey,
    calls: ContractCalls,
}

impl World {
    /// A channel with so many base units in it.
    pub(crate) async fn funded(&self, deposit: u64) -> Funded {
        let funder = self.payer().await;
        let calls = self.calls(&funder);
        store_code(&calls).await;
        let open = opening(self, &funder, deposit);
        returned(calls.call(open, &signers([&funder])).await.unwrap());
        let network = self.network.network_id();
        Funded {
            id: created_contract_id(&network, &funder.account_id().into(), &SALT),
            funder,
            calls,
        }
    }

    /// Channels of the payee, at which nobody looks by themselves.
    pub(crate) fn channels(
        &self,
        ledger: Arc<dyn Ledger>,
        store: Arc<dyn PaymentStore>,
    ) -> ChannelsBuilder {
        let payee = self.payee.clone();
        Channels::builder(ledger, store, StellarNetwork::Testnet, payee)
            .watch_every(Duration::from_secs(3_600))
            .policy(|policy| ChannelPolicy {
                shortest_waiting_period: WAITING_PERIOD,
                shortest_time_to_live: 1_000,
                oldest_facts_seconds: OLDEST_FACTS.as_secs(),
                ..policy
            })
    }
}

impl Funded {
    /// The voucher for so many base units in all.
    pub(crate) fn voucher(&self, amount: u64) -> Voucher {
        self.voucher_of(&key(), amount)
    }

    /// The same, signed with any key.
    pub(crate) fn voucher_of(&self, key: &CommitmentKey, amount: u64) -> Voucher {
        key.sign(&Commitment {
            network: StellarNetwork::Testnet.network_id(),
            channel: self.id,
            amount: BaseUnits::from_u64(amount),
        })
    }

    /// Pays with the voucher for so many prices in all, for a request of its own.
    pub(crate) async fn pay(&self, channel: &Channel, nth: u64) -> Result<Taken, ChannelError> {
        let voucher = self.voucher(nth * PRICE);
        channel.accept(voucher, price(), request(nth)).await
    }

    /// Deposits so many base units more.
    pub(crate) async fn top_up(&self, amount: u64) {
        let call = ChannelCall::TopUp(BaseUnits::from_u64(amount));
        let call = ContractOperation::Invoke(invocation(self.id, &call).unwrap());
        let done = self.calls.call(call, &signers([&self.funder])).await;
        returned(done.unwrap());
    }
}

/// The request that the voucher for so many prices pays for.
pub(crate) fn request(nth: u64) -> [u8; 32] {
    let mut request = [0; 32];
    request[..8].copy_from_slice(&nth.to_be_bytes());
    request
}
