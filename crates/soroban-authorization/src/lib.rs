#![doc = include_str!("../README.md")]
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::as_conversions,
        clippy::indexing_slicing,
        clippy::panic
    )
)]

mod address;
mod asset;
mod auth_entry;
mod codec;
mod envelope;
mod event;
mod invocation;
mod ledger_key;
mod operation;
mod resources;
mod secret_key;
mod signature;
mod signer;
mod transaction_hash;
mod transfer;

pub use asset::{AssetCode, ClassicAsset, ParseAssetError, sac_contract_id};
pub use auth_entry::{
    AuthEntry, Credential, SignEntryError, SignatureError, UnsignedAuthEntry, UnsignedEntryError,
};
pub use codec::{
    DecodeError, DecodeErrorKind, MAX_AUTH_ENTRY_BYTES, MAX_DEPTH, MAX_ENVELOPE_BYTES,
    MAX_EVENT_BYTES, MAX_LEDGER_KEY_BYTES, MAX_RESOURCES_BYTES,
};
pub use envelope::{
    ContractTransaction, Envelope, FeeBumpError, InvocationEnvelope, MAX_SIGNATURES, Memo,
    SignEnvelopeError, TimeBounds, TransferEnvelope, TransferTransaction, fee_bump,
};
pub use event::{ContractEvent, ContractEventKind, TransferEvent};
pub use invocation::{Argument, Invocation, InvocationError};
pub use ledger_key::LedgerKey;
pub use operation::{ContractOperation, created_contract_id};
pub use resources::SorobanResources;
pub use secret_key::{ParseSecretKeyError, SecretKey};
pub use signature::verify_signature;
pub use signer::{SignError, SignErrorKind, Signer};
pub use transaction_hash::{ParseTransactionHashError, TransactionHash};
pub use transfer::{NotATransfer, NotATransferKind, Transfer};
