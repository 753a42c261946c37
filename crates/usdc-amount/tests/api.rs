//! The traits that the public types promise.

use core::fmt::{Debug, Display};
use core::hash::Hash;

use coinslot_usdc_amount::{
    AmountError, BaseUnits, ConvertPriceError, Decimals, DecimalsError, ParseAmountError, Price,
    UsdPrice, UsdcDeployment,
};

fn shared<T: Send + Sync + Unpin + 'static>() {}
fn value<T: Clone + Debug + Eq>() {}
fn number<T: Copy + Ord + Hash + Display>() {}
fn error<T: core::error::Error + Send + Sync + Copy + Eq + 'static>() {}

#[test]
fn types_keep_their_traits() {
    shared::<(BaseUnits, Decimals, Price, UsdPrice, UsdcDeployment)>();
    value::<(BaseUnits, Decimals, Price, UsdPrice, UsdcDeployment)>();
    number::<BaseUnits>();
    number::<Decimals>();
    error::<AmountError>();
    error::<DecimalsError>();
    error::<ParseAmountError>();
    error::<ConvertPriceError>();
}
