//! The traits that the public types have.

use core::{error::Error, fmt::Debug, hash::Hash};

use coinslot_stellar_address::{
    AccountId, Address, ContractId, MuxedAccountId, ParseAddressError, StrkeyKind,
};

fn identifier<T: Send + Sync + Debug + Copy + Ord + Hash + 'static>() {}
fn error<T: Error + Send + Sync + 'static>() {}

#[test]
fn addresses_are_plain_values() {
    identifier::<AccountId>();
    identifier::<Address>();
    identifier::<ContractId>();
    identifier::<MuxedAccountId>();
    error::<ParseAddressError>();
}

#[test]
fn a_text_says_what_kind_of_key_it_is() {
    let secret = "SDIXEZIFXXLIF42VRGM4NWUUAID4VV5TVGHJTDNA7TLTSW6QZAC3WRZZ";
    let contract = "CBIELTK6YBZJU5UP2WWQEUCYKLPU6AUNZ2BQ4WWFEIE3USCIHMXQDAMA";
    assert_eq!(StrkeyKind::of(secret), Some(StrkeyKind::SecretKey));
    assert_eq!(StrkeyKind::of("S"), Some(StrkeyKind::SecretKey));
    assert_eq!(StrkeyKind::of(contract), Some(StrkeyKind::Contract));
    assert_eq!(StrkeyKind::of(&contract.replacen('B', "C", 1)), None);
    assert_eq!(StrkeyKind::of(""), None);
}
