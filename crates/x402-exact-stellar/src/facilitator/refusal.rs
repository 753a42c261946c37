//! A payment that is not accepted.

use core::{error, fmt};

use coinslot_stellar_address::Address;
use coinslot_x402_wire::ReasonCode;

/// Why a payment is not accepted: a code for programs, and a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The reason on the wire.
    pub reason: ReasonCode,
    /// Who would have paid, once that is known.
    pub payer: Option<Address>,
    /// What is wrong, for whoever reads it.
    pub detail: String,
}

impl Refusal {
    /// A refusal of a payment whose payer is not known.
    pub fn new(reason: ReasonCode, detail: impl fmt::Display) -> Self {
        Self {
            reason,
            payer: None,
            detail: detail.to_string(),
        }
    }

    /// The same with the payer.
    #[must_use]
    pub fn with_payer(mut self, payer: Address) -> Self {
        self.payer = Some(payer);
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.reason, self.detail)
    }
}

impl error::Error for Refusal {}
