#![doc = include_str!("../README.md")]

mod answer;
mod body;
mod builder;
mod credential;
mod event;
mod fingerprint;
mod future;
mod gate;
mod layer;
mod machine;
mod offer;
mod page;
mod payment;
mod policy;
mod priced;
mod reason;
mod resource;
mod respond;
mod service;
mod shared;
mod terms;
mod unpaid;
mod written;
pub mod x402;

pub use body::GateBody;
pub use builder::{BuildGateError, GateBuilder};
pub use event::{Dependency, Event};
pub use future::GateFuture;
pub use gate::Gate;
pub use offer::{Offer, PriceError, PriceTag};
pub use page::{Challenge, Page};
pub use payment::{Payment, Protocol};
pub use policy::{RecordPolicy, SettleTiming};
pub use resource::ResourceBaseError;
pub use service::GateService;
pub use terms::OfferError;
