//! One file per command.

pub(crate) mod channel;
#[cfg(feature = "local")]
pub(crate) mod demo;
pub(crate) mod facilitator;
pub(crate) mod fetch;
pub(crate) mod inspect;
#[cfg(feature = "local")]
pub(crate) mod local;
pub(crate) mod serve;
