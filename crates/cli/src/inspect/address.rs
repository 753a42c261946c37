//! Addresses, and secret keys that were taken for one.

use coinslot_soroban_authorization::SecretKey;
use coinslot_stellar_address::{AccountId, Address, ParseAddressError};
use coinslot_usdc_amount::USDC_DEPLOYMENTS;
use serde::Serialize;

use super::sheet::Sheet;

/// An address.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExplainedAddress {
    address: String,
    /// `account`, `contract` or `muxed-account`.
    address_kind: &'static str,
    /// The account behind a muxed address.
    account: Option<String>,
    /// The number beside a muxed address's account, in decimal.
    id: Option<String>,
    /// What it is known for.
    known_as: Option<String>,
}

/// A secret key.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExplainedSecret {
    /// The account that it belongs to, when its checksum is right.
    account: Option<String>,
    warning: &'static str,
}

/// Whether this can only have been meant as a secret key, valid or not.
pub(crate) fn is_secret(input: &str) -> bool {
    input.starts_with('S') && looks_like_strkey(input)
}

/// Whether this can only have been meant as an address.
pub(crate) fn looks_like_one(input: &str) -> bool {
    looks_like_strkey(input) || input.starts_with("0x") && input.len() == 42
}

/// The letters and lengths of addresses. Base64 of as many letters, all of them capital, is no message that is explained here.
fn looks_like_strkey(input: &str) -> bool {
    let alphabet = input
        .bytes()
        .all(|byte| matches!(byte, b'A'..=b'Z' | b'2'..=b'7'));
    alphabet && (50..=110).contains(&input.len()) && !input.starts_with("AAAA")
}

pub(crate) fn explain(input: &str) -> Result<ExplainedAddress, ParseAddressError> {
    let address: Address = input.parse()?;
    let (address_kind, account, id) = match &address {
        Address::Account(_) => ("account", None, None),
        Address::Contract(_) => ("contract", None, None),
        Address::Muxed(muxed) => (
            "muxed-account",
            Some(muxed.account().to_string()),
            Some(muxed.id().to_string()),
        ),
    };
    Ok(ExplainedAddress {
        known_as: known_as(&address),
        address: address.to_string(),
        address_kind,
        account,
        id,
    })
}

fn known_as(address: &Address) -> Option<String> {
    if address.account_key() == Some(AccountId::ALL_ZEROS) {
        return Some(
            "the all-zeros account, which stands for \"nobody\" in simulations; it has no key"
                .to_owned(),
        );
    }
    let text = address.to_string();
    USDC_DEPLOYMENTS.iter().find_map(|usdc| match usdc {
        usdc if usdc.contract == text => Some(format!(
            "the contract of USDC on {}, which payments name",
            usdc.chain
        )),
        usdc if usdc.issuer == Some(&text) => Some(format!(
            "the issuer of USDC on {}, which trustlines name",
            usdc.chain
        )),
        _ => None,
    })
}

/// Says whose secret it is, and never the secret.
pub(crate) fn explain_secret(input: &str) -> ExplainedSecret {
    let secret: Option<SecretKey> = input.parse().ok();
    ExplainedSecret {
        account: secret.map(|secret| secret.account_id().to_string()),
        warning: WARNING,
    }
}

impl ExplainedAddress {
    pub(crate) fn write(&self, sheet: &mut Sheet) {
        sheet.say(match self.address_kind {
            "contract" => "A contract address (C…)",
            "muxed-account" => "A muxed account address (M…): an account with a number beside it",
            _ => "An account address (G…)",
        });
        sheet.line("address", &self.address);
        sheet.maybe("account", self.account.as_ref());
        sheet.maybe("number", self.id.as_ref());
        sheet.maybe("known as", self.known_as.as_ref());
    }
}

impl ExplainedSecret {
    pub(crate) fn write(&self, sheet: &mut Sheet) {
        sheet.say("A SECRET KEY (S…)");
        match &self.account {
            Some(account) => sheet.line("it signs for", account),
            None => sheet.say("its checksum is wrong: a character is missing or mistyped"),
        }
        sheet.line("warning", self.warning);
    }
}

const WARNING: &str = "whoever sees this key can spend everything that its account has. It is not repeated here, but it may stand in \
    this terminal's history; when anybody else can read that, move the money to a new account";
