//! Hand-picked amounts and prices, to accept and to refuse.

use coinslot_usdc_amount::ParseAmountErrorKind::{
    self, Empty, LeadingZero, MissingDigit, TooLarge, TooManyDecimals, UnexpectedCharacter,
    ZeroPrice,
};
use coinslot_usdc_amount::{
    BaseUnits, ConvertPriceError, Decimals, Price, USDC_DEPLOYMENTS, UsdPrice, usdc_on,
};

const MOST: &str = "170141183460469231731687303715884105727";
const ONE_TOO_MANY: &str = "170141183460469231731687303715884105728";

fn units(text: &str) -> Result<u128, (ParseAmountErrorKind, usize)> {
    text.parse::<BaseUnits>()
        .map(BaseUnits::as_u128)
        .map_err(|error| (error.kind(), error.position()))
}

fn decimal(text: &str, decimals: u8) -> Result<u128, (ParseAmountErrorKind, usize)> {
    BaseUnits::parse_decimal(text, Decimals::new(decimals).expect("at most 38"))
        .map(BaseUnits::as_u128)
        .map_err(|error| (error.kind(), error.position()))
}

fn price(text: &str) -> Result<UsdPrice, (ParseAmountErrorKind, usize)> {
    text.parse::<UsdPrice>()
        .map_err(|error| (error.kind(), error.position()))
}

#[test]
fn base_units_that_are_accepted() {
    for (text, count) in [
        ("0", 0),
        ("1", 1),
        ("10000", 10_000),
        (MOST, i128::MAX.unsigned_abs()),
    ] {
        assert_eq!(units(text), Ok(count));
        assert_eq!(text.parse::<BaseUnits>().expect(text).to_string(), text);
    }
    assert_eq!(BaseUnits::MAX.to_i128(), i128::MAX);
    assert_eq!(BaseUnits::ZERO.to_i128(), 0);
}

#[test]
fn base_units_that_are_refused() {
    for (text, kind, position) in [
        ("", Empty, 0),
        ("00", LeadingZero, 0),
        ("007", LeadingZero, 0),
        ("-1", UnexpectedCharacter, 0),
        ("+1", UnexpectedCharacter, 0),
        ("1.0", UnexpectedCharacter, 1),
        ("1e5", UnexpectedCharacter, 1),
        ("0x10", UnexpectedCharacter, 1),
        ("1,000", UnexpectedCharacter, 1),
        ("1_000", UnexpectedCharacter, 1),
        (" 1", UnexpectedCharacter, 0),
        ("1 ", UnexpectedCharacter, 1),
        ("1\n", UnexpectedCharacter, 1),
        ("1\0", UnexpectedCharacter, 1),
        ("$1", UnexpectedCharacter, 0),
        ("\u{0661}", UnexpectedCharacter, 0),
        ("\u{ff11}", UnexpectedCharacter, 0),
        ("lots", UnexpectedCharacter, 0),
        (ONE_TOO_MANY, TooLarge, 38),
        (
            "999999999999999999999999999999999999999999999",
            TooLarge,
            38,
        ),
    ] {
        assert_eq!(units(text), Err((kind, position)), "{text:?}");
    }
}

#[test]
fn decimals_that_are_accepted() {
    for (text, decimals, count) in [
        ("1", 7, 10_000_000),
        ("0.001", 7, 10_000),
        ("0.0000001", 7, 1),
        ("0.3333333", 7, 3_333_333),
        ("007.50", 7, 75_000_000),
        ("922337203685.4775807", 7, 9_223_372_036_854_775_807),
        ("1.5", 6, 1_500_000),
        ("3", 0, 3),
        ("0.000000000000000001", 18, 1),
        ("0.000", 7, 0),
        (
            "17014118346046923173168730371588.4105727",
            7,
            i128::MAX.unsigned_abs(),
        ),
        ("1", 38, 100_000_000_000_000_000_000_000_000_000_000_000_000),
    ] {
        assert_eq!(decimal(text, decimals), Ok(count), "{text}");
    }
}

