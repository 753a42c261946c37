//! Operations on contracts: everything that a Soroban transaction can do.

use coinslot_caip2_network::NetworkId;
use coinslot_stellar_address::{Address, ContractId};
use sha2::{Digest as _, Sha256};

use crate::{
    address::write_address,
    auth_entry::AuthEntry,
    codec::Writer,
    invocation::{AUTHORIZED_FUNCTION_CONTRACT_FN, Argument, Invocation, write_arguments},
};

/// The one operation of a Soroban transaction.
///
/// For [`ExtendTtl`](Self::ExtendTtl) and [`Restore`](Self::Restore) the entries are those of the transaction's
/// footprint: [`SorobanResources::read_only`](crate::SorobanResources::read_only) and
/// [`read_write`](crate::SorobanResources::read_write).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContractOperation {
    /// Calls a contract's function. The calls [`below`](Invocation::below) it matter to authorizations only.
    Invoke(Invocation),
    /// Puts the code of contracts on the ledger, by its SHA-256.
    Upload {
        /// The code.
        wasm: Vec<u8>,
    },
    /// Creates a contract with the id [`created_contract_id`], and calls its constructor.
    Create {
        /// Who creates it, and has to authorize that.
        deployer: Address,
        /// Tells this deployer's contracts apart.
        salt: [u8; 32],
        /// The SHA-256 of the code, which is on the ledger.
        wasm_hash: [u8; 32],
        /// The constructor's arguments; none for code without a constructor.
        arguments: Vec<Argument>,
    },
    /// Lets the entries of the read-only footprint live for so many ledgers from now, those that would not anyway.
    ExtendTtl {
        /// How many, counted from the ledger in which the transaction lands.
        ledgers: u32,
    },
    /// Brings the archived entries of the read-write footprint back.
    Restore,
}

impl ContractOperation {
    /// Whether an entry authorizes this very operation as its root, and not another call.
    ///
    /// What a simulation returns is a node's word: nothing is to be signed that does not pass this. The calls below
    /// the root are those that the contract makes; whoever calls a contract trusts its code with them.
    #[must_use]
    pub fn is_root_of(&self, entry: &AuthEntry) -> bool {
        let mut function = Writer::with_capacity(256);
        match self {
            Self::Invoke(call) => {
                function.u32(AUTHORIZED_FUNCTION_CONTRACT_FN);
                call.write_call(&mut function);
            }
            Self::Create { .. } => {
                function.u32(AUTHORIZED_FUNCTION_CREATE_CONTRACT_V2);
                self.write_creation(&mut function);
            }
            Self::Upload { .. } | Self::ExtendTtl { .. } | Self::Restore => return false,
        }
        entry.root_function() == function.finish()
    }

    /// Writes an `OperationBody`, with the entries where it has any.
    pub(crate) fn write(&self, auth: &[AuthEntry], writer: &mut Writer) {
        match self {
            Self::Invoke(call) => {
                writer
                    .u32(INVOKE_HOST_FUNCTION)
                    .u32(HOST_FUNCTION_INVOKE_CONTRACT);
                call.write_call(writer);
            }
            Self::Upload { wasm } => {
                writer
                    .u32(INVOKE_HOST_FUNCTION)
                    .u32(HOST_FUNCTION_UPLOAD_WASM)
                    .opaque(wasm);
            }
            Self::Create { .. } => {
                writer
                    .u32(INVOKE_HOST_FUNCTION)
                    .u32(HOST_FUNCTION_CREATE_CONTRACT_V2);
                self.write_creation(writer);
            }
            Self::ExtendTtl { ledgers } => {
                writer.u32(EXTEND_FOOTPRINT_TTL).u32(EXT_NONE).u32(*ledgers);
                return;
            }
            Self::Restore => {
                writer.u32(RESTORE_FOOTPRINT).u32(EXT_NONE);
                return;
            }
        }
        write_auth(auth, writer);
    }

    /// Writes `CreateContractArgsV2`.
    fn write_creation(&self, writer: &mut Writer) {
        let Self::Create {
            deployer,
            salt,
            wasm_hash,
            arguments,
        } = self
        else {
            return;
        };
        write_contract_id_preimage(deployer, salt, writer);
        writer.u32(CONTRACT_EXECUTABLE_WASM).raw(wasm_hash);
        write_arguments(arguments, writer);
    }
}

/// Writes the authorization entries of `InvokeHostFunctionOp`.
pub(crate) fn write_auth(auth: &[AuthEntry], writer: &mut Writer) {
    writer.length(auth.len());
    for entry in auth {
        writer.raw(entry.as_xdr());
    }
}

/// The id of the contract that `deployer` creates with `salt` on a network, whatever its code.
#[must_use]
pub fn created_contract_id(network: &NetworkId, deployer: &Address, salt: &[u8; 32]) -> ContractId {
    let mut preimage = Writer::with_capacity(128);
    preimage
        .u32(ENVELOPE_TYPE_CONTRACT_ID)
        .raw(network.as_bytes());
    write_contract_id_preimage(deployer, salt, &mut preimage);
    ContractId::from_bytes(Sha256::digest(preimage.finish()).into())
}

fn write_contract_id_preimage(deployer: &Address, salt: &[u8; 32], writer: &mut Writer) {
    writer.u32(CONTRACT_ID_PREIMAGE_FROM_ADDRESS);
    write_address(deployer, writer);
    writer.raw(salt);
}

const EXT_NONE: u32 = 0;
pub(crate) const INVOKE_HOST_FUNCTION: u32 = 24;
const EXTEND_FOOTPRINT_TTL: u32 = 25;
const RESTORE_FOOTPRINT: u32 = 26;
pub(crate) const HOST_FUNCTION_INVOKE_CONTRACT: u32 = 0;
const HOST_FUNCTION_UPLOAD_WASM: u32 = 2;
const HOST_FUNCTION_CREATE_CONTRACT_V2: u32 = 3;
const AUTHORIZED_FUNCTION_CREATE_CONTRACT_V2: u32 = 2;
const CONTRACT_ID_PREIMAGE_FROM_ADDRESS: u32 = 0;
const CONTRACT_EXECUTABLE_WASM: u32 = 0;
const ENVELOPE_TYPE_CONTRACT_ID: u32 = 8;

#[cfg(test)]
mod tests;
