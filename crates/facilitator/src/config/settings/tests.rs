use clap::Parser;
use coinslot_caip2_network::StellarNetwork;
use coinslot_soroban_authorization::SecretKey;

use super::*;

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    config: FacilitatorConfig,
}

fn read(arguments: &[&str]) -> Result<Settings, ConfigError> {
    Settings::read(&config(arguments))
}

fn config(arguments: &[&str]) -> FacilitatorConfig {
    let arguments = std::iter::once("facilitator").chain(arguments.iter().copied());
    Arguments::try_parse_from(arguments).unwrap().config
}

fn secret() -> String {
    SecretKey::from_seed([1; 32]).expose_secret()
}

const KEY: &str = "0123456789abcdef";

#[test]
fn one_sponsor_is_enough() {
    let settings = read(&["--sponsor-key", &secret()]).unwrap();
    let usdc = usdc_on("stellar:testnet")
        .unwrap()
        .contract
        .parse()
        .unwrap();
    assert_eq!(settings.assets, Some(vec![usdc]));
    assert_eq!(settings.rpc_urls, ["https://soroban-testnet.stellar.org"]);
    assert!(settings.api_keys.is_empty() && settings.fee_bump.is_none());
}

#[test]
fn off_loopback_needs_a_key_or_an_explicit_word() {
    let key = secret();
    let public = ["--sponsor-key", &key, "--listen", "0.0.0.0:80"];
    assert_eq!(read(&public).unwrap_err(), ConfigError::NoApiKey);
    assert_eq!(
        read(&[&public[..], &["--api-key", KEY]].concat())
            .unwrap()
            .api_keys
            .len(),
        1
    );
    read(&[&public[..], &["--allow-anyone"]].concat()).unwrap();
    let both = [&public[..], &["--allow-anyone", "--api-key", KEY]].concat();
    assert_eq!(read(&both).unwrap_err(), ConfigError::KeysAndAnyone);
    read(&["--sponsor-key", &key, "--listen", "[::1]:80"]).unwrap();
}

#[test]
fn a_network_of_ones_own_has_no_rpc_to_fall_back_on() {
    let key = secret();
    let mut own = config(&["--sponsor-key", &key]);
    own.network =
        StellarNetwork::custom("stellar:own".parse().unwrap(), "a network of one's own").unwrap();
    assert_eq!(Settings::read(&own).unwrap_err(), ConfigError::NoRpc);
    own.rpc_url = vec!["https://a.example".into(), "https://b.example".into()];
    own.asset = vec!["any".into()];
    assert_eq!(
        Settings::read(&own).unwrap().rpc_urls,
        ["https://a.example", "https://b.example"]
    );
}

#[test]
fn the_shared_key_is_a_sponsor_only_when_no_other_is_given() {
    let (own, shared) = (secret(), SecretKey::from_seed([2; 32]));
    let accounts = |arguments: &[&str]| {
        let settings = read(arguments).unwrap();
        settings
            .sponsors
            .iter()
            .map(SecretKey::account_id)
            .collect::<Vec<_>>()
    };
    let text = shared.expose_secret();
    assert_eq!(accounts(&["--secret-key", &text]), [shared.account_id()]);
    let first = SecretKey::from_seed([1; 32]).account_id();
    assert_eq!(
        accounts(&["--secret-key", &text, "--sponsor-key", &own]),
        [first]
    );
}

#[test]
fn assets_are_contracts() {
    let key = secret();
    let issuer = usdc_on("stellar:testnet").unwrap().issuer.unwrap();
    let error = read(&["--sponsor-key", &key, "--asset", issuer]).unwrap_err();
    assert!(matches!(error, ConfigError::Asset(_)), "{error}");
    assert_eq!(
        read(&["--sponsor-key", &key, "--asset", "any"])
            .unwrap()
            .assets,
        None
    );
    let other = usdc_on("stellar:pubnet").unwrap().contract;
    let both = read(&["--sponsor-key", &key, "--asset", "USDC", "--asset", other]).unwrap();
    assert_eq!(both.assets.map(|assets| assets.len()), Some(2));
}

#[test]
fn no_message_and_no_debug_form_shows_a_secret() {
    let key = secret();
    let mut broken = key.clone();
    broken.pop();
    let arguments = [
        "facilitator",
        "--sponsor-key",
        &broken,
        "--api-key",
        "hunter2",
    ];
    let config = Arguments::try_parse_from(arguments).unwrap().config;
    let shown = format!("{config:?} {}", Settings::read(&config).unwrap_err());
    assert!(
        !shown.contains(&broken) && !shown.contains("hunter2"),
        "{shown}"
    );
    let settings = read(&["--sponsor-key", &key, "--api-key", KEY]).unwrap();
    let shown = format!("{settings:?}");
    assert!(!shown.contains(&key) && !shown.contains(KEY), "{shown}");
}

#[test]
fn what_is_missing_is_said() {
    assert_eq!(read(&[]).unwrap_err(), ConfigError::NoSponsor);
    let account = SecretKey::from_seed([1; 32]).account_id().to_string();
    let error = read(&["--sponsor-key", &account]).unwrap_err().to_string();
    assert!(
        error.contains("STELLAR_SECRET_KEY") && error.contains("G…"),
        "{error}"
    );
}