#[test]
fn decimals_that_are_refused() {
    let too_many = |allowed| TooManyDecimals { allowed };
    for (text, decimals, kind, position) in [
        ("", 7, Empty, 0),
        (".", 7, MissingDigit, 0),
        (".5", 7, MissingDigit, 0),
        ("7.", 7, MissingDigit, 2),
        ("1.2.3", 7, UnexpectedCharacter, 3),
        ("1..2", 7, UnexpectedCharacter, 2),
        ("+1.25", 7, UnexpectedCharacter, 0),
        ("-0.5", 7, UnexpectedCharacter, 0),
        ("1e-7", 7, UnexpectedCharacter, 1),
        ("1E5", 7, UnexpectedCharacter, 1),
        ("0,5", 7, UnexpectedCharacter, 1),
        ("1,000.50", 7, UnexpectedCharacter, 1),
        ("1_000", 7, UnexpectedCharacter, 1),
        ("0x10", 7, UnexpectedCharacter, 1),
        (" 4.20", 7, UnexpectedCharacter, 0),
        ("4.20 ", 7, UnexpectedCharacter, 4),
        ("1.5abc", 7, UnexpectedCharacter, 3),
        ("abc", 7, UnexpectedCharacter, 0),
        ("NaN", 7, UnexpectedCharacter, 0),
        ("Infinity", 7, UnexpectedCharacter, 0),
        ("$1", 7, UnexpectedCharacter, 0),
        ("1\u{2024}5", 7, UnexpectedCharacter, 1),
        ("0.12345678", 7, too_many(7), 9),
        ("0.00000001", 7, too_many(7), 9),
        ("1.00000000", 7, too_many(7), 9),
        ("0.1234567", 6, too_many(6), 8),
        ("1.9", 0, too_many(0), 2),
        ("17014118346046923173168730371588.4105728", 7, TooLarge, 39),
        (MOST, 1, TooLarge, 0),
        ("2", 38, TooLarge, 0),
    ] {
        assert_eq!(decimal(text, decimals), Err((kind, position)), "{text:?}");
    }
    assert!(Decimals::new(38).is_ok() && Decimals::new(39).is_err());
}

#[test]
fn decimals_are_written_exactly() {
    for (count, decimals, text) in [
        (0, 7, "0"),
        (1, 7, "0.0000001"),
        (10_000, 7, "0.001"),
        (15_000_000, 7, "1.5"),
        (10_000_000, 7, "1"),
        (100_000_000, 7, "10"),
        (42, 0, "42"),
        (40, 0, "40"),
        (1, 38, "0.00000000000000000000000000000000000001"),
    ] {
        let decimals = Decimals::new(decimals).expect("at most 38");
        assert_eq!(
            BaseUnits::from_u64(count).to_decimal(decimals).to_string(),
            text
        );
    }
    let most = BaseUnits::MAX.to_decimal(Decimals::USDC_STELLAR);
    assert_eq!(most.to_string(), "17014118346046923173168730371588.4105727");
    assert_eq!(
        format!(
            "{:>8}",
            BaseUnits::from_u64(15).to_decimal(Decimals::USDC_EVM)
        ),
        "0.000015"
    );
}

#[test]
fn prices_that_are_accepted() {
    for (text, written, stellar) in [
        ("$0.001", "$0.001", 10_000),
        ("0.001", "$0.001", 10_000),
        ("$1", "$1", 10_000_000),
        ("25", "$25", 250_000_000),
        ("$2.50", "$2.5", 25_000_000),
        ("$10.00", "$10", 100_000_000),
        ("$0.0000001", "$0.0000001", 1),
    ] {
        let price = price(text).expect(text);
        assert_eq!(price.to_string(), written);
        assert_eq!(
            price.to_base_units(Decimals::USDC_STELLAR),
            Ok(BaseUnits::from_u64(stellar))
        );
        assert_eq!(text.parse::<Price>(), Ok(Price::Usd(price)));
    }
    assert_eq!(price("$2.50"), price("2.5"));
    assert_ne!(price("$2.50"), price("$25"));
}

#[test]
fn prices_that_are_refused() {
    for (text, kind, position) in [
        ("", Empty, 0),
        ("$", Empty, 1),
        ("free", UnexpectedCharacter, 0),
        ("$$1", UnexpectedCharacter, 1),
        ("$ 2.50", UnexpectedCharacter, 1),
        ("$-1", UnexpectedCharacter, 1),
        ("-$1", UnexpectedCharacter, 0),
        ("1$", UnexpectedCharacter, 1),
        ("2 USD", UnexpectedCharacter, 1),
        ("€1.00", UnexpectedCharacter, 0),
        ("0", ZeroPrice, 0),
        ("$0.000", ZeroPrice, 1),
        ("$.5", MissingDigit, 1),
        (
            "$0.000000000000000000000000000000000000001",
            TooManyDecimals { allowed: 38 },
            41,
        ),
    ] {
        assert_eq!(price(text), Err((kind, position)), "{text:?}");
        assert!(text.parse::<Price>().is_err());
    }
}

