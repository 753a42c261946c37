//! The budget applied to one network: whether a request may be paid, and which offer is taken.

use std::time::Duration;

use coinslot_caip2_network::StellarNetwork;
use coinslot_stellar_address::{Address, ContractId};
use coinslot_usdc_amount::{ConvertPriceError, Decimals, UsdPrice, usdc_on};
use url::Url;

use crate::amount::Unit;
use crate::budget::{AssetCaps, Budget, HostRule, Hosts, UsdCaps};
use crate::destination::require_secure;
use crate::offer::Asset;
use crate::preference::Preference;
use crate::refusal::NotPayable;
use crate::terms::Protocol;

pub(crate) use self::judge::Judged;

mod judge;
mod judge_channel;
mod restore;

/// The spending policy on one network.
#[derive(Debug)]
pub(crate) struct Policy {
    pub(crate) network: StellarNetwork,
    /// What is preferred.
    usdc: Asset,
    /// What else may be paid.
    others: Vec<Asset>,
    hosts: Hosts,
    pins: Vec<(HostRule, Address)>,
    pub(crate) longest_authorization: Duration,
    /// The caps of network fees, in stroops.
    pub(crate) network_fees: AssetCaps,
    preference: Preference,
}

/// The caps cannot be used on this network.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// A cap has more decimals than USDC.
    #[error("a cap cannot be counted in USDC")]
    Cap(#[from] ConvertPriceError),
    /// On a network of one's own the USDC contract must be named.
    #[error("USDC is not known on {0}; name its contract with usdc_contract()")]
    NoUsdc(String),
}

impl Policy {
    pub(crate) fn new(
        budget: Budget,
        network: StellarNetwork,
        usdc: Option<ContractId>,
        preference: Preference,
    ) -> Result<Self, PolicyError> {
        let known = usdc_on(network.chain_id().as_str());
        let no_usdc = || PolicyError::NoUsdc(network.chain_id().to_string());
        let contract = match usdc {
            Some(contract) => contract,
            None => known
                .and_then(|usdc| usdc.contract.parse().ok())
                .ok_or_else(no_usdc)?,
        };
        let issuer = known
            .filter(|_| usdc.is_none())
            .and_then(|usdc| usdc.issuer);
        let classic = issuer.and_then(|issuer| format!("USDC:{issuer}").parse().ok());
        let usdc = Asset {
            contract,
            unit: Unit::Usdc,
            caps: in_usdc(&budget.caps)?,
            classic,
        };
        let Budget {
            hosts,
            assets,
            pins,
            longest_authorization,
            network_fees,
            ..
        } = budget;
        let others = assets.into_iter().filter(|(other, _)| *other != contract);
        let token = |(contract, caps)| Asset {
            contract,
            unit: Unit::Token(contract),
            caps,
            classic: None,
        };
        Ok(Self {
            network,
            usdc,
            others: others.map(token).collect(),
            hosts,
            pins,
            longest_authorization,
            network_fees,
            preference,
        })
    }

    /// Whether requests to this URL may be paid at all.
    pub(crate) fn permit(&self, url: &Url) -> Result<(), NotPayable> {
        require_secure(url).map_err(|_| NotPayable::Insecure)?;
        if self.hosts.allow(url) {
            Ok(())
        } else {
            Err(NotPayable::HostNotAllowed)
        }
    }

    /// What is said of the payments that can be made.
    pub(crate) fn accept_payment(&self, from_channel: bool) -> Option<&'static str> {
        self.preference.accept_payment(from_channel)
    }

    /// Whether a payment can be made in another way than from a channel.
    pub(crate) fn pays_otherwise(&self) -> bool {
        self.preference.pays_otherwise()
    }

    /// Whether offers of this protocol are taken at all.
    pub(crate) fn answers(&self, protocol: Protocol) -> bool {
        self.preference.answers(protocol)
    }

    /// The asset with this contract, if it may be paid.
    fn asset(&self, contract: &str) -> Option<&Asset> {
        self.asset_of(contract.parse().ok()?)
    }

    /// The same by its parsed contract.
    pub(crate) fn asset_of(&self, contract: ContractId) -> Option<&Asset> {
        core::iter::once(&self.usdc)
            .chain(&self.others)
            .find(|asset| asset.contract == contract)
    }

    /// The contract of USDC.
    pub(crate) fn usdc(&self) -> ContractId {
        self.usdc.contract
    }

    /// How amounts of a token are shown.
    pub(crate) fn unit(&self, token: ContractId) -> Unit {
        if token == self.usdc.contract {
            Unit::Usdc
        } else {
            Unit::Token(token)
        }
    }
}

fn in_usdc(caps: &UsdCaps) -> Result<AssetCaps, ConvertPriceError> {
    let units = |price: &UsdPrice| price.to_base_units(Decimals::USDC_STELLAR);
    Ok(AssetCaps {
        per_payment: units(&caps.per_payment)?,
        per_host_per_day: units(&caps.per_host_per_day)?,
        per_day: units(&caps.per_day)?,
    })
}
