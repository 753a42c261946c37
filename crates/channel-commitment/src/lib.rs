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

mod channel_call;
mod channel_event;
mod channel_id;
mod channel_instance;
mod channel_proof;
mod code;
mod codec;
mod commitment;
mod commitment_key;
mod commitment_public_key;
mod commitment_verifier;
mod contract_value;
mod hexadecimal;
mod open_channel;
mod parse_key_error;
mod token_balance;
mod voucher;

pub use channel_call::{CallArgument, ChannelCall};
pub use channel_event::ChannelEvent;
pub use channel_id::{channel_id_from_account, channel_id_from_factory};
pub use channel_instance::ChannelInstance;
pub use channel_proof::{ChannelProof, VerifiedChannelProof};
pub use code::ONE_WAY_CHANNEL_CODE;
pub use codec::{DecodeError, DecodeErrorKind, MAX_DEPTH, MAX_ENTRY_BYTES, MAX_EVENT_BYTES};
pub use commitment::{
    Commitment, CommitmentTemplate, DecodeCommitmentError, DecodeCommitmentErrorKind,
};
pub use commitment_key::CommitmentKey;
pub use commitment_public_key::CommitmentPublicKey;
pub use commitment_verifier::{CommitmentVerifier, InvalidSignatureError, UnusableKeyError};
pub use hexadecimal::ParseSignatureError;
pub use open_channel::OpenChannel;
pub use parse_key_error::{ParseKeyError, ParseKeyErrorKind};
pub use token_balance::TokenBalance;
pub use voucher::{VerifiedVoucher, Voucher};
