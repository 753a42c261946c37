//! A payment that is not accepted.

use core::{error, fmt};

use coinslot_mpp_wire::{Problem, ProblemKind};
use coinslot_stellar_address::Address;

use super::Fault;

/// Why a payment is not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    fault: Fault,
    payer: Option<Address>,
}

impl Refusal {
    /// The rule that is broken.
    #[must_use]
    pub const fn fault(&self) -> &Fault {
        &self.fault
    }

    /// Who would have paid, once that is known.
    #[must_use]
    pub const fn payer(&self) -> Option<&Address> {
        self.payer.as_ref()
    }

    /// What it is called on the wire.
    #[must_use]
    pub const fn kind(&self) -> ProblemKind {
        self.fault.kind()
    }

    /// The body of the answer.
    #[must_use]
    pub fn problem(&self) -> Problem {
        self.kind().because(&self.fault)
    }

    /// A verified payment that the network did not carry out. `why` becomes part of a sentence: no capital at its
    /// start, no full stop at its end.
    pub fn settlement_failed(payer: Address, why: impl fmt::Display) -> Self {
        Fault::NotSettled {
            why: why.to_string(),
        }
        .by(payer)
    }
}

impl Fault {
    /// The refusal of a payment by this payer.
    pub(crate) const fn by(self, payer: Address) -> Refusal {
        Refusal {
            fault: self,
            payer: Some(payer),
        }
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self { fault, payer: None }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind().code(), self.fault)
    }
}

impl error::Error for Refusal {}
