//! What the flags mean, checked as far as that goes without asking anybody.

use std::net::SocketAddr;
use std::sync::Arc;

use coinslot_caip2_network::StellarNetwork;
use coinslot_facilitator_api::HttpFacilitator;
use coinslot_mpp_wire::ChallengeSecrets;
use coinslot_soroban_authorization::SecretKey;
use coinslot_stellar_address::Address;
use coinslot_usdc_amount::UsdPrice;

use super::goods::Goods;
use crate::arguments::{Demands, NetworkOptions, Serve, SoldBy};
use crate::commands::channel::{RECIPIENT, secret_key};
use crate::dollars;
use crate::exit::{Failure, Kind};
use crate::network;
use crate::secret::SecretText;

/// What is sold, how, and to whom the money goes.
pub(super) struct Settings {
    pub(super) price: String,
    pub(super) pay_to: String,
    pub(super) path: String,
    pub(super) goods: Goods,
    pub(super) description: Option<String>,
    pub(super) listen: SocketAddr,
    pub(super) base_url: Option<String>,
    pub(super) protocols: Vec<SoldBy>,
    pub(super) network: StellarNetwork,
    pub(super) network_options: NetworkOptions,
    pub(super) settled_by: SettledBy,
    pub(super) store: String,
    pub(super) secret: Vec<u8>,
    /// Nobody else knows it, and nobody will after this run.
    pub(super) secret_is_random: bool,
    pub(super) realm: Option<String>,
    pub(super) channels: Option<ChannelSettings>,
    pub(super) metrics_listen: Option<SocketAddr>,
}

/// How channels are taken.
pub(super) struct ChannelSettings {
    /// Who is paid, and authorizes settling.
    pub(super) recipient: SecretKey,
    pub(super) default_channel: Option<String>,
    pub(super) announce_cumulative: bool,
    pub(super) demands: Demands,
    pub(super) max_fee: String,
}

/// Who settles payments.
pub(super) enum SettledBy {
    /// We do, and these pay the network's fees.
    Sponsors(Vec<SecretKey>),
    /// A facilitator does, for x402.
    Facilitator(Arc<HttpFacilitator>),
    /// Nobody is there to pay fees: buyers do, which only MPP knows.
    Buyers,
}

impl Settings {
    pub(super) fn read(arguments: &Serve) -> Result<Self, Failure> {
        let channels = channels(arguments)?;
        let pay_to = pay_to(arguments, channels.as_ref())?;
        if arguments.listen.ip().is_unspecified() && arguments.base_url.is_none() {
            return Err(Failure::configuration(format!(
                "{} is every address of this computer, and buyers need one: give --base-url, such as https://api.example.com",
                arguments.listen
            )));
        }
        Ok(Self {
            price: price(&arguments.price)?,
            pay_to,
            path: path(&arguments.path)?,
            goods: Goods::read(arguments)?,
            description: arguments.description.clone(),
            listen: arguments.listen,
            base_url: arguments.base_url.clone(),
            network: network::named(&arguments.network)?,
            network_options: arguments.network.clone(),
            settled_by: settled_by(arguments)?,
            store: arguments.store.clone(),
            secret: secret(arguments.secret.as_ref())?,
            secret_is_random: arguments.secret.is_none(),
            realm: arguments.realm.clone(),
            protocols: protocols(arguments),
            channels,
            metrics_listen: arguments.metrics_listen,
        })
    }

    /// Whether there are challenges to bind.
    pub(super) fn sells_by_mpp(&self) -> bool {
        self.sells_by(SoldBy::Mpp) || self.sells_by(SoldBy::Channel)
    }

    pub(super) fn sells_by(&self, protocol: SoldBy) -> bool {
        self.protocols.contains(&protocol)
    }
}

/// By which protocols; `--channel` is one more.
fn protocols(arguments: &Serve) -> Vec<SoldBy> {
    let mut protocols = arguments.protocol.clone();
    let asked = arguments.channel || arguments.default_channel.is_some();
    if asked && !protocols.contains(&SoldBy::Channel) {
        protocols.push(SoldBy::Channel);
    }
    protocols
}

fn channels(arguments: &Serve) -> Result<Option<ChannelSettings>, Failure> {
    if !protocols(arguments).contains(&SoldBy::Channel) {
        return Ok(None);
    }
    let key = arguments.recipient.recipient_secret_key.as_ref();
    Ok(Some(ChannelSettings {
        recipient: secret_key(key, RECIPIENT)?,
        default_channel: arguments.default_channel.clone(),
        announce_cumulative: arguments.announce_cumulative,
        demands: arguments.demands.clone(),
        max_fee: arguments.channel_max_fee.clone(),
    }))
}

