#![doc = include_str!("../README.md")]

mod answer;
mod budget;
mod builder;
mod calls;
mod channels;
mod charges;
mod engine;
mod facilitator;
mod flights;
mod observer;
mod outage;
mod pace;
mod policy;
mod pool;
mod record;

pub use budget::BudgetLimit;
pub use builder::{BuildError, LocalFacilitatorBuilder, SponsorRole};
pub use calls::{CallError, CallOutcome, CallRefusal, ContractCalls};
pub use channels::{
    BuildChannelsError, Channel, ChannelError, ChannelEvent, ChannelObserver, ChannelRefusal,
    ChannelStatus, Channels, ChannelsBuilder, Closed, Metered, NotCharged, Serving, Spent, Taken,
    argument, invocation,
};
pub use charges::{ChargeError, ChargeRefusal, ChargeSettlement, Charges, VerifiedCharge};
pub use engine::Resumed;
pub use facilitator::{LocalFacilitator, SponsorStatus, Status};
pub use observer::{SettlementEvent, SettlementObserver};
pub use outage::Outage;
pub use policy::{
    FeePolicy, FeePolicyFault, InclusionPercentile, MIN_INCLUSION_FEE_STROOPS, SponsorBudget,
    Timing,
};
