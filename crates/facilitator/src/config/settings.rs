//! A configuration, read and checked.

use coinslot_soroban_authorization::{ParseSecretKeyError, SecretKey};
use coinslot_stellar_address::{ContractId, ParseAddressError};
use coinslot_usdc_amount::usdc_on;

use super::FacilitatorConfig;
use crate::{ApiKey, ParseApiKeyError};

/// What a configuration says, as the program uses it.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) rpc_urls: Vec<String>,
    pub(crate) sponsors: Vec<SecretKey>,
    pub(crate) fee_bump: Option<SecretKey>,
    /// All when none.
    pub(crate) assets: Option<Vec<ContractId>>,
    pub(crate) api_keys: Vec<ApiKey>,
}

impl Settings {
    pub(crate) fn read(config: &FacilitatorConfig) -> Result<Self, ConfigError> {
        let given = config.sponsor_key.iter();
        let shared = config
            .secret_key
            .iter()
            .filter(|_| config.sponsor_key.is_empty());
        let sponsors = given
            .chain(shared)
            .map(|key| key.expose().parse().map_err(ConfigError::SponsorKey))
            .collect::<Result<Vec<SecretKey>, _>>()?;
        if sponsors.is_empty() {
            return Err(ConfigError::NoSponsor);
        }
        let fee_bump = config
            .fee_bump_key
            .as_ref()
            .map(|key| key.expose().parse().map_err(ConfigError::FeeBumpKey))
            .transpose()?;
        let api_keys = config
            .api_key
            .iter()
            .map(|key| key.expose().parse().map_err(ConfigError::ApiKey))
            .collect::<Result<Vec<ApiKey>, _>>()?;
        if api_keys.is_empty() && !config.listen.ip().is_loopback() && !config.allow_anyone {
            return Err(ConfigError::NoApiKey);
        }
        if !api_keys.is_empty() && config.allow_anyone {
            return Err(ConfigError::KeysAndAnyone);
        }
        let rpc_urls = match (config.rpc_url.as_slice(), config.network.rpc_url()) {
            ([], None) => return Err(ConfigError::NoRpc),
            ([], Some(public)) => vec![public.to_owned()],
            (given, _) => given.to_vec(),
        };
        Ok(Self {
            rpc_urls,
            sponsors,
            fee_bump,
            assets: assets(config)?,
            api_keys,
        })
    }
}

fn assets(config: &FacilitatorConfig) -> Result<Option<Vec<ContractId>>, ConfigError> {
    let usdc = || {
        let deployment = usdc_on(config.network.chain_id().as_str()).ok_or(ConfigError::NoUsdc)?;
        deployment.contract.parse().map_err(ConfigError::Asset)
    };
    if config.asset.is_empty() {
        return Ok(Some(vec![usdc()?]));
    }
    if config
        .asset
        .iter()
        .any(|asset| asset.eq_ignore_ascii_case("any"))
    {
        return Ok(None);
    }
    let read = |asset: &String| {
        if asset.eq_ignore_ascii_case("usdc") {
            usdc()
        } else {
            asset.parse().map_err(ConfigError::Asset)
        }
    };
    config
        .asset
        .iter()
        .map(read)
        .collect::<Result<_, _>>()
        .map(Some)
}

/// A configuration that cannot be used. No sentence repeats a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// No account that pays fees.
    #[error(
        "a facilitator needs a sponsor account that pays network fees; set STELLAR_SECRET_KEY to its secret key (S…)"
    )]
    NoSponsor,
    /// A sponsor's key that is none.
    #[error("the sponsor's key in STELLAR_SECRET_KEY cannot be used: {0}")]
    SponsorKey(ParseSecretKeyError),
    /// A fee-bump key that is none.
    #[error("the key in FACILITATOR_FEE_BUMP_KEY cannot be used: {0}")]
    FeeBumpKey(ParseSecretKeyError),
    /// An API key that is none.
    #[error("a key in FACILITATOR_API_KEYS cannot be used: {0}")]
    ApiKey(ParseApiKeyError),
    /// Open to the world by mistake.
    #[error(
        "off loopback a facilitator needs API keys, or anyone could spend its sponsors' fees; set FACILITATOR_API_KEYS, listen on 127.0.0.1, or say --allow-anyone"
    )]
    NoApiKey,
    /// Two contradicting wishes.
    #[error("--allow-anyone and API keys exclude each other; give one of them")]
    KeysAndAnyone,
    /// No RPC to ask.
    #[error(
        "this network has no public Stellar RPC to fall back on; set STELLAR_RPC_URL to the address of one"
    )]
    NoRpc,
    /// No known token.
    #[error(
        "no USDC is known on this network; set FACILITATOR_ASSETS to the contract (C…) of the token to settle"
    )]
    NoUsdc,
    /// An asset that is no contract.
    #[error("an asset in FACILITATOR_ASSETS is not the contract of a token: {0}")]
    Asset(ParseAddressError),
}

#[cfg(test)]
mod tests;
