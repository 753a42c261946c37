#![doc = include_str!("../README.md")]
#![no_std]
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::as_conversions,
        clippy::indexing_slicing,
        clippy::panic
    )
)]

extern crate alloc;

mod chain_id;
mod chain_pattern;
mod network_id;
mod parse_error;
#[cfg(feature = "serde")]
mod serde_text;
mod stellar_network;

pub use chain_id::{
    BASE, BASE_SEPOLIA, ChainId, ChainIdRef, SOLANA, SOLANA_DEVNET, STELLAR_PUBNET, STELLAR_TESTNET,
};
pub use chain_pattern::ChainPattern;
pub use network_id::NetworkId;
pub use parse_error::{ParseChainIdError, ParseChainIdErrorKind};
pub use stellar_network::{
    CustomNetwork, CustomNetworkError, StellarNetwork, UnknownNetworkError, UnknownNetworkErrorKind,
};
