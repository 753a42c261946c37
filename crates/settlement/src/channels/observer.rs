//! What happens to channels, for logs, metrics and alarms.

use coinslot_stellar_address::ContractId;
use coinslot_usdc_amount::BaseUnits;

use crate::Outage;

/// Is told what happens to channels. It must be quick and must not panic.
pub trait ChannelObserver: Send + Sync + 'static {
    /// Something happened.
    fn on_event(&self, event: &ChannelEvent<'_>);
}

/// Something happened to a channel.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ChannelEvent<'a> {
    /// A voucher was withdrawn with, and the channel goes on.
    Settled {
        /// The channel.
        channel: ContractId,
        /// What was withdrawn in all, in base units.
        withdrawn: BaseUnits,
        /// The transaction.
        transaction: &'a str,
    },
    /// No more vouchers are taken.
    Closing {
        /// The channel.
        channel: ContractId,
    },
    /// The channel was closed by us.
    Closed {
        /// The channel.
        channel: ContractId,
        /// The transaction.
        transaction: &'a str,
    },
    /// The funder has begun to close the channel.
    Disputed {
        /// The channel.
        channel: ContractId,
        /// From which ledger on the funder can take back what is left.
        effective_at_ledger: u32,
    },
    /// The funder took back what was ours.
    Lost {
        /// The channel.
        channel: ContractId,
        /// How much, in base units.
        amount: BaseUnits,
    },
    /// The channel's time to live was extended.
    Extended {
        /// The channel.
        channel: ContractId,
    },
    /// Something that is due could not be done; it is tried again.
    Failed {
        /// The channel.
        channel: ContractId,
        /// Why.
        outage: &'a Outage,
    },
}

/// Nobody is told.
pub(super) struct Unobserved;

impl ChannelObserver for Unobserved {
    fn on_event(&self, _: &ChannelEvent<'_>) {}
}
