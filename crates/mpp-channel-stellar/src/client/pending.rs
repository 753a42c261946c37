//! A voucher that is on its way.

use coinslot_usdc_amount::BaseUnits;

use crate::RequestFingerprint;

/// A voucher that was signed and not answered for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    pub(super) amount: BaseUnits,
    pub(super) covers: BaseUnits,
    pub(super) price: BaseUnits,
    pub(super) request: RequestFingerprint,
    pub(super) host: String,
    pub(super) is_metered: bool,
    pub(super) is_taken: bool,
}

impl Pending {
    /// The cumulative amount that was signed.
    #[must_use]
    pub const fn amount(&self) -> BaseUnits {
        self.amount
    }

    /// The request that it is for.
    #[must_use]
    pub const fn request(&self) -> RequestFingerprint {
        self.request
    }

    /// Whom it was sent to.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether it is known to be taken, with the answer still to come.
    #[must_use]
    pub const fn is_taken(&self) -> bool {
        self.is_taken
    }
}
