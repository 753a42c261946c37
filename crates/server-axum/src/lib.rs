#![doc = include_str!("../README.md")]

mod accept;
mod builder;
mod metered;
mod page;
mod paid;
mod route;

pub use builder::GateBuilderExt;
pub use metered::{Metered, NoMeter};
pub use page::page;
pub use paid::{NoGate, Paid};
pub use route::{original_uri, paid, paid_delete, paid_get, paid_patch, paid_post, paid_put};
