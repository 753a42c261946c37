//! Soroban authorization entries (CAP-46-11): who allows what, until when, and whether the signature holds.

use coinslot_caip2_network::StellarNetwork;
use coinslot_soroban_authorization::{AuthEntry, Credential, SignatureError, Transfer};
use coinslot_usdc_amount::BaseUnits;
use serde::Serialize;

use super::money::Money;
use super::sheet::Sheet;

/// An authorization entry.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExplainedEntry {
    /// `address`, `source-account` or `unsupported`.
    pub(crate) authorized_by: &'static str,
    /// Who authorizes.
    pub(crate) payer: Option<String>,
    /// Used once, in decimal.
    pub(crate) nonce: Option<String>,
    /// The last ledger in which it can be used.
    pub(crate) expiration_ledger: Option<u32>,
    /// The transfer that it allows, when it allows exactly that.
    pub(crate) transfer: Option<ExplainedTransfer>,
    /// Whether it allows calls below the first one.
    pub(crate) allows_more: bool,
    signed: bool,
    /// Whether the signature holds, for each public network; a signature is made for one.
    signatures: Vec<Verdict>,
}

/// A transfer of a token.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExplainedTransfer {
    pub(crate) from: String,
    pub(crate) to: String,
    /// `None` for an amount below zero, which no token moves.
    pub(crate) amount: Option<Money>,
    token: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Verdict {
    network: String,
    valid: bool,
    /// Why it is not valid, or cannot be judged here.
    reason: Option<String>,
}

pub(crate) fn explain(entry: &AuthEntry) -> ExplainedEntry {
    let (authorized_by, payer, nonce, expiration_ledger, signed) = match entry.credential() {
        Credential::SourceAccount => ("source-account", None, None, None, false),
        Credential::Unsupported => ("unsupported", None, None, None, false),
        Credential::Address {
            address,
            nonce,
            expiration_ledger,
            signed,
        } => (
            "address",
            Some(address.to_string()),
            Some(nonce.to_string()),
            Some(expiration_ledger),
            signed,
        ),
    };
    let networks = [StellarNetwork::Pubnet, StellarNetwork::Testnet];
    ExplainedEntry {
        authorized_by,
        payer,
        nonce,
        expiration_ledger,
        transfer: entry.transfer().map(|transfer| explain_transfer(&transfer)),
        allows_more: entry.has_sub_invocations(),
        signed,
        signatures: networks
            .iter()
            .filter(|_| signed)
            .map(|network| judge(entry, network))
            .collect(),
    }
}

pub(crate) fn explain_transfer(transfer: &Transfer) -> ExplainedTransfer {
    let token = transfer.token.to_string();
    let units = u128::try_from(transfer.amount)
        .ok()
        .and_then(|units| BaseUnits::new(units).ok());
    ExplainedTransfer {
        from: transfer.from.to_string(),
        to: transfer.to.to_string(),
        amount: units.map(|units| Money::new(units, &token)),
        token,
    }
}

fn judge(entry: &AuthEntry, network: &StellarNetwork) -> Verdict {
    let result = entry.verify_account_signature(&network.network_id());
    let reason = match &result {
        Ok(()) => None,
        Err(SignatureError::NotAnAccount) => {
            Some("only the contract that authorizes can judge it".to_owned())
        }
        Err(SignatureError::Invalid { .. }) => {
            Some("it was made for another network or another entry".to_owned())
        }
        Err(error) => Some(error.to_string()),
    };
    Verdict {
        network: network.chain_id().to_string(),
        valid: result.is_ok(),
        reason,
    }
}

impl ExplainedEntry {
    /// Whether an account's authorization cannot be used on a network: it is not signed for it.
    pub(crate) fn lacks_signature_on(&self, network: &str) -> bool {
        let by_contract = self
            .payer
            .as_ref()
            .is_some_and(|payer| payer.starts_with('C'));
        let valid = |verdict: &Verdict| verdict.network == network && verdict.valid;
        self.authorized_by == "address"
            && !(self.signed && (by_contract || self.signatures.iter().any(valid)))
    }

    pub(crate) fn write(&self, sheet: &mut Sheet) {
        sheet.block("An authorization entry", |sheet| {
            match self.authorized_by {
                "address" => sheet.maybe("payer", self.payer.as_ref()),
                "source-account" => sheet.say("authorized by the transaction's own signatures"),
                _ => sheet.say("authorized in a form that is not understood here"),
            }
            sheet.maybe("nonce", self.nonce.as_ref());
            sheet.maybe("can be used until ledger", self.expiration_ledger);
            match &self.transfer {
                Some(transfer) => transfer.write(sheet),
                None => sheet.say("it allows something other than one transfer of a token"),
            }
            if self.allows_more {
                sheet.say("CAREFUL: it allows further calls below the first one");
            }
            if self.authorized_by == "address" && !self.signed {
                sheet.say("it is not signed");
            }
            for verdict in &self.signatures {
                let network = format!("signature on {}", verdict.network);
                match &verdict.reason {
                    None => sheet.line(&network, "valid"),
                    Some(reason) => sheet.line(&network, format_args!("not valid: {reason}")),
                }
            }
        });
    }
}

impl ExplainedTransfer {
    pub(crate) fn write(&self, sheet: &mut Sheet) {
        match &self.amount {
            Some(amount) => sheet.line("amount", amount),
            None => sheet.say(format_args!(
                "an amount below zero of {}, which no token moves",
                self.token
            )),
        }
        sheet.line("from", &self.from);
        sheet.line("to", &self.to);
    }
}
