//! Channels opened by their funder, and vouchers made by hand.

use std::sync::Arc;
use std::time::Duration;

use coinslot_channel_commitment::{
    ChannelCall, Commitment, CommitmentKey, ONE_WAY_CHANNEL_CODE, OpenChannel, Voucher,
    channel_id_from_account,
};
use coinslot_mpp_wire::stellar::{
    ChannelAction, ChannelPayload, KeyProof, NamedChannel, PAYMENT_CHANNEL,
};
use coinslot_mpp_wire::{Challenge, Credential, PAYMENT_RECEIPT, Receipt};
use coinslot_payment_store::PaymentStore;
use coinslot_server::{Gate, GateBuilder, mpp};
use coinslot_settlement::{
    CallOutcome, Channels, ChannelsBuilder, ContractCalls, FeePolicy, argument, invocation,
};
use coinslot_soroban_authorization::{ContractOperation, ContractTransaction, SecretKey, Signer};
use coinslot_stellar_address::{AccountId, ContractId};
use coinslot_stellar_ledger::Simulation;
use coinslot_usdc_amount::{BaseUnits, usdc_on};
use reqwest::{Response, header::AUTHORIZATION};

use crate::{
    chain::Chain,
    charge::{fresh_challenge, now},
    programs::SECRET,
};

/// The contract that comes with the workspace.
pub const CODE: &[u8] = include_bytes!("../../contracts/wasm/one_way_channel.wasm");

/// How many ledgers a funder has to wait in these tests.
pub const WAITING_PERIOD: u32 = 100;

/// A channel, and everything that its funder knows of it.
#[derive(Clone, Debug)]
pub struct Funded {
    /// The contract.
    pub channel: ContractId,
    /// Signs the vouchers.
    pub key: CommitmentKey,
    /// Has deposited, and signs what the funder may call.
    pub funder: SecretKey,
    calls: ContractCalls,
    network: coinslot_caip2_network::NetworkId,
}

/// Calls that this account pays for.
#[must_use]
pub fn calls(chain: &Chain, payer: &SecretKey) -> ContractCalls {
    let policy = FeePolicy {
        max_fee_stroops: 1_000_000_000,
        ..FeePolicy::default()
    };
    ContractCalls::paid_by(chain.ledger(), &chain.network(), Arc::new(payer.clone()))
        .policy(policy)
        .expect("a policy that can work")
}

/// The contract of USDC.
#[must_use]
pub fn usdc(chain: &Chain) -> ContractId {
    usdc_on(chain.network().chain_id().as_str())
        .expect("USDC")
        .contract
        .parse()
        .expect("a contract")
}

/// What a call came to, when it had to succeed.
///
/// # Panics
///
/// When it did not.
pub fn confirmed(outcome: CallOutcome) -> Option<Vec<u8>> {
    match outcome {
        CallOutcome::Confirmed { return_value, .. } => return_value,
        CallOutcome::Failed { code, .. } => panic!("the call failed: {code}"),
    }
}

impl Funded {
    /// Opens a channel for this recipient with so many base units of USDC.
    pub async fn open(chain: &Chain, recipient: AccountId, deposit: u64) -> Self {
        Self::open_waiting(chain, recipient, deposit, WAITING_PERIOD).await
    }

