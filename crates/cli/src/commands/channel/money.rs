//! Amounts as they are given: dollars of USDC with a dollar sign, base units without.

use coinslot_caip2_network::StellarNetwork;
use coinslot_stellar_address::ContractId;
use coinslot_usdc_amount::{BaseUnits, Decimals, UsdPrice, UsdcDeployment, usdc_on};

use crate::dollars;
use crate::exit::{Failure, Kind};

/// USDC on a network, if it is known there.
pub(super) fn usdc(network: &StellarNetwork) -> Option<&'static UsdcDeployment> {
    usdc_on(network.chain_id().as_str())
}

/// The contract of USDC on a network.
pub(crate) fn usdc_contract(network: &StellarNetwork) -> Option<ContractId> {
    usdc(network).and_then(|usdc| usdc.contract.parse().ok())
}

/// An amount of a token, more than nothing.
pub(super) fn amount(
    text: &str,
    name: &str,
    token: &ContractId,
    network: &StellarNetwork,
) -> Result<BaseUnits, Failure> {
    let wrong = |why: &dyn std::fmt::Display| {
        Failure::new(Kind::Usage, format!("{name}: {why}{}", dollars::hint(text)))
    };
    let text = text.trim();
    if !text.starts_with('$') {
        let units: BaseUnits = text.parse().map_err(|error| {
            wrong(&format_args!(
                "{error}; give dollars as '$0.5', with the sign and in single quotes, or whole base units"
            ))
        })?;
        return if units.is_zero() {
            Err(wrong(&"it must be more than nothing"))
        } else {
            Ok(units)
        };
    }
    if usdc_contract(network) != Some(*token) {
        return Err(wrong(
            &"dollars are of USDC, and the token is another: give its base units",
        ));
    }
    let price: UsdPrice = text.parse().map_err(|error| wrong(&error))?;
    price
        .to_base_units(Decimals::USDC_STELLAR)
        .map_err(|error| wrong(&error))
}

/// A fee in XLM, as stroops.
pub(crate) fn stroops(text: &str, name: &str) -> Result<u64, Failure> {
    let wrong = |why: &dyn std::fmt::Display| {
        Failure::new(
            Kind::Usage,
            format!("{name}: {why}; give it in XLM, such as 0.5"),
        )
    };
    let units = BaseUnits::parse_decimal(text.trim(), XLM).map_err(|error| wrong(&error))?;
    u64::try_from(units.as_u128()).map_err(|_| wrong(&"it is too large"))
}

/// Stroops as XLM.
pub(super) fn xlm(stroops: u64) -> String {
    format!("{} XLM", BaseUnits::from_u64(stroops).to_decimal(XLM))
}

/// XLM has as many decimals as classic assets have.
const XLM: Decimals = Decimals::USDC_STELLAR;
