//! Taking a channel: one function for each demand, named after it.
//!
//! A voucher is a signature over a contract's address, so it is worth what the contract behind that address is worth.
//! All of it is looked at before the first voucher.

use coinslot_caip2_network::NetworkId;
use coinslot_channel_commitment::{CommitmentVerifier, UnusableKeyError};
use coinslot_stellar_address::ContractId;

use crate::{ChannelFacts, ChannelPolicy, ChannelRefusal, ChannelState};

/// A channel that meets a seller's demands.
///
/// There is one way to have one, [`register`]:
///
/// ```compile_fail,E0451
/// use coinslot_mpp_channel_stellar::{ChannelFacts, RegisteredChannel};
/// use coinslot_channel_commitment::CommitmentVerifier;
///
/// fn believe(verifier: CommitmentVerifier, facts: ChannelFacts) -> RegisteredChannel {
///     RegisteredChannel { verifier, facts }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct RegisteredChannel {
    verifier: CommitmentVerifier,
    facts: ChannelFacts,
}

/// Holds a channel against a seller's demands.
///
/// # Errors
///
/// [`ChannelRefusal`] with the first demand that is not met.
pub fn register(
    channel: ContractId,
    network: &NetworkId,
    facts: &ChannelFacts,
    policy: &ChannelPolicy,
) -> Result<RegisteredChannel, ChannelRefusal> {
    facts_must_be_of_the_channel(channel, facts)?;
    code_must_be_trusted(facts, policy)?;
    recipient_must_be_ours(facts, policy)?;
    token_must_be_ours(facts, policy)?;
    let verifier = commitment_key_must_be_usable(channel, network, facts)?;
    waiting_period_must_be_long_enough(facts, policy)?;
    channel_must_not_be_closing(facts)?;
    channel_must_not_be_archived(facts)?;
    time_to_live_must_be_long_enough(facts, policy)?;
    something_must_be_deposited(facts)?;
    Ok(RegisteredChannel {
        verifier,
        facts: *facts,
    })
}

impl RegisteredChannel {
    /// The channel.
    #[must_use]
    pub const fn channel(&self) -> ContractId {
        self.facts.instance.channel
    }

    /// What checks its vouchers.
    #[must_use]
    pub const fn verifier(&self) -> &CommitmentVerifier {
        &self.verifier
    }

    /// What the chain said when it was registered.
    #[must_use]
    pub const fn facts(&self) -> &ChannelFacts {
        &self.facts
    }

    /// The state to start with, for a channel that there is no record of. What was withdrawn counts as spent.
    #[must_use]
    pub fn first_state(&self) -> ChannelState {
        ChannelState::first(self)
    }
}

fn facts_must_be_of_the_channel(
    channel: ContractId,
    facts: &ChannelFacts,
) -> Result<(), ChannelRefusal> {
    demand(facts.instance.channel == channel, || {
        ChannelRefusal::AnotherChannel
    })
}

fn code_must_be_trusted(
    facts: &ChannelFacts,
    policy: &ChannelPolicy,
) -> Result<(), ChannelRefusal> {
    let trusted = policy.wasm_hashes.contains(&facts.instance.wasm_hash);
    demand(trusted, || ChannelRefusal::Code)
}

fn recipient_must_be_ours(
    facts: &ChannelFacts,
    policy: &ChannelPolicy,
) -> Result<(), ChannelRefusal> {
    demand(facts.instance.recipient == policy.recipient, || {
        ChannelRefusal::Recipient
    })
}

fn token_must_be_ours(facts: &ChannelFacts, policy: &ChannelPolicy) -> Result<(), ChannelRefusal> {
    demand(facts.instance.token == policy.token, || {
        ChannelRefusal::Token
    })
}

/// A key of small order has no holder: everybody could sign for it, and the contract takes none of it.
fn commitment_key_must_be_usable(
    channel: ContractId,
    network: &NetworkId,
    facts: &ChannelFacts,
) -> Result<CommitmentVerifier, ChannelRefusal> {
    CommitmentVerifier::new(network, &channel, &facts.instance.commitment_key)
        .map_err(|error: UnusableKeyError| ChannelRefusal::CommitmentKey(error))
}

fn waiting_period_must_be_long_enough(
    facts: &ChannelFacts,
    policy: &ChannelPolicy,
) -> Result<(), ChannelRefusal> {
    let found = facts.instance.refund_waiting_period;
    let shortest = policy.shortest_waiting_period;
    demand(found >= shortest, || ChannelRefusal::WaitingPeriod {
        found,
        shortest,
    })
}

fn channel_must_not_be_closing(facts: &ChannelFacts) -> Result<(), ChannelRefusal> {
    match facts.close_effective_at_ledger() {
        Some(effective_at_ledger) => Err(ChannelRefusal::Closing {
            effective_at_ledger,
        }),
        None => Ok(()),
    }
}

fn channel_must_not_be_archived(facts: &ChannelFacts) -> Result<(), ChannelRefusal> {
    demand(!facts.is_archived(), || ChannelRefusal::Archived)
}

fn time_to_live_must_be_long_enough(
    facts: &ChannelFacts,
    policy: &ChannelPolicy,
) -> Result<(), ChannelRefusal> {
    let found = facts.time_to_live();
    let shortest = policy.shortest_time_to_live;
    demand(found >= shortest, || ChannelRefusal::TimeToLive {
        found,
        shortest,
    })
}

/// A channel into which nothing was ever put. One that was emptied can be topped up, and meanwhile covers no voucher.
fn something_must_be_deposited(facts: &ChannelFacts) -> Result<(), ChannelRefusal> {
    demand(!facts.deposited().is_zero(), || ChannelRefusal::NoDeposit)
}

fn demand(met: bool, refusal: impl FnOnce() -> ChannelRefusal) -> Result<(), ChannelRefusal> {
    if met { Ok(()) } else { Err(refusal()) }
}