#[test]
fn a_price_needs_an_asset_with_enough_decimals() {
    let seven = price("$0.0000001").expect("a price");
    assert_eq!(
        seven.to_base_units(Decimals::USDC_EVM),
        Err(ConvertPriceError::TooManyDecimals { price: 7, asset: 6 })
    );
    let zeros = price("$1.0000000").expect("a price");
    assert!(
        zeros.to_base_units(Decimals::USDC_EVM).is_err(),
        "decimals count as written"
    );
    let huge = price(MOST).expect("a price");
    assert_eq!(
        huge.to_base_units(Decimals::USDC_EVM),
        Err(ConvertPriceError::TooLarge)
    );
}

#[test]
fn arithmetic_stops_at_both_ends() {
    let one = BaseUnits::from_u64(1);
    assert_eq!(BaseUnits::MAX.checked_add(one), None);
    assert_eq!(BaseUnits::ZERO.checked_sub(one), None);
    assert_eq!(BaseUnits::MAX.checked_mul(2), None);
    assert_eq!(BaseUnits::MAX.checked_mul(1), Some(BaseUnits::MAX));
    assert!(BaseUnits::new(i128::MAX.unsigned_abs() + 1).is_err());
    assert!(BaseUnits::try_from(-1_i128).is_err());
    assert_eq!(BaseUnits::try_from(i128::MAX), Ok(BaseUnits::MAX));
}

#[test]
fn usdc_is_where_circle_deployed_it() {
    let testnet = usdc_on("stellar:testnet").expect("testnet");
    assert_eq!(
        testnet.contract,
        "CBIELTK6YBZJU5UP2WWQEUCYKLPU6AUNZ2BQ4WWFEIE3USCIHMXQDAMA"
    );
    assert_eq!(
        testnet.issuer,
        Some("GBBD47IF6LWK7P7MDEVSCWR7DPUWV3NY3DTQEVFL4NAT4AQH3ZLLFLA5")
    );
    let pubnet = usdc_on("stellar:pubnet").expect("pubnet");
    assert_eq!(
        pubnet.contract,
        "CCW67TSZV3SSS2HXMBQ5JFGCKJNXKZM7UQUWUZPUTHXSTZLEO7SJMI75"
    );
    assert_eq!(
        pubnet.issuer,
        Some("GA5ZSEJYB37JRC5AVCIA5MOP4RHTM335X2KGX3IHOJAPP5RE34K4KZVN")
    );
    for usdc in USDC_DEPLOYMENTS {
        assert_eq!(usdc_on(usdc.chain), Some(usdc), "every chain occurs once");
        let stellar = usdc.chain.starts_with("stellar:");
        assert_eq!(usdc.decimals.as_u8(), if stellar { 7 } else { 6 });
        assert_eq!(usdc.issuer.is_some(), stellar);
    }
    for unknown in [
        "stellar:futurenet",
        "stellar:*",
        "eip155:1",
        "",
        "STELLAR:TESTNET",
    ] {
        assert_eq!(usdc_on(unknown), None);
    }
}

#[cfg(feature = "serde")]
#[test]
fn on_the_wire_an_amount_is_a_string_of_digits() {
    #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    struct Bill {
        #[serde(with = "coinslot_usdc_amount::serde_string")]
        due: BaseUnits,
        #[serde(default, with = "coinslot_usdc_amount::serde_string::option")]
        paid: Option<BaseUnits>,
    }
    let read = |json: &str| serde_json::from_str::<Bill>(json);
    let bill = Bill {
        due: BaseUnits::MAX,
        paid: Some(BaseUnits::ZERO),
    };
    let json = serde_json::to_string(&bill).expect("JSON");
    assert_eq!(json, format!(r#"{{"due":"{MOST}","paid":"0"}}"#));
    assert_eq!(read(&json).expect("a bill"), bill);
    for absent in [r#"{"due":"1"}"#, r#"{"due":"1","paid":null}"#] {
        assert_eq!(read(absent).expect("a bill").paid, None);
    }
    for due in [
        "1", "1.0", "[1]", "[\"1\"]", "null", "true", "{}", "\"0x1f\"", "\"\"", "\"01\"", "\" 1\"",
        "\"1e3\"", "\"-1\"",
    ] {
        assert!(read(&format!(r#"{{"due":{due}}}"#)).is_err(), "{due}");
        if due != "null" {
            assert!(
                read(&format!(r#"{{"due":"1","paid":{due}}}"#)).is_err(),
                "{due}"
            );
        }
    }
}
