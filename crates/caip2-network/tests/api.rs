//! The traits that the public types promise.

use core::fmt::{Debug, Display};
use core::hash::Hash;

use coinslot_caip2_network::{
    ChainId, ChainIdRef, ChainPattern, CustomNetworkError, NetworkId, ParseChainIdError,
    StellarNetwork, UnknownNetworkError,
};

fn shared<T: Send + Sync + Unpin + 'static>() {}
fn value<T: Clone + Debug + Eq + Hash>() {}
fn name<T: Display + Ord>() {}
fn error<T: core::error::Error + Send + Sync + Clone + Eq + 'static>() {}

#[test]
fn types_keep_their_traits() {
    shared::<(ChainId, ChainPattern, NetworkId, StellarNetwork)>();
    value::<(ChainId, ChainIdRef<'static>, ChainPattern, NetworkId)>();
    value::<StellarNetwork>();
    name::<ChainId>();
    name::<ChainIdRef<'static>>();
    name::<ChainPattern>();
    name::<NetworkId>();
    error::<ParseChainIdError>();
    error::<UnknownNetworkError>();
    error::<CustomNetworkError>();
}

#[test]
fn a_borrowed_id_is_small_and_copied() {
    fn copied<T: Copy>() {}
    copied::<ChainIdRef<'_>>();
    assert!(size_of::<ChainIdRef<'_>>() <= 6 * size_of::<usize>());
}
