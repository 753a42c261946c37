//! Which way of paying is taken where a seller leaves the choice.

use coinslot_mpp_charge_stellar::Mode;

use crate::terms::Protocol;

/// When a channel pays, at a host that may be paid from one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChannelUse {
    /// Wherever the seller takes it.
    #[default]
    First,
    /// Where the seller takes nothing else that is acceptable.
    Last,
    /// Always: nothing is paid in any other way, at no host.
    Only,
}

/// The payer's taste.
#[derive(Clone, Debug)]
pub(crate) struct Preference {
    pub(crate) first: Protocol,
    pub(crate) only: bool,
    pub(crate) channels: ChannelUse,
    /// How a charge of MPP may be made, best first. Never empty in a client that was built.
    pub(crate) modes: Vec<Mode>,
}

impl Default for Preference {
    fn default() -> Self {
        Self {
            first: Protocol::X402,
            only: false,
            channels: ChannelUse::First,
            modes: vec![Mode::Pull],
        }
    }
}

impl Preference {
    /// Whether offers of this protocol are taken at all.
    pub(crate) fn answers(&self, protocol: Protocol) -> bool {
        !self.only || protocol == self.first
    }

    /// What `Accept-Payment` says; x402 has no place in it of its own, and goes by its name and scheme. Nothing where MPP
    /// is not answered.
    pub(crate) fn accept_payment(&self, from_channel: bool) -> Option<&'static str> {
        use ChannelUse::{First, Last, Only};
        let channels = from_channel.then_some(self.channels);
        Some(match (self.first, self.only, channels) {
            (Protocol::X402, true, _) => return None,
            (_, _, Some(Only)) => "stellar/channel",
            (Protocol::Mpp, true, None) => "stellar/charge",
            (Protocol::Mpp, true, Some(First)) => "stellar/channel, stellar/charge;q=0.9",
            (Protocol::Mpp, true, Some(Last)) => "stellar/charge, stellar/channel;q=0.9",
            (Protocol::Mpp, false, None) => "stellar/charge, x402/exact;q=0.9",
            (Protocol::Mpp, false, Some(First)) => {
                "stellar/channel, stellar/charge;q=0.9, x402/exact;q=0.8"
            }
            (Protocol::Mpp, false, Some(Last)) => {
                "stellar/charge, x402/exact;q=0.9, stellar/channel;q=0.8"
            }
            (Protocol::X402, false, None) => "x402/exact, stellar/charge;q=0.9",
            (Protocol::X402, false, Some(First)) => {
                "stellar/channel, x402/exact;q=0.9, stellar/charge;q=0.8"
            }
            (Protocol::X402, false, Some(Last)) => {
                "x402/exact, stellar/charge;q=0.9, stellar/channel;q=0.8"
            }
        })
    }

    /// Whether offers other than those of channels are taken at all.
    pub(crate) fn pays_otherwise(&self) -> bool {
        self.channels != ChannelUse::Only
    }

    /// Where an offer stands before its price is asked for: the lower one first.
    pub(crate) fn precedence(&self, from_channel: bool) -> u8 {
        match (from_channel, self.channels) {
            (true, ChannelUse::First | ChannelUse::Only) => 0,
            (false, _) => 1,
            (true, ChannelUse::Last) => 2,
        }
    }

    /// Which of two equal offers goes first: the lower one.
    pub(crate) fn rank(&self, protocol: Protocol) -> u8 {
        u8::from(protocol != self.first)
    }
}
