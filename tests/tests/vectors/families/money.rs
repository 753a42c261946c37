//! `x402_money`: prices and decimal amounts.

use coinslot_usdc_amount::{BaseUnits, Decimals, Price, usdc_on};
use serde_json::{Value, json};

use super::Kinds;
use crate::{
    case::Case,
    decision::{Answer, Rule, Ruling},
};

pub(super) const KINDS: Kinds = &[("parse_price", parse_price), ("convert", convert)];

fn parse_price(case: &Case) -> Result<Answer, String> {
    let network = case.text("network")?;
    let price = &case.input["price"];
    if price.get("amount").is_some() {
        return Ok(asset_price(price));
    }
    let text = written(price)?;
    let deployment = usdc_on(network);
    let ours = || -> Result<Value, String> {
        let deployment = deployment.ok_or_else(|| format!("no USDC is known on {network}"))?;
        match text.parse::<Price>().map_err(|error| error.to_string())? {
            Price::Usd(price) => {
                let amount = price
                    .to_base_units(deployment.decimals)
                    .map_err(|error| error.to_string())?;
                Ok(json!({"amount": amount.to_string(), "asset": deployment.contract, "extra": {}}))
            }
            Price::Asset { .. } => Err("a text is a price in dollars".to_owned()),
        }
    };
    let ruling = deployment.and_then(|deployment| {
        let number = text.strip_prefix('$').unwrap_or(&text);
        money_ruling(number, deployment.decimals.as_u8().into()).or_else(|| {
            let exact = exact(number, deployment.decimals.as_u8().into());
            if exact == "0" {
                return Some(Ruling::Refuse(Rule::MoneyZero));
            }
            // The reference reads a price through a double, which has 15 decimal digits.
            (significant_digits(number) > 15).then(|| {
                let price = json!({"amount": exact, "asset": deployment.contract, "extra": {}});
                Ruling::Give(Rule::MoneyExact, price)
            })
        })
    });
    Ok(Answer::new(ours()).under(ruling))
}

/// An amount with its asset. What else an offer carries is no part of the price, and given back.
fn asset_price(price: &Value) -> Answer {
    let amount = price["amount"].as_str().unwrap_or_default();
    let ours = || -> Result<Value, String> {
        let amount: BaseUnits = amount
            .parse()
            .map_err(|error: coinslot_usdc_amount::ParseAmountError| error.to_string())?;
        let asset = price["asset"].as_str().ok_or("an amount needs its asset")?;
        let price_in_asset = Price::Asset {
            amount,
            asset: asset.to_owned(),
        };
        let Price::Asset { amount, asset } = price_in_asset else {
            return Err("a price in dollars".to_owned());
        };
        let extra = price.get("extra").cloned().unwrap_or_else(|| json!({}));
        Ok(json!({"amount": amount.to_string(), "asset": asset, "extra": extra}))
    };
    let canonical = !amount.is_empty()
        && amount.bytes().all(|byte| byte.is_ascii_digit())
        && (amount == "0" || !amount.starts_with('0'))
        && amount.len() <= exact_limit().len();
    let ruling = (!canonical).then_some(Ruling::Refuse(Rule::BaseUnitsGrammar));
    Answer::new(ours()).under(ruling)
}

fn convert(case: &Case) -> Result<Answer, String> {
    let amount = case.text("amount")?;
    let decimals = case
        .input
        .get("decimals")
        .map_or(Some(7), Value::as_i64)
        .ok_or("`decimals` is no number")?;
    let ours = || -> Result<Value, String> {
        let decimals = u8::try_from(decimals).map_err(|error| error.to_string())?;
        let decimals = Decimals::new(decimals).map_err(|error| error.to_string())?;
        let amount =
            BaseUnits::parse_decimal(amount, decimals).map_err(|error| error.to_string())?;
        Ok(Value::String(amount.to_string()))
    };
    let ruling = match usize::try_from(decimals) {
        Ok(decimals @ 0..=38) => money_ruling(amount, decimals).or_else(|| {
            // The reference knows tokens with up to 20 decimals.
            (decimals > 20)
                .then(|| Ruling::Give(Rule::DecimalsRange, Value::String(exact(amount, decimals))))
        }),
        _ => Some(Ruling::Refuse(Rule::DecimalsRange)),
    };
    Ok(Answer::new(ours()).under(ruling))
}

/// A price as a person or a configuration file writes it; numbers as JavaScript's own are given by their names.
fn written(price: &Value) -> Result<String, String> {
    match price {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string().trim_end_matches(".0").to_owned()),
        Value::Object(special) => {
            let name = special.get("$number").or_else(|| special.get("$bigint"));
            // `{}` and the like: no text that could be a price.
            Ok(name.and_then(Value::as_str).unwrap_or_default().to_owned())
        }
        _ => Ok(String::new()),
    }
}

/// What the grammar, the asset's decimals and the range of amounts say, found without our parsers.
fn money_ruling(number: &str, decimals: usize) -> Option<Ruling> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = number
        .split_once('.')
        .map_or((number, None), |(whole, fraction)| (whole, Some(fraction)));
    if !digits(whole) || !fraction.is_none_or(digits) {
        return Some(Ruling::Refuse(Rule::MoneyGrammar));
    }
    if fraction.is_some_and(|fraction| fraction.len() > decimals) {
        return Some(Ruling::Refuse(Rule::MoneyPrecision));
    }
    let (amount, limit) = (exact(number, decimals), exact_limit());
    let too_large = amount.len() > limit.len() || (amount.len() == limit.len() && amount > limit);
    too_large.then_some(Ruling::Refuse(Rule::MoneyRange))
}

/// Base units by moving the point, as text.
fn exact(number: &str, decimals: usize) -> String {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let units = format!("{whole}{fraction:0<decimals$}");
    let units = units.trim_start_matches('0');
    if units.is_empty() {
        "0".to_owned()
    } else {
        units.to_owned()
    }
}

fn exact_limit() -> String {
    i128::MAX.to_string()
}

fn significant_digits(number: &str) -> usize {
    number.replace('.', "").trim_start_matches('0').len()
}
