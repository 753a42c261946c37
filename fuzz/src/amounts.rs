//! Base units, decimal amounts and prices.

use coinslot_usdc_amount::{BaseUnits, Decimals, Price, UsdPrice};

use crate::{memory, text};

/// Model, exact, bounded.
pub(crate) fn base_units(data: &[u8]) {
    let Some(text) = text(data) else { return };
    let parsed = memory::at_most(256, || text.parse::<BaseUnits>());
    let canonical = is_digits(text) && (text == "0" || !text.starts_with('0'));
    let value = text
        .parse::<u128>()
        .ok()
        .filter(|value| canonical && i128::try_from(*value).is_ok());
    assert_eq!(
        parsed.as_ref().ok().map(|amount| amount.as_u128()),
        value,
        "{text:?}"
    );
    match parsed {
        Ok(amount) => assert_eq!(amount.to_string(), text),
        Err(error) => assert!(error.position() <= text.len()),
    }
    let json = serde_json::to_string(text).expect("text is JSON");
    let mut reader = serde_json::Deserializer::from_str(&json);
    let by_serde = coinslot_usdc_amount::serde_string::deserialize(&mut reader);
    assert_eq!(
        by_serde.ok().map(|amount| amount.as_u128()),
        value,
        "{text:?} by serde"
    );
    // Only a string of digits is an amount in JSON.
    let mut reader = serde_json::Deserializer::from_str(text);
    if let Ok(amount) = coinslot_usdc_amount::serde_string::deserialize(&mut reader) {
        assert_eq!(
            text.trim_start_matches([' ', '\t', '\r', '\n'])
                .as_bytes()
                .first(),
            Some(&b'"'),
            "{amount}"
        );
    }
}

/// Model, canonical. The first byte chooses the decimals.
pub(crate) fn decimal_amount(data: &[u8]) {
    let Some((choice, rest)) = data.split_first() else {
        return;
    };
    let Some(text) = text(rest) else { return };
    let decimals = Decimals::new(choice % 39).expect("0 to 38 decimals");
    let parsed = BaseUnits::parse_decimal(text, decimals);
    let modelled = model(text, usize::from(decimals.as_u8()));
    assert_eq!(
        parsed.as_ref().ok().map(ToString::to_string),
        modelled,
        "{text:?} with {decimals} decimals"
    );
    match parsed {
        Ok(amount) => {
            let written = amount.to_decimal(decimals).to_string();
            assert_eq!(
                BaseUnits::parse_decimal(&written, decimals),
                Ok(amount),
                "{written}"
            );
            assert!(written.len() <= 64);
        }
        Err(error) => assert!(error.position() <= text.len()),
    }
}

/// Model, canonical.
pub(crate) fn price(data: &[u8]) {
    let Some(text) = text(data) else { return };
    let parsed = text.parse::<UsdPrice>();
    assert_eq!(
        text.parse::<Price>().ok(),
        parsed.as_ref().ok().copied().map(Price::Usd)
    );
    let number = text.strip_prefix('$').unwrap_or(text);
    let free = is_decimal(number) && number.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    if free || !is_decimal(number) {
        assert!(parsed.is_err(), "{text:?} is a price");
    }
    let Ok(price) = parsed else { return };
    let written = price.to_string();
    assert_eq!(
        written.parse::<UsdPrice>().as_ref(),
        Ok(&price),
        "{written}"
    );
    assert_eq!(
        written.parse::<UsdPrice>().map(|price| price.to_string()),
        Ok(written)
    );
    for decimals in [Decimals::USDC_STELLAR, Decimals::USDC_EVM, Decimals::MAX] {
        let modelled = model(number, usize::from(decimals.as_u8()));
        assert_eq!(
            price
                .to_base_units(decimals)
                .ok()
                .map(|amount| amount.to_string()),
            modelled,
            "{text:?}, {decimals}"
        );
    }
}

/// Moves the point in the text; none when it is no decimal, too precise or too large.
fn model(text: &str, decimals: usize) -> Option<String> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if !is_decimal(text) || fraction.len() > decimals {
        return None;
    }
    let units = format!("{whole}{fraction:0<decimals$}");
    let units = units.trim_start_matches('0');
    let units = if units.is_empty() { "0" } else { units };
    units.parse::<i128>().ok().map(|units| units.to_string())
}

fn is_decimal(text: &str) -> bool {
    match text.split_once('.') {
        Some((whole, fraction)) => is_digits(whole) && is_digits(fraction),
        None => is_digits(text),
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
