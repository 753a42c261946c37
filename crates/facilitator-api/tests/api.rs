//! What the types promise to those who hold them.

use std::fmt::Debug;
use std::sync::Arc;

use coinslot_facilitator_api::{Facilitator, FacilitatorError, MalformedAnswer, Settlement};

fn value<T: Clone + Debug + PartialEq + Send + Sync + 'static>() {}
fn error<T: std::error::Error + Send + Sync + 'static>() {}
fn shared<T: Send + Sync + 'static>() {}

#[test]
fn traits() {
    value::<Settlement>();
    value::<MalformedAnswer>();
    error::<FacilitatorError>();
    error::<MalformedAnswer>();
    shared::<Arc<dyn Facilitator>>();
}

#[cfg(feature = "http")]
#[test]
fn traits_of_the_http_client() {
    use coinslot_facilitator_api::{
        HttpFacilitator, HttpFacilitatorBuilder, HttpFacilitatorConfigError,
    };
    fn facilitator<T: Facilitator + Debug>() {}
    facilitator::<HttpFacilitator>();
    shared::<HttpFacilitatorBuilder>();
    error::<HttpFacilitatorConfigError>();
}

#[test]
fn only_an_unknown_outcome_may_have_settled() {
    let lost = FacilitatorError::outcome_unknown("cut off");
    assert!(lost.may_have_settled());
    for error in [
        FacilitatorError::unavailable("down"),
        FacilitatorError::Unauthorized { status: 401 },
        FacilitatorError::Malformed(MalformedAnswer::Network),
    ] {
        assert!(!error.may_have_settled(), "{error:?}");
    }
}
