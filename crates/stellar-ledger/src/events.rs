//! What contracts told, page by page.

use coinslot_soroban_authorization::{ContractEvent, TransactionHash};
use coinslot_stellar_address::ContractId;

/// The most contracts whose events one call asks for: Stellar RPC takes five filters of five contracts.
pub const MAX_EVENT_CONTRACTS: usize = 25;

/// Where to go on reading events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventsFrom {
    /// At the beginning of this ledger.
    Ledger(u32),
    /// Behind this [`EventPage::cursor`].
    Cursor(String),
}

/// Some events, oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventPage {
    /// The events of contracts in transactions that succeeded.
    pub events: Vec<LandedEvent>,
    /// Where the next page begins; without one, the place is still the one that was asked for.
    pub cursor: Option<String>,
    /// Whether these are all up to `latest_ledger`: if not, the next page can be asked for at once.
    pub is_last: bool,
    /// The latest ledger that the node knew of.
    pub latest_ledger: u32,
    /// The oldest ledger that the node still had, if it says.
    pub oldest_ledger: Option<u32>,
}

/// An event that landed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LandedEvent {
    /// Who tells of it.
    pub contract: ContractId,
    /// The event.
    pub event: ContractEvent,
    /// The ledger in which it landed.
    pub ledger: u32,
    /// The transaction.
    pub transaction: TransactionHash,
    /// Names the event on its network, and orders it among all.
    pub id: String,
}
