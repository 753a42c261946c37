//! `coinslot channel` with contracts that others put on the ledger: factories, other code, other tokens.

use std::sync::Arc;

use coinslot_caip2_network::StellarNetwork;
use coinslot_channel_commitment::{CommitmentKey, ONE_WAY_CHANNEL_CODE, OpenChannel};
use coinslot_settlement::{CallOutcome, ContractCalls, FeePolicy, argument};
use coinslot_soroban_authorization::{
    Argument, ContractOperation, Invocation, SecretKey, Signer, created_contract_id,
};
use coinslot_stellar_address::{AccountId, ContractId};
use coinslot_stellar_ledger::{RpcLedger, RpcOptions};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tokio::runtime::Runtime;

use crate::channel::{Opened, key_in, open, units};
use crate::support::{Town, run_in};

/// Somebody who calls contracts, and pays for it.
struct Stranger {
    key: SecretKey,
    calls: ContractCalls,
    runtime: Runtime,
}

impl Stranger {
    fn of(town: &Town) -> Self {
        let key: SecretKey = town
            .setting("COINSLOT_FEE_PAYER_KEY")
            .parse()
            .expect("a key");
        let ledger = RpcLedger::new([town.ready("rpcUrl")], RpcOptions::default());
        let calls = ContractCalls::paid_by(
            Arc::new(ledger.expect("an RPC")),
            &StellarNetwork::Testnet,
            Arc::new(key.clone()),
        );
        let policy = FeePolicy {
            max_fee_stroops: 1_000_000_000,
            ..FeePolicy::default()
        };
        Self {
            key,
            calls: calls.policy(policy).expect("a policy"),
            runtime: Runtime::new().expect("threads"),
        }
    }

    fn account(&self) -> AccountId {
        self.key.account_id()
    }

    fn call(&self, operation: ContractOperation, signer: &SecretKey) {
        let signer: Arc<dyn Signer> = Arc::new(signer.clone());
        let outcome = self.runtime.block_on(self.calls.call(operation, &[signer]));
        assert!(
            matches!(outcome, Ok(CallOutcome::Confirmed { .. })),
            "{outcome:?}"
        );
    }

    fn upload(&self, wasm: &[u8]) -> [u8; 32] {
        let wasm = wasm.to_vec();
        let hash = Sha256::digest(&wasm).into();
        self.call(ContractOperation::Upload { wasm }, &self.key);
        hash
    }

    fn create(&self, code: [u8; 32], salt: u8, arguments: Vec<Argument>) -> ContractId {
        let (deployer, salt) = (self.account().into(), [salt; 32]);
        let create = ContractOperation::Create {
            deployer,
            salt,
            wasm_hash: code,
            arguments,
        };
        self.call(create, &self.key);
        created_contract_id(&StellarNetwork::Testnet.network_id(), &deployer, &salt)
    }

    /// A factory whose channels have this code.
    fn factory(&self, code: [u8; 32], salt: u8) -> String {
        let arguments = vec![
            Argument::Address(self.account().into()),
            Argument::Bytes(code.to_vec()),
        ];
        self.create(self.upload(FACTORY), salt, arguments)
            .to_string()
    }
}

#[test]
fn a_channel_is_opened_through_the_factory() {
    let own = Opened::with("1d");
    let town = &own.town;
    let stranger = Stranger::of(town);
    let ours = stranger.factory(ONE_WAY_CHANNEL_CODE, 1);
    let opened = open(town, &["--generate-key", "second.key", "--factory", &ours]);
    assert_eq!(opened.code, 0, "{}", opened.stderr);
    let told = opened.json();
    assert_eq!(told["factory"], ours.as_str());
    assert_eq!(told["codeTransaction"], Value::Null);
    let channel = told["channel"].as_str().expect("it is there");
    let state = run_in(town.folder.path(), &["channel", "state", "--json", channel]).json();
    assert_eq!(units(&state, "deposited"), "20000000");
    assert_eq!(state["refundWaitingPeriod"], 17_280);
    let made = key_in(&town.folder.path().join("second.key"));
    assert_eq!(state["commitmentKey"], made.public_key().to_string());

    let crooked = stranger.factory([7; 32], 2);
    let channel_as_factory = own.channel.clone();
    for (factory, words) in [
        (&crooked, "have another code"),
        (
            &channel_as_factory,
            "not the factory that comes with this program",
        ),
    ] {
        let refused = open(town, &["--generate-key", "third.key", "--factory", factory]);
        assert_eq!(refused.code, 4, "{}", refused.stderr);
        assert!(refused.stderr.contains(words), "{}", refused.stderr);
        assert!(!town.folder.path().join("third.key").exists());
    }
    let trusted = [
        "--generate-key",
        "third.key",
        "--factory",
        &channel_as_factory,
        "--trust-factory",
    ];
    let refused = open(town, &trusted);
    assert_eq!(refused.code, 5, "{}", refused.stderr);
    assert!(
        refused.stderr.contains("no channel was opened"),
        "{}",
        refused.stderr
    );
    assert!(
        !town.folder.path().join("third.key").exists(),
        "a key that no channel has is removed"
    );
}

