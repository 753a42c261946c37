//! Amounts: a price in dollars, or base units.

use coinslot_usdc_amount::{BaseUnits, Decimals, ParseAmountError, UsdPrice};
use serde::Serialize;

use super::sheet::Sheet;

/// An amount of USDC.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExplainedAmount {
    /// Read as dollars.
    as_price: Option<Price>,
    /// Read as base units, when it is a whole number without a unit.
    as_base_units: Option<Units>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Price {
    usd: String,
    /// Base units of USDC with the 7 decimals of Stellar; `None` when the price has more.
    on_stellar: Option<String>,
    /// Base units of USDC with the 6 decimals of Base and Solana; `None` when the price has more.
    on_base_and_solana: Option<String>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Units {
    base_units: String,
    /// In USDC with 7 decimals.
    on_stellar: String,
    /// In USDC with 6 decimals.
    on_base_and_solana: String,
}

/// Whether this begins like a number.
pub(crate) fn looks_like_one(input: &str) -> bool {
    let number = number(input);
    number.starts_with(['$', '.', '-', '+'])
        || number
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b".,_ ".contains(&byte))
}

pub(crate) fn explain(input: &str) -> Result<ExplainedAmount, ParseAmountError> {
    let number = number(input);
    let bare = number == input && !input.starts_with('$');
    let units: Option<BaseUnits> = if bare { input.parse().ok() } else { None };
    let price: Result<UsdPrice, _> = number.parse();
    if let (Err(error), None) = (&price, units) {
        return Err(*error);
    }
    Ok(ExplainedAmount {
        as_price: price.ok().map(|price| Price {
            usd: price.to_string(),
            on_stellar: price
                .to_base_units(Decimals::USDC_STELLAR)
                .ok()
                .map(|units| units.to_string()),
            on_base_and_solana: price
                .to_base_units(Decimals::USDC_EVM)
                .ok()
                .map(|units| units.to_string()),
        }),
        as_base_units: units.map(|units| Units {
            base_units: units.to_string(),
            on_stellar: units.to_decimal(Decimals::USDC_STELLAR).to_string(),
            on_base_and_solana: units.to_decimal(Decimals::USDC_EVM).to_string(),
        }),
    })
}

fn number(input: &str) -> &str {
    input.strip_suffix("USDC").map_or(input, str::trim_end)
}

impl ExplainedAmount {
    pub(crate) fn write(&self, sheet: &mut Sheet) {
        sheet.say("An amount of USDC");
        if let Some(price) = &self.as_price {
            sheet.block(format_args!("as a price: {}", price.usd), |sheet| {
                let units = |units: &Option<String>| match units {
                    Some(units) => format!("{units} base units"),
                    None => "cannot be paid, the price has more decimals than the asset".to_owned(),
                };
                sheet.line("on Stellar (7 decimals)", units(&price.on_stellar));
                sheet.line(
                    "on Base and Solana (6 decimals)",
                    units(&price.on_base_and_solana),
                );
            });
        }
        if let Some(units) = &self.as_base_units {
            sheet.block(
                format_args!("as base units: {}", units.base_units),
                |sheet| {
                    sheet.line(
                        "on Stellar (7 decimals)",
                        format_args!("{} USDC", units.on_stellar),
                    );
                    sheet.line(
                        "on Base and Solana (6 decimals)",
                        format_args!("{} USDC", units.on_base_and_solana),
                    );
                },
            );
        }
    }
}
