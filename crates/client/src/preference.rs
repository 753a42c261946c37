//! Which way of paying is taken where a seller leaves the choice.

use coinslot_mpp_charge_stellar::Mode;

use crate::terms::Protocol;

/// The payer's taste.
#[derive(Clone, Debug)]
pub(crate) struct Preference {
    pub(crate) first: Protocol,
    pub(crate) only: bool,
    /// How a charge of MPP may be made, best first. Never empty in a client that was built.
    pub(crate) modes: Vec<Mode>,
}

impl Default for Preference {
    fn default() -> Self {
        Self {
            first: Protocol::X402,
            only: false,
            modes: vec![Mode::Pull],
        }
    }
}

impl Preference {
    /// Whether offers of this protocol are taken at all.
    pub(crate) fn answers(&self, protocol: Protocol) -> bool {
        !self.only || protocol == self.first
    }

    /// Which of two equal offers goes first: the lower one.
    pub(crate) fn rank(&self, protocol: Protocol) -> u8 {
        u8::from(protocol != self.first)
    }
}