#[test]
fn code_that_nobody_knows_is_used_by_who_says_so() {
    let town = Town::found();
    let stranger = Stranger::of(&town);
    // A section without a meaning: other bytes, and the same contract.
    let code = stranger.upload(&[CHANNEL, b"\0\x02\x01x"].concat());
    let factory = stranger.factory(code, 1);
    let flags = ["--generate-key", "channel.key", "--factory", &factory];
    assert_eq!(open(&town, &flags).code, 4);
    let opened = open(&town, &[&flags[..], &["--trust-factory"]].concat());
    assert_eq!(opened.code, 0, "{}", opened.stderr);
    let channel = opened.json()["channel"]
        .as_str()
        .expect("it is there")
        .to_owned();
    let state = |flags: &[&str]| {
        let command = ["channel", "state", &channel];
        run_in(town.folder.path(), &[&command[..], flags].concat())
    };
    let told = state(&["--json"]).json();
    assert_eq!(told["codeIsKnown"], false);
    let code: String = code.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(told["code"], code);
    assert_eq!(units(&told, "balance"), "20000000");
    assert!(state(&[]).stdout.contains("PROBLEM: its code"));
}

#[test]
fn money_of_another_token_is_not_a_channels_own() {
    let own = Opened::with("1d");
    let town = &own.town;
    let stranger = Stranger::of(town);
    let usdc: ContractId = town.ready("usdcContract").parse().expect("a contract");
    let terms = OpenChannel {
        // Nothing is deposited, so nobody asks whether this is a token.
        token: own.channel.parse().expect("a contract"),
        funder: stranger.account().into(),
        commitment_key: CommitmentKey::from_seed([5; 32]).public_key(),
        recipient: stranger.account().into(),
        deposit: 0_u64.into(),
        refund_waiting_period: 9,
    };
    let arguments = terms.constructor_arguments().into_iter().map(argument);
    let channel = stranger.create(ONE_WAY_CHANNEL_CODE, 1, arguments.collect());
    let buyer: SecretKey = town.setting("STELLAR_SECRET_KEY").parse().expect("a key");
    let gift = Invocation::new(usdc, "transfer")
        .expect("a name")
        .argument(Argument::Address(buyer.account_id().into()))
        .argument(Argument::Address(channel.into()))
        .argument(Argument::I128(7));
    stranger.call(ContractOperation::Invoke(gift), &buyer);
    let id = channel.to_string();
    let state = run_in(town.folder.path(), &["channel", "state", "--json", &id]);
    assert_eq!(state.code, 0, "{}", state.stderr);
    let state = state.json();
    assert_eq!(units(&state, "balance"), "0");
    assert_eq!(state["token"], own.channel.as_str());
    assert_eq!(state["balance"]["usdc"], Value::Null);
    let dollars = ["--amount", "$1", "--signature", &own.voucher(1)];
    let key = town.setting("COINSLOT_FEE_PAYER_KEY");
    let fixed = ["channel", "settle", &id, "--recipient-secret-key", &key];
    let refused = run_in(town.folder.path(), &[&fixed[..], &dollars].concat());
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(
        refused.stderr.contains("give its base units"),
        "{}",
        refused.stderr
    );
}

const FACTORY: &[u8] = include_bytes!("../../../../contracts/wasm/channel_factory.wasm");
const CHANNEL: &[u8] = include_bytes!("../../../../contracts/wasm/one_way_channel.wasm");
