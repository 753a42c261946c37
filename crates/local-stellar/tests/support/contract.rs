//! Contract transactions for the tests, and a contract small enough to be written by hand.

use coinslot_soroban_authorization::SecretKey;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use stellar_xdr::{
    ContractExecutable, ContractId, ContractIdPreimage, ContractIdPreimageFromAddress,
    CreateContractArgs, Hash, HostFunction, InvokeContractArgs, InvokeHostFunctionOp,
    OperationBody, ScAddress, ScSymbol, ScVal, SorobanTransactionData, TransactionExt, Uint256,
};

use super::World;
use super::classic::{Draft, read, xdr_id};

/// A contract with one function, `ping`, that returns nothing.
pub fn wasm() -> Vec<u8> {
    let mut module = b"\0asm\x01\0\0\0".to_vec();
    let mut section = |id: u8, body: &[u8]| {
        module.push(id);
        module.push(u8::try_from(body.len()).unwrap());
        module.extend_from_slice(body);
    };
    // Type 0 is () -> i64; function 0 has it and is exported as `ping`.
    section(1, &[1, 0x60, 0, 1, 0x7e]);
    section(3, &[1, 0]);
    section(7, b"\x01\x04ping\x00\x00");
    // i64.const 2 is the host's Void.
    section(10, &[1, 4, 0, 0x42, 2, 0x0b]);
    // The protocol for which the contract was built, as XDR.
    let mut meta = b"\x11contractenvmetav0".to_vec();
    meta.extend_from_slice(&[0, 0, 0, 0, 0, 0, 0, 22, 0, 0, 0, 0]);
    section(0, &meta);
    module
}

pub fn upload() -> OperationBody {
    invoke_host(HostFunction::UploadContractWasm(wasm().try_into().unwrap()))
}

pub fn deploy(deployer: &SecretKey) -> OperationBody {
    invoke_host(HostFunction::CreateContract(CreateContractArgs {
        contract_id_preimage: ContractIdPreimage::Address(ContractIdPreimageFromAddress {
            address: ScAddress::Account(xdr_id(&deployer.account_id())),
            salt: Uint256([1; 32]),
        }),
        executable: ContractExecutable::Wasm(Hash(Sha256::digest(wasm()).into())),
    }))
}

pub fn ping(contract: &ContractId) -> OperationBody {
    call(ScAddress::Contract(contract.clone()), "ping", vec![])
}

pub fn call(contract: ScAddress, function: &str, args: Vec<ScVal>) -> OperationBody {
    invoke_host(HostFunction::InvokeContract(InvokeContractArgs {
        contract_address: contract,
        function_name: ScSymbol(function.try_into().unwrap()),
        args: args.try_into().unwrap(),
    }))
}

fn invoke_host(host_function: HostFunction) -> OperationBody {
    OperationBody::InvokeHostFunction(InvokeHostFunctionOp {
        host_function,
        auth: stellar_xdr::VecM::default(),
    })
}

impl World {
    /// A draft with what its simulation says.
    pub async fn prepared(
        &self,
        key: &SecretKey,
        body: OperationBody,
        footprint: Option<SorobanTransactionData>,
    ) -> Draft {
        let mut draft = Draft::new(key, self.next_sequence(key).await, vec![body]);
        draft.ext = footprint.map_or(TransactionExt::V0, TransactionExt::V1);
        let id = *self.network.network_id().as_bytes();
        let simulated = self
            .call(
                "simulateTransaction",
                json!({ "transaction": draft.signed(id, &[]) }),
            )
            .await;
        assert!(simulated["error"].is_null(), "{simulated}");
        let data: SorobanTransactionData = read(simulated["transactionData"].as_str().unwrap());
        draft.fee += u32::try_from(data.resource_fee).unwrap();
        draft.ext = TransactionExt::V1(data);
        if let Some(entries) = simulated["results"][0]["auth"].as_array()
            && let OperationBody::InvokeHostFunction(op) = &mut draft.operations[0].body
        {
            let entries: Vec<_> = entries
                .iter()
                .map(|entry| read(entry.as_str().unwrap()))
                .collect();
            op.auth = entries.try_into().unwrap();
        }
        draft
    }

    /// Signs, sends, closes a ledger, and answers what became of it.
    pub async fn execute(&self, key: &SecretKey, draft: &Draft) -> Value {
        let id = *self.network.network_id().as_bytes();
        let sent = self
            .call(
                "sendTransaction",
                json!({ "transaction": draft.signed(id, &[key]) }),
            )
            .await;
        assert_eq!(sent["status"], "PENDING", "{sent}");
        self.network.close_ledger().await.unwrap();
        self.call("getTransaction", json!({ "hash": sent["hash"] }))
            .await
    }

    /// All of it, for what must succeed.
    pub async fn run(&self, key: &SecretKey, body: OperationBody) -> Value {
        let draft = self.prepared(key, body, None).await;
        let done = self.execute(key, &draft).await;
        assert_eq!(done["status"], "SUCCESS", "{done}");
        done
    }
}

/// The value that a transaction returned, from its metadata.
pub fn returned(done: &Value) -> ScVal {
    let stellar_xdr::TransactionMeta::V4(meta) = read(done["resultMetaXdr"].as_str().unwrap())
    else {
        panic!("metadata of another version")
    };
    meta.soroban_meta.unwrap().return_value.unwrap()
}
