//! The spending policy: what may be paid, to whom, and how much of it.
//!
//! The three caps cannot be left out: each step of [`Budget::per_payment`] → `per_day` → `per_host_per_day` →
//! `hosts` has a type of its own, and only the last one is a [`Budget`].

use std::time::Duration;

use coinslot_stellar_address::{Address, ContractId, ParseAddressError};
use coinslot_usdc_amount::{BaseUnits, ParseAmountError, UsdPrice};

pub(crate) use self::hosts::Hosts;
pub use self::hosts::{Any, HostRule, IntoHosts, ParseHostError, ParseHostErrorKind};

mod hosts;

/// What a [`PayingClient`](crate::PayingClient) may spend.
///
/// Amounts are in US dollars, paid in USDC. A rolling day is any 24 hours, counted in steps of five minutes that
/// are rounded to the safe side.
///
/// ```
/// use coinslot_client::Budget;
///
/// let budget = Budget::per_payment("$0.01")?
///     .per_day("$1")?
///     .per_host_per_day("$0.50")?
///     .hosts(["api.example.com"])?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Budget {
    pub(crate) caps: UsdCaps,
    pub(crate) hosts: Hosts,
    pub(crate) assets: Vec<(ContractId, AssetCaps)>,
    pub(crate) pins: Vec<(HostRule, Address)>,
    pub(crate) longest_authorization: Duration,
    pub(crate) network_fees: AssetCaps,
}

impl Budget {
    /// The most that one payment may cost, such as `"$0.01"`.
    ///
    /// # Errors
    /// [`ParseAmountError`] when the text is no price above zero.
    pub fn per_payment(price: &str) -> Result<NeedsDay, ParseAmountError> {
        Ok(NeedsDay {
            per_payment: price.parse()?,
        })
    }

    /// Also pays in another asset than USDC, within caps of its own.
    ///
    /// USDC is preferred where a seller takes both.
    #[must_use]
    pub fn allow_asset(mut self, asset: ContractId, caps: AssetCaps) -> Self {
        self.assets.retain(|(known, _)| *known != asset);
        self.assets.push((asset, caps));
        self
    }

    /// Pays this host only when the money goes to `payee` (or to another payee that is pinned for the host).
    ///
    /// # Errors
    /// [`PinError`] when the host or the address does not parse.
    pub fn pin_payee(mut self, host: &str, payee: &str) -> Result<Self, PinError> {
        self.pins.push((host.parse()?, payee.parse()?));
        Ok(self)
    }

    /// Signs nothing that stays valid for longer than this, whatever the seller asks for (5 minutes by default).
    #[must_use]
    pub fn longest_authorization(mut self, duration: Duration) -> Self {
        self.longest_authorization = duration;
        self
    }

    /// The most that is paid in network fees, in stroops (10⁻⁷ XLM), where the seller does not pay them.
    ///
    /// By default 0.05 XLM for a payment, and 1 XLM in a rolling day. What counts is the fee that is bid; the network
    /// takes less. Zero pays only where the seller pays the fees.
    #[must_use]
    pub fn network_fees(mut self, caps: AssetCaps) -> Self {
        self.network_fees = caps;
        self
    }
}

/// The caps of a budget in US dollars.
#[derive(Clone, Debug)]
pub(crate) struct UsdCaps {
    pub(crate) per_payment: UsdPrice,
    pub(crate) per_host_per_day: UsdPrice,
    pub(crate) per_day: UsdPrice,
}

/// The caps for one asset, in its base units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AssetCaps {
    /// The most that one payment may cost.
    pub per_payment: BaseUnits,
    /// The most that one host may get in a rolling day.
    pub per_host_per_day: BaseUnits,
    /// The most that is spent in a rolling day.
    pub per_day: BaseUnits,
}

/// A budget that lacks its cap per rolling day.
#[derive(Clone, Debug)]
#[must_use]
pub struct NeedsDay {
    per_payment: UsdPrice,
}

impl NeedsDay {
    /// The most that is spent in a rolling day.
    ///
    /// # Errors
    /// [`ParseAmountError`] when the text is no price above zero.
    pub fn per_day(self, price: &str) -> Result<NeedsHostDay, ParseAmountError> {
        Ok(NeedsHostDay {
            per_payment: self.per_payment,
            per_day: price.parse()?,
        })
    }
}

/// A budget that lacks its cap per host and rolling day.
#[derive(Clone, Debug)]
#[must_use]
pub struct NeedsHostDay {
    per_payment: UsdPrice,
    per_day: UsdPrice,
}

impl NeedsHostDay {
    /// The most that one host gets in a rolling day, over all its ports.
    ///
    /// # Errors
    /// [`ParseAmountError`] when the text is no price above zero.
    pub fn per_host_per_day(self, price: &str) -> Result<NeedsHosts, ParseAmountError> {
        let Self {
            per_payment,
            per_day,
        } = self;
        Ok(NeedsHosts(UsdCaps {
            per_payment,
            per_host_per_day: price.parse()?,
            per_day,
        }))
    }
}

/// A budget that lacks its hosts.
#[derive(Clone, Debug)]
#[must_use]
pub struct NeedsHosts(UsdCaps);

impl NeedsHosts {
    /// The hosts that may be paid: a list such as `["api.example.com"]`, or [`Any`].
    ///
    /// # Errors
    /// [`ParseHostError`] when one is no host name.
    pub fn hosts(self, hosts: impl IntoHosts) -> Result<Budget, ParseHostError> {
        Ok(Budget {
            caps: self.0,
            hosts: hosts.into_hosts()?,
            assets: Vec::new(),
            pins: Vec::new(),
            longest_authorization: LONGEST_AUTHORIZATION,
            network_fees: NETWORK_FEES,
        })
    }
}

/// A payee that cannot be pinned.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PinError {
    /// The host does not parse.
    #[error(transparent)]
    Host(#[from] ParseHostError),
    /// The payee's address does not parse.
    #[error("the payee is no Stellar address")]
    Payee(#[from] ParseAddressError),
}

const LONGEST_AUTHORIZATION: Duration = Duration::from_secs(300);

const NETWORK_FEES: AssetCaps = AssetCaps {
    per_payment: BaseUnits::from_u64(500_000),
    per_host_per_day: BaseUnits::from_u64(10_000_000),
    per_day: BaseUnits::from_u64(10_000_000),
};
