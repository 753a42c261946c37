//! The ways to pay that are shown.

use std::fmt;

use serde::Serialize;

/// A way to pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Way {
    /// x402; the seller's facilitator pays the network's fees.
    X402,
    /// An MPP charge that the seller submits and pays the fees of.
    MppSponsored,
    /// An MPP charge that the seller submits; the buyer pays the fees.
    MppPull,
    /// An MPP charge that the buyer submits.
    MppPush,
}

impl Way {
    /// The three modes of an MPP charge.
    pub(super) const CHARGES: [Self; 3] = [Self::MppSponsored, Self::MppPull, Self::MppPush];

    /// What is bought this way.
    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::X402 | Self::MppSponsored => "/weather",
            Self::MppPull | Self::MppPush => "/forecast",
        }
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::X402 => "x402",
            Self::MppSponsored => "MPP charge (pull, fees paid by the seller)",
            Self::MppPull => "MPP charge (pull, fees paid by the buyer)",
            Self::MppPush => "MPP charge (push)",
        })
    }
}
