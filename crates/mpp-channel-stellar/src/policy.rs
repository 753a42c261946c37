//! What a seller demands of a channel before it serves anything for its vouchers, and how it looks after it.

use coinslot_stellar_address::{Address, ContractId};
use coinslot_usdc_amount::BaseUnits;

/// What one seller demands, and when it acts. Ledgers are counted, seconds are those of the clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelPolicy {
    /// The hashes of the contract codes that are trusted. With any other code a signature may be worth nothing.
    pub wasm_hashes: Vec<[u8; 32]>,
    /// Who must be paid by the channel.
    pub recipient: Address,
    /// In which token.
    pub token: ContractId,
    /// The shortest time, in ledgers, that the funder's `close_start` must leave us.
    pub shortest_waiting_period: u32,
    /// How many more ledgers the channel must live when it is registered.
    pub shortest_time_to_live: u32,
    /// How many ledgers before a close takes effect ours is to be in: at most a third of the channel's waiting period
    /// is used of it.
    pub close_margin: u32,
    /// How old, in seconds, what we know of a channel may be when a voucher is taken: at most a third of the channel's
    /// waiting period is used of it.
    pub oldest_facts_seconds: u64,
    /// From which unsettled amount on to settle.
    pub settle_amount: BaseUnits,
    /// After how many seconds to settle what is unsettled, however little it is beside the [dust](Self::dust).
    pub settle_after_seconds: u64,
    /// Less than this is not worth a transaction of its own: it is not settled for its age, and no time to live is
    /// extended for it. When the funder begins to close, all is taken.
    pub dust: BaseUnits,
    /// Below how many ledgers left to live a channel that owes us something is extended.
    pub extend_ttl_below: u32,
    /// To how many ledgers it is extended.
    pub extend_ttl_to: u32,
}

impl ChannelPolicy {
    /// The policy of a seller who is paid to this address in this token by channels with one of these codes, with the
    /// defaults for everything else:
    ///
    /// | | |
    /// |---|---|
    /// | shortest waiting period | 17,280 ledgers, about a day |
    /// | shortest time to live | 17,280 ledgers |
    /// | close margin | 5,760 ledgers, a third of that |
    /// | oldest facts | 5 minutes |
    /// | settle | from 100,000,000 base units on (10 USDC), or after a day |
    /// | dust | below 100,000 base units (1 cent) |
    /// | extend the time to live | below 120,960 ledgers (a week) to 518,400 (a month) |
    #[must_use]
    pub const fn new(wasm_hashes: Vec<[u8; 32]>, recipient: Address, token: ContractId) -> Self {
        Self {
            wasm_hashes,
            recipient,
            token,
            shortest_waiting_period: LEDGERS_PER_DAY,
            shortest_time_to_live: LEDGERS_PER_DAY,
            close_margin: 5_760,
            oldest_facts_seconds: 300,
            settle_amount: BaseUnits::from_u64(100_000_000),
            settle_after_seconds: 86_400,
            dust: BaseUnits::from_u64(100_000),
            extend_ttl_below: 120_960,
            extend_ttl_to: 518_400,
        }
    }

    /// How many ledgers before a close takes effect ours is to be in, with this waiting period.
    #[must_use]
    pub const fn margin(&self, waiting_period: u32) -> u32 {
        let third = waiting_period / 3;
        if self.close_margin < third {
            self.close_margin
        } else {
            third
        }
    }

    /// How old facts may be, in milliseconds, with this waiting period: a third to notice, a third to close, a third to
    /// spare.
    pub(crate) fn oldest_facts_millis(&self, waiting_period: u32) -> u64 {
        let third = u64::from(waiting_period / 3).saturating_mul(LEDGER_CLOSE_MILLIS);
        self.oldest_facts_seconds.saturating_mul(1_000).min(third)
    }
}

/// At five seconds each.
const LEDGERS_PER_DAY: u32 = 17_280;

/// How long a ledger takes on the public networks.
const LEDGER_CLOSE_MILLIS: u64 = 5_000;
