//! What the public types promise.

use std::error::Error;
use std::fmt::Debug;

use coinslot_facilitator::config::{ConfigError, FeeConfig, LimitConfig, Percentile, SecretText};
use coinslot_facilitator::{
    AccessLimits, ApiKey, AppState, FacilitatorConfig, Metrics, ParseApiKeyError, Server,
    StartError,
};

fn shared<T: Send + Sync + Debug + 'static>() {}
fn error<T: Error + Send + Sync + 'static>() {}

#[test]
fn traits() {
    shared::<AppState>();
    shared::<Server>();
    shared::<Metrics>();
    shared::<FacilitatorConfig>();
    shared::<FeeConfig>();
    shared::<LimitConfig>();
    shared::<Percentile>();
    shared::<AccessLimits>();
    shared::<ApiKey>();
    error::<StartError>();
    error::<ConfigError>();
    error::<ParseApiKeyError>();
}

#[test]
fn secrets_are_not_shown() {
    let secret = SecretText::from("hunter2".to_owned());
    assert_eq!(format!("{secret:?}"), "[redacted]");
}