/// Who is paid: channels pay the account that signs for them.
fn pay_to(arguments: &Serve, channels: Option<&ChannelSettings>) -> Result<String, Failure> {
    let signs = channels.map(|channels| channels.recipient.account_id());
    match (&arguments.pay_to, signs) {
        (Some(pay_to), Some(signs))
            if pay_to
                .trim()
                .parse()
                .is_ok_and(|address: Address| address != signs.into()) =>
        {
            Err(Failure::configuration(format!(
                "STELLAR_RECIPIENT_SECRET_KEY is the key of {signs}, and STELLAR_RECIPIENT is another account: channels pay the account whose key it is"
            )))
        }
        (Some(pay_to), _) => Ok(pay_to.clone()),
        (None, Some(signs)) => Ok(signs.to_string()),
        (None, None) => Err(Failure::configuration(
            "nobody to pay: set STELLAR_RECIPIENT, or give --pay-to, to an account (G…) with a trustline to USDC",
        )),
    }
}

/// With its dollar sign.
fn price(text: &str) -> Result<String, Failure> {
    let price: UsdPrice = text.parse().map_err(|error| {
        Failure::configuration(format!("--price: {error}{}", dollars::hint(text)))
    })?;
    Ok(price.to_string())
}

/// A path that routes to itself and needs no escaping.
fn path(text: &str) -> Result<String, Failure> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    if text.starts_with('/') && text.bytes().all(plain) {
        return Ok(text.to_owned());
    }
    Err(Failure::new(
        Kind::Usage,
        "--path begins with / and has letters, digits and - . _ ~ / only, for example /weather",
    ))
}

/// Sponsors go before a facilitator, and a flag before the environment.
fn settled_by(arguments: &Serve) -> Result<SettledBy, Failure> {
    let sponsors = !arguments.sponsor_key.is_empty();
    match &arguments.facilitator_url {
        Some(_) if arguments.facilitator_url_is_flag && arguments.sponsor_key_is_flag => {
            Err(Failure::new(
                Kind::Usage,
                "--facilitator-url and --sponsor-key exclude each other: either a facilitator settles, or you do",
            ))
        }
        Some(url) if arguments.facilitator_url_is_flag || !sponsors => {
            facilitator(url, arguments.facilitator_key.as_ref())
        }
        _ if sponsors => sponsor_keys(&arguments.sponsor_key).map(SettledBy::Sponsors),
        _ if arguments.protocol.contains(&SoldBy::X402) => Err(Failure::configuration(
            "nobody settles x402 payments: set FACILITATOR_URL to a facilitator's address, or FACILITATOR_SPONSOR_KEYS to the \
             secret key (S…) of an account that pays the network's fees; or sell by MPP alone with --protocol mpp",
        )),
        _ => Ok(SettledBy::Buyers),
    }
}

fn facilitator(url: &str, key: Option<&SecretText>) -> Result<SettledBy, Failure> {
    let mut builder = HttpFacilitator::builder(url);
    if let Some(key) = key {
        builder = builder.api_key(key.expose());
    }
    builder
        .build()
        .map(|facilitator| SettledBy::Facilitator(Arc::new(facilitator)))
        .map_err(|error| Failure::configuration(format!("FACILITATOR_URL: {error}")))
}

fn sponsor_keys(keys: &[SecretText]) -> Result<Vec<SecretKey>, Failure> {
    let read = |key: &SecretText| {
        key.expose().parse().map_err(|error| {
            Failure::configuration(format!("a key in FACILITATOR_SPONSOR_KEYS: {error}"))
        })
    };
    keys.iter().map(read).collect()
}

/// The secret that was given, or a random one.
fn secret(given: Option<&SecretText>) -> Result<Vec<u8>, Failure> {
    let Some(secret) = given else {
        let mut random = vec![0; 32];
        getrandom::fill(&mut random).map_err(|error| Failure::unexpected(&error))?;
        return Ok(random);
    };
    let bytes = secret.expose().as_bytes();
    match ChallengeSecrets::new(bytes) {
        Ok(_) => Ok(bytes.to_vec()),
        Err(error) => Err(Failure::configuration(format!(
            "MPP_SECRET: {error}; make one with `openssl rand -hex 32`"
        ))),
    }
}