    /// The same, with another waiting period.
    pub async fn open_waiting(
        chain: &Chain,
        recipient: AccountId,
        deposit: u64,
        refund_waiting_period: u32,
    ) -> Self {
        let funder = chain.payer(deposit.saturating_mul(2)).await;
        let calls = calls(chain, &funder);
        let signers: [Arc<dyn Signer>; 1] = [Arc::new(funder.clone())];
        let upload = ContractOperation::Upload {
            wasm: CODE.to_vec(),
        };
        confirmed(calls.call(upload, &signers).await.expect("an upload"));
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).expect("randomness");
        let key = CommitmentKey::from_seed(seed);
        let open = OpenChannel {
            token: usdc(chain),
            funder: funder.account_id().into(),
            commitment_key: key.public_key(),
            recipient: recipient.into(),
            deposit: BaseUnits::from_u64(deposit),
            refund_waiting_period,
        };
        let salt = seed.map(|byte| !byte);
        let create = ContractOperation::Create {
            deployer: funder.account_id().into(),
            salt,
            wasm_hash: ONE_WAY_CHANNEL_CODE,
            arguments: open
                .constructor_arguments()
                .into_iter()
                .map(argument)
                .collect(),
        };
        confirmed(calls.call(create, &signers).await.expect("a channel"));
        let network = chain.local.network_id();
        Self {
            channel: channel_id_from_account(&network, &funder.account_id(), &salt),
            key,
            funder,
            calls,
            network,
        }
    }

    /// Calls the channel as its funder.
    pub async fn call(&self, call: &ChannelCall) -> Option<Vec<u8>> {
        let call = invocation(self.channel, call).expect("a call");
        let signers: [Arc<dyn Signer>; 1] = [Arc::new(self.funder.clone())];
        let outcome = self.calls.call(ContractOperation::Invoke(call), &signers);
        confirmed(outcome.await.expect("a call that can be made"))
    }

    /// What a function of the channel returns that changes nothing.
    ///
    /// # Panics
    ///
    /// When it would fail.
    pub async fn view(&self, chain: &Chain, call: &ChannelCall) -> Option<Vec<u8>> {
        let transaction = ContractTransaction {
            source: AccountId::ALL_ZEROS,
            sequence: 1,
            fee: 100,
            max_time: None,
            operation: ContractOperation::Invoke(invocation(self.channel, call).expect("a call")),
            auth: Vec::new(),
            resources: None,
        };
        match chain.ledger().simulate(&transaction.to_envelope()).await {
            Ok(Simulation::Succeeded { return_value, .. }) => return_value,
            other => panic!("the call would fail: {other:?}"),
        }
    }

    /// What a voucher for so many base units in all signs.
    #[must_use]
    pub const fn commitment(&self, amount: u64) -> Commitment {
        Commitment {
            network: self.network,
            channel: self.channel,
            amount: BaseUnits::from_u64(amount),
        }
    }

    /// The voucher for so many base units in all.
    #[must_use]
    pub fn voucher(&self, amount: u64) -> Voucher {
        self.key.sign(&self.commitment(amount))
    }

    /// The value of the `Payment-Channel` header.
    #[must_use]
    pub fn named(&self) -> String {
        self.named_with(None)
    }

    /// The same with a proof of the key, made now.
    #[must_use]
    pub fn proven(&self) -> String {
        self.proven_at(now())
    }

    /// The same with a proof that says it was made then.
    #[must_use]
    pub fn proven_at(&self, at: u64) -> String {
        let proof = self.key.prove(&self.network, &self.channel, at);
        let signature = hex::decode(proof.signature_hex()).expect("hexadecimal");
        self.named_with(Some(KeyProof {
            at,
            signature: signature.try_into().expect("64 bytes"),
        }))
    }

    fn named_with(&self, proof: Option<KeyProof>) -> String {
        let channel = self.channel.to_string();
        NamedChannel { channel, proof }.to_string()
    }

    /// Asks for a resource without paying, naming the channel.
    pub async fn ask(&self, url: &str) -> Response {
        let request = reqwest::Client::new().get(url);
        let request = request.header(PAYMENT_CHANNEL, self.named());
        request.send().await.expect("an answer")
    }

    /// The challenge for the channel.
    pub async fn challenge(&self, url: &str) -> Challenge {
        fresh_challenge(&self.ask(url).await)
    }

    /// The value of the `Authorization` header that answers a challenge with a voucher.
    #[must_use]
    pub fn answer(&self, challenge: &Challenge, amount: u64) -> String {
        credential(challenge, ChannelAction::Voucher, &self.voucher(amount))
    }

    /// The same, to close the channel.
    #[must_use]
    pub fn closing(&self, challenge: &Challenge, amount: u64) -> String {
        credential(challenge, ChannelAction::Close, &self.voucher(amount))
    }

    /// Pays for a resource.
    pub async fn pay(&self, url: &str, challenge: &Challenge, amount: u64) -> Response {
        present(
            &reqwest::Client::new(),
            url,
            &self.answer(challenge, amount),
        )
        .await
    }
}

/// A credential with any voucher.
#[must_use]
pub fn credential(challenge: &Challenge, action: ChannelAction, voucher: &Voucher) -> String {
    let payload = ChannelPayload {
        action,
        amount: voucher.amount(),
        signature: *voucher.signature(),
    };
    Credential::new(challenge.clone(), &payload).to_header()
}

/// Sends a request with a credential.
pub async fn present(client: &reqwest::Client, url: &str, credential: &str) -> Response {
    let request = client.get(url).header(AUTHORIZATION, credential);
    request.send().await.expect("an answer")
}

/// What a paid answer says about its payment.
///
/// # Panics
///
/// When there is no receipt.
#[must_use]
pub fn receipt(response: &Response) -> Receipt {
    let value = response.headers().get(PAYMENT_RECEIPT);
    let value = value.unwrap_or_else(|| panic!("no receipt: {response:?}"));
    Receipt::from_header(value.to_str().expect("ASCII")).expect("a receipt that can be read")
}

/// Channels for this recipient, on a network whose ledgers close when something is submitted.
pub fn channels_builder(
    chain: &Chain,
    store: Arc<dyn PaymentStore>,
    recipient: &SecretKey,
) -> ChannelsBuilder {
    Channels::builder(chain.ledger(), store, chain.network(), recipient.clone())
        .policy(|policy| coinslot_mpp_channel_stellar::ChannelPolicy {
            shortest_waiting_period: WAITING_PERIOD,
            shortest_time_to_live: 1_000,
            ..policy
        })
        .watch_every(Duration::from_millis(200))
        .lease(Duration::from_secs(1))
}

/// A gate that asks $0.001 by channel.
pub fn gate(store: Arc<dyn PaymentStore>, channels: Channels) -> GateBuilder {
    Gate::builder()
        .offer(offer())
        .channels(channels)
        .secret(SECRET)
        .store(store)
}

/// $0.001 by channel.
///
/// # Panics
///
/// Never.
#[must_use]
pub fn offer() -> mpp::ChannelOffer {
    mpp::channel("$0.001")
        .expect("an offer")
        .network(coinslot_caip2_network::StellarNetwork::Testnet)
}
