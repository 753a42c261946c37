//! Properties: parsers against models that work on the digits as text.

use coinslot_usdc_amount::{BaseUnits, Decimals, UsdPrice};
use proptest::prelude::*;

/// What a decimal text is in base units, by moving the point in the text; `None` when it is not one.
fn model(text: &str, decimals: usize) -> Option<u128> {
    let (whole, fraction) = match text.split_once('.') {
        Some((_, "")) => return None,
        Some(parts) => parts,
        None => (text, ""),
    };
    let digits_only = |part: &str| {
        part.chars()
            .all(|character| "0123456789".contains(character))
    };
    if whole.is_empty()
        || !digits_only(whole)
        || !digits_only(fraction)
        || fraction.len() > decimals
    {
        return None;
    }
    let moved = format!("{whole}{fraction:0<decimals$}");
    let count = moved.trim_start_matches('0');
    match count {
        "" => Some(0),
        count => count
            .parse()
            .ok()
            .filter(|count| *count <= i128::MAX.unsigned_abs()),
    }
}

fn decimals() -> impl Strategy<Value = Decimals> {
    (0_u8..=38).prop_map(|decimals| Decimals::new(decimals).expect("at most 38"))
}

fn amounts() -> impl Strategy<Value = BaseUnits> {
    prop_oneof![
        any::<u64>().prop_map(BaseUnits::from_u64),
        (0..=i128::MAX).prop_map(|count| BaseUnits::try_from(count).expect("not negative")),
    ]
}

proptest! {
    #[test]
    fn decimals_agree_with_the_model(text in "[0-9]{0,41}(\\.[0-9]{0,10})?", decimals in decimals()) {
        let parsed = BaseUnits::parse_decimal(&text, decimals).ok().map(BaseUnits::as_u128);
        prop_assert_eq!(parsed, model(&text, decimals.as_u8().into()));
    }

    #[test]
    fn junk_agrees_with_the_model(text in "[-+$0-9.,_eEx \u{0661}\u{ff11}]{0,12}", decimals in decimals()) {
        let parsed = BaseUnits::parse_decimal(&text, decimals).ok().map(BaseUnits::as_u128);
        prop_assert_eq!(parsed, model(&text, decimals.as_u8().into()));
        let number = text.strip_prefix('$').unwrap_or(&text);
        let written = number.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        let priced = model(number, written).is_some_and(|count| count > 0);
        prop_assert_eq!(text.parse::<UsdPrice>().is_ok(), priced);
    }

    #[test]
    fn base_units_agree_with_the_standard_library(text in "[0-9]{0,41}|[-+0-9a-f .]{0,6}") {
        let canonical = text.parse::<i128>().ok().filter(|count| *count >= 0 && count.to_string() == text);
        prop_assert_eq!(text.parse::<BaseUnits>().ok().map(BaseUnits::to_i128), canonical);
    }

    #[test]
    fn anything_has_an_error_inside_it(text in any::<String>(), decimals in decimals()) {
        if let Err(error) = BaseUnits::parse_decimal(&text, decimals) {
            prop_assert!(error.position() <= text.len());
        }
        if let Err(error) = text.parse::<UsdPrice>() {
            prop_assert!(error.position() <= text.len());
        }
    }

    #[test]
    fn what_is_written_is_read_again(amount in amounts(), decimals in decimals()) {
        let text = amount.to_decimal(decimals).to_string();
        prop_assert_eq!(BaseUnits::parse_decimal(&text, decimals), Ok(amount));
        prop_assert!(!text.contains('.') || !text.ends_with('0'), "no zeros at the end: {}", text);
        prop_assert_eq!(amount.to_string().parse::<BaseUnits>(), Ok(amount));
    }

    #[test]
    fn a_price_is_its_decimal(text in "[0-9]{1,12}(\\.[0-9]{1,7})?") {
        let amount = BaseUnits::parse_decimal(&text, Decimals::USDC_STELLAR)?;
        match text.parse::<UsdPrice>() {
            Ok(price) => {
                prop_assert_eq!(price.to_base_units(Decimals::USDC_STELLAR), Ok(amount));
                prop_assert_eq!(price.to_string().parse::<UsdPrice>(), Ok(price));
            }
            Err(_) => prop_assert!(amount.is_zero()),
        }
    }

    #[test]
    fn arithmetic_is_that_of_integers(one in amounts(), other in amounts(), factor in any::<u64>()) {
        let fits = |count: Option<i128>| count.and_then(|count| BaseUnits::try_from(count).ok());
        let (a, b) = (one.to_i128(), other.to_i128());
        prop_assert_eq!(one.checked_add(other), fits(a.checked_add(b)));
        prop_assert_eq!(one.checked_sub(other), fits(a.checked_sub(b)));
        prop_assert_eq!(one.checked_mul(factor), fits(a.checked_mul(factor.into())));
    }
}
