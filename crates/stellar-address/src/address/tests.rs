use alloc::{format, string::ToString};

use super::*;
use crate::ParseAddressErrorKind;

const ACCOUNT: &str = "GBHU3N4ON2XO5ROEHBOECRTKOOE2MWOMAISZ65YYX32QBNFJ6DKD3HOR";
const CONTRACT: &str = "CBIELTK6YBZJU5UP2WWQEUCYKLPU6AUNZ2BQ4WWFEIE3USCIHMXQDAMA";
const MUXED: &str = "MBHU3N4ON2XO5ROEHBOECRTKOOE2MWOMAISZ65YYX32QBNFJ6DKD2AAAAAAAAAAE2KBOE";
const SECRET: &str = "SDIXEZIFXXLIF42VRGM4NWUUAID4VV5TVGHJTDNA7TLTSW6QZAC3WRZZ";

fn kind<T: FromStr<Err = ParseAddressError> + fmt::Debug>(text: &str) -> ParseAddressErrorKind {
    text.parse::<T>().unwrap_err().kind()
}

#[test]
fn each_kind_is_what_it_is() {
    assert_eq!(ACCOUNT.parse::<Address>().unwrap().to_string(), ACCOUNT);
    assert_eq!(CONTRACT.parse::<Address>().unwrap().to_string(), CONTRACT);
    assert_eq!(MUXED.parse::<Address>().unwrap().to_string(), MUXED);
    let muxed: MuxedAccountId = MUXED.parse().unwrap();
    assert_eq!(
        (muxed.account().to_string().as_str(), muxed.id()),
        (ACCOUNT, 1234)
    );
}

#[test]
fn a_muxed_address_has_its_accounts_key() {
    let account: AccountId = ACCOUNT.parse().unwrap();
    assert_eq!(
        MUXED.parse::<Address>().unwrap().account_key(),
        Some(account)
    );
    assert_eq!(Address::from(account).account_key(), Some(account));
    assert_eq!(CONTRACT.parse::<Address>().unwrap().account_key(), None);
}

#[test]
fn an_error_says_what_was_found_and_what_belongs_there() {
    let error = ACCOUNT.parse::<ContractId>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "this is a G… account address; here belongs a C… contract address"
    );
    let error = CONTRACT.parse::<AccountId>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "this is a C… contract address; here belongs a G… account address"
    );
    let error = "".parse::<Address>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "the address is empty; here belongs a G… account address or a C… contract address or an \
         M… muxed account address"
    );
}

#[test]
fn a_secret_key_is_recognised_and_never_repeated() {
    for text in [
        SECRET,
        "S",
        "SDIXEZIFXXLIF42VRGM4NWUUAID4VV5TVGHJTDNA7TLTSW6QZAC3WRZ",
    ] {
        let error = text.parse::<Address>().unwrap_err();
        assert_eq!(error.kind(), ParseAddressErrorKind::SecretKey);
        assert!(!format!("{error} {error:?}").contains("SDIX"));
    }
}

#[test]
fn every_fault_has_its_kind() {
    let swapped = ACCOUNT.replacen("HU", "UH", 1);
    assert_eq!(kind::<AccountId>(&swapped), ParseAddressErrorKind::Checksum);
    assert_eq!(
        kind::<AccountId>(&ACCOUNT[..55]),
        ParseAddressErrorKind::Length { found: 55 }
    );
    assert_eq!(
        kind::<AccountId>(&ACCOUNT.to_lowercase()),
        ParseAddressErrorKind::Character { position: 0 }
    );
    let spaced = format!("{ACCOUNT} ");
    assert_eq!(
        kind::<AccountId>(&spaced),
        ParseAddressErrorKind::Character { position: 56 }
    );
    assert_eq!(
        kind::<AccountId>("NOTHING"),
        ParseAddressErrorKind::UnknownKind
    );
    assert_eq!(
        kind::<Address>("TBV7465GIYYXTQ5V6U4FW32MWM4LOZPVOVPQTLBZ6FZLIMFYJ32FVFZL"),
        ParseAddressErrorKind::WrongKind(StrkeyKind::PreAuthorizedTransaction)
    );
    assert_eq!(
        kind::<Address>("BAAN7UTWNHFG2VLR5F334NY22VQMLZF3WPJOOOU4C62IYXIBWOK4ZZVLHA"),
        ParseAddressErrorKind::WrongKind(StrkeyKind::ClaimableBalance)
    );
}
