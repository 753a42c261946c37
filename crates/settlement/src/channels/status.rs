//! How a channel stands, for people and metrics.

use coinslot_mpp_channel_stellar::Phase;
use coinslot_stellar_address::{Address, ContractId};
use coinslot_usdc_amount::BaseUnits;

use super::Channel;

/// How a channel stands. Amounts are base units of its token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelStatus {
    /// The channel's contract.
    pub channel: ContractId,
    /// Who pays.
    pub funder: Address,
    /// What was deposited, what is withdrawn already included.
    pub deposited: BaseUnits,
    /// The amount of the highest voucher.
    pub accepted: BaseUnits,
    /// What was paid for.
    pub spent: BaseUnits,
    /// What is withdrawn.
    pub withdrawn: BaseUnits,
    /// What the voucher still brings: what would be lost if the channel were refunded now.
    pub exposure: BaseUnits,
    /// How far the channel is on its way.
    pub phase: Phase,
    /// The ledger as of which the chain was last seen.
    pub as_of_ledger: u32,
}

impl Channel {
    /// Whether it is closed, so that it pays for nothing more.
    pub async fn is_closed(&self) -> bool {
        let phase = self.live().await.state.observe(&self.facts()).phase();
        matches!(phase, Phase::Closed { .. })
    }

    /// How the channel stands.
    pub async fn status(&self) -> ChannelStatus {
        let facts = self.facts();
        let live = self.live().await;
        let state = live.state.observe(&facts);
        ChannelStatus {
            channel: self.id(),
            funder: facts.instance.funder,
            deposited: facts.deposited(),
            accepted: state.cumulative(),
            spent: state.spent(),
            withdrawn: state.withdrawn(),
            exposure: state.exposure(),
            phase: state.phase(),
            as_of_ledger: facts.ledger,
        }
    }
}
