//! What the chain said of a channel, as of one ledger.

use coinslot_channel_commitment::ChannelInstance;
use coinslot_usdc_amount::BaseUnits;

/// What the chain said of a channel, all of it as of the same ledger: read together, in one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelFacts {
    /// The channel's instance entry.
    pub instance: ChannelInstance,
    /// What the channel holds of its token.
    pub balance: BaseUnits,
    /// The last ledger in which all of the entries that a close needs are alive: instance, code and token balance.
    pub live_until_ledger: u32,
    /// The ledger as of which this was read.
    pub ledger: u32,
    /// When it was read, in milliseconds since 1970.
    pub read_at: u64,
}

impl ChannelFacts {
    /// What was deposited and not taken back: what is there and what was withdrawn. No voucher above it is covered.
    #[must_use]
    pub fn deposited(&self) -> BaseUnits {
        self.balance
            .checked_add(self.instance.withdrawn)
            .unwrap_or(BaseUnits::MAX)
    }

    /// From which ledger on the funder can take back what is left, once a close was seen.
    #[must_use]
    pub const fn close_effective_at_ledger(&self) -> Option<u32> {
        self.instance.close_effective_at_ledger
    }

    /// Whether the channel has to be restored before anything can be done with it.
    #[must_use]
    pub const fn is_archived(&self) -> bool {
        self.live_until_ledger < self.ledger
    }

    /// For how many more ledgers it lives.
    #[must_use]
    pub const fn time_to_live(&self) -> u32 {
        self.live_until_ledger.saturating_sub(self.ledger)
    }
}
