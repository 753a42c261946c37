//! Paying from channels, by MPP with the intent `channel`: a request costs a signature, and no transaction.
//!
//! What a server says of a channel is believed as far as our own key has signed it. One request at a time has a channel,
//! so that vouchers arrive in their order; each is in the store before it leaves.

use std::sync::Arc;

use coinslot_payment_store::PaymentStore;
use coinslot_stellar_address::ContractId;
use url::Url;

use crate::policy::Policy;

pub(crate) use self::by_channel::ByChannel;
pub(crate) use self::choose::Named;
pub(crate) use self::own::OwnChannel;

pub use self::close::ClosedChannel;
pub use self::error::{ChannelError, ChannelErrorKind};
pub use self::funds::{ChannelFunds, NeedsChannelCap, NeedsChannelHosts, NeedsRequestCap};
pub use self::own::ChannelFundsError;
pub use self::stream::{
    PaidEvents, StreamDoubt, StreamError, StreamEvent, StreamReceipt, UnfairDemand,
};
pub use self::usage::ChannelUsage;

mod again;
mod ask;
mod by_channel;
mod challenges;
mod choose;
mod close;
mod deliver;
mod error;
mod funds;
mod hold;
mod own;
mod pay;
mod present;
mod record;
mod reserve;
pub(crate) mod standing;
mod stream;
mod usage;

/// The channels of a client.
pub(crate) struct Channels {
    all: Vec<Arc<OwnChannel>>,
    pub(crate) records: record::ChannelRecords,
    pub(crate) challenges: challenges::Challenges,
}

impl Channels {
    pub(crate) fn new(
        funds: Vec<ChannelFunds>,
        policy: &Policy,
        store: Arc<dyn PaymentStore>,
    ) -> Result<Self, ChannelFundsError> {
        let mut all: Vec<Arc<OwnChannel>> = Vec::new();
        for funds in funds {
            let own = OwnChannel::new(funds, policy)?;
            if all.iter().any(|other| other.id == own.id) {
                return Err(ChannelFundsError::Twice(own.id));
            }
            all.push(Arc::new(own));
        }
        let owner = getrandom::u64().map_err(|_| ChannelFundsError::Random)?;
        Ok(Self {
            all,
            records: record::ChannelRecords::new(store, format!("{owner:016x}")),
            challenges: challenges::Challenges::default(),
        })
    }

    /// Those that pay this address.
    pub(crate) fn paying(&self, url: &Url) -> Vec<Arc<OwnChannel>> {
        let paying = self.all.iter().filter(|channel| channel.pays(url));
        paying.cloned().collect()
    }

    pub(crate) fn all(&self) -> &[Arc<OwnChannel>] {
        &self.all
    }

    pub(crate) fn find(&self, id: &ContractId) -> Option<&Arc<OwnChannel>> {
        self.all.iter().find(|channel| channel.id == *id)
    }
}
