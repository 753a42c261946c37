//! The `payload` of a credential: what pays.

use coinslot_mpp_wire::stellar::{
    ChannelPayload, ChargePayload, CredentialType, signed_hash_message,
};
use coinslot_mpp_wire::{Credential, JsonError, Payload};
use coinslot_soroban_authorization::{AuthEntry, Envelope, TransactionHash, verify_signature};
use coinslot_stellar_address::AccountId;
use serde::Serialize;
use serde_json::Value;

use super::request::{ExplainedCharge, ExplainedRequest};
use super::voucher;
use crate::inspect::auth_entry::{self, ExplainedEntry};
use crate::inspect::sheet::Sheet;
use crate::inspect::transaction::{self, ExplainedTransaction};

/// What pays.
#[derive(Debug, Serialize)]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub(crate) enum ExplainedPayload {
    /// The seller submits what the buyer signed.
    Transaction {
        transaction: Option<Box<ExplainedTransaction>>,
        /// An authorization entry that stands where the transaction belongs.
        auth_entry: Option<Box<ExplainedEntry>>,
    },
    /// The buyer submitted the transaction, and signed that it did.
    SignedHash {
        hash: String,
        /// Whether the signature is the source's; `None` when no account says that it pays.
        signature_valid: Option<bool>,
    },
    /// The buyer submitted the transaction.
    Hash { hash: String },
    /// A channel's amount so far.
    Voucher {
        /// `voucher` or `close`.
        action: &'static str,
        /// In base units of the channel's token, all payments together.
        amount: String,
        /// What its signature is over, 192 bytes; `None` when the challenge does not say of which channel or network.
        commitment: Option<String>,
    },
    /// Of another method, or not what its method has.
    Unknown {
        /// The names of its members.
        members: Vec<String>,
    },
}

impl ExplainedPayload {
    /// The payload, and what is wrong with it. `source` is the account that says it pays.
    pub(crate) fn new(
        credential: &Credential,
        request: &ExplainedRequest,
        source: Option<&str>,
    ) -> (Self, Vec<String>) {
        let payload = &credential.payload;
        match request {
            ExplainedRequest::Charge(charge) => match payload.read::<ChargePayload>() {
                Ok(read) => {
                    let mut problems = not_taken(&read.form(), charge);
                    problems.extend(upper_case(payload));
                    let (explained, further) = explain_charge(read, credential, charge, source);
                    problems.extend(further);
                    (explained, problems)
                }
                Err(error) => unknown(payload, &error),
            },
            ExplainedRequest::Channel(channel) => match payload.read::<ChannelPayload>() {
                Ok(read) => {
                    let (explained, mut problems) = voucher::explain(&read, channel);
                    problems.extend(upper_case(payload));
                    (explained, problems)
                }
                Err(error) => unknown(payload, &error),
            },
            ExplainedRequest::Other { .. } => (
                Self::Unknown {
                    members: members(payload),
                },
                vec!["what it pays is not explained here, so its payload is not either".to_owned()],
            ),
        }
    }

    /// Who pays, where that can be seen.
    pub(crate) fn payer(&self) -> Option<&str> {
        let Self::Transaction {
            transaction: Some(transaction),
            ..
        } = self
        else {
            return None;
        };
        let transfer = in_fee_bump(transaction).transfer.as_ref()?;
        Some(&transfer.from)
    }

    pub(crate) fn write(&self, sheet: &mut Sheet) {
        match self {
            Self::Transaction {
                transaction,
                auth_entry,
            } => {
                sheet.say("paid with a transaction that the seller submits (transaction)");
                if let Some(transaction) = transaction {
                    transaction.write(sheet);
                }
                if let Some(entry) = auth_entry {
                    entry.write(sheet);
                }
            }
            Self::SignedHash {
                hash,
                signature_valid,
            } => {
                sheet.say("paid with a transaction that the buyer submitted (signedHash)");
                sheet.line("transaction", hash);
                sheet.line(
                    "the buyer's signature",
                    match signature_valid {
                        Some(true) => "valid",
                        Some(false) => "not the source's",
                        None => "not judged here: no account says that it pays",
                    },
                );
            }
            Self::Hash { hash } => {
                sheet.say("paid with a transaction that the buyer submitted, without a signature (hash): whoever sees it on the chain can send this");
                sheet.line("transaction", hash);
            }
            Self::Voucher {
                action,
                amount,
                commitment,
            } => {
                sheet.say(match *action {
                    "close" => "paid over a channel with a voucher that is to close it (close)",
                    _ => "paid over a channel with a voucher (voucher)",
                });
                sheet.line("all payments together, in base units", amount);
                sheet.line(
                    "the signature",
                    "not judged here: only the ledger knows the channel's key",
                );
                sheet.maybe("it is over the commitment", commitment.as_ref());
            }
            Self::Unknown { members } => {
                let names = Some(members.join(", ")).filter(|names| !names.is_empty());
                sheet.quote("payload with the members", names.as_deref());
            }
        }
    }
}

fn explain_charge(
    payload: ChargePayload,
    credential: &Credential,
    charge: &ExplainedCharge,
    source: Option<&str>,
) -> (ExplainedPayload, Vec<String>) {
    match payload {
        ChargePayload::Transaction { transaction } => explain_transaction(&transaction, charge),
        ChargePayload::SignedHash {
            hash,
            source_signature,
        } => {
            let message = signed_hash_message(credential.challenge.id(), &hash);
            let payer: Option<AccountId> = source.and_then(|source| source.parse().ok());
            let valid =
                payer.map(|payer| verify_signature(&payer, message.as_bytes(), &source_signature));
            let problem = (valid == Some(false))
                .then(|| "its signature is not the source's for this challenge".to_owned());
            let hash = TransactionHash::from_bytes(hash).to_string();
            let explained = ExplainedPayload::SignedHash {
                hash,
                signature_valid: valid,
            };
            (explained, problem.into_iter().collect())
        }
        ChargePayload::Hash { hash } => {
            let hash = TransactionHash::from_bytes(hash).to_string();
            (ExplainedPayload::Hash { hash }, Vec::new())
        }
    }
}

fn explain_transaction(text: &str, charge: &ExplainedCharge) -> (ExplainedPayload, Vec<String>) {
    let explained = |transaction, auth_entry| ExplainedPayload::Transaction {
        transaction,
        auth_entry,
    };
    match Envelope::from_base64(text) {
        Ok(envelope) => {
            let transaction = transaction::explain(&envelope);
            let problems = contradictions(&transaction, charge);
            (explained(Some(Box::new(transaction)), None), problems)
        }
        Err(error) => match AuthEntry::from_base64(text) {
            Ok(entry) => (
                explained(None, Some(Box::new(auth_entry::explain(&entry)))),
                vec![ENTRY_ALONE.to_owned()],
            ),
            Err(_) => (
                explained(None, None),
                vec![format!("its transaction cannot be decoded: {error}")],
            ),
        },
    }
}

/// Where the signed transaction is not what the challenge asks for.
fn contradictions(transaction: &ExplainedTransaction, charge: &ExplainedCharge) -> Vec<String> {
    let sponsored = charge.fees_paid_by == "seller";
    let inside = in_fee_bump(transaction);
    let judged = if sponsored { transaction } else { inside };
    let mut problems =
        judged.contradictions(&charge.recipient, &charge.amount, "the challenge asks for");
    if !sponsored && inside.signatures == 0 {
        problems.push("the buyer pays the fees, and its transaction is not signed".to_owned());
    }
    let unsigned = |network: &String| {
        let entries = &judged.auth;
        entries
            .iter()
            .any(|entry| entry.lacks_signature_on(network))
    };
    if let Some(network) = charge.network.as_ref().filter(|network| unsigned(network)) {
        problems.push(format!("its authorization is not signed for {network}"));
    }
    problems
}

fn in_fee_bump(transaction: &ExplainedTransaction) -> &ExplainedTransaction {
    transaction.inner.as_deref().unwrap_or(transaction)
}

fn not_taken(form: &CredentialType, charge: &ExplainedCharge) -> Vec<String> {
    if charge.takes(form) {
        return Vec::new();
    }
    vec![format!(
        "it is paid with `{}`, which the challenge does not take",
        form.as_str()
    )]
}

/// Hexadecimal digits that are not in lower case. Signatures are of the text in lower case.
fn upper_case(payload: &Payload) -> Vec<String> {
    let object: Value = serde_json::from_str(payload.json()).unwrap_or_default();
    ["hash", "sourceSignature", "signature"]
        .iter()
        .filter(|name| {
            let text = object.get(name).and_then(Value::as_str);
            text.is_some_and(|text| text.bytes().any(|byte| byte.is_ascii_uppercase()))
        })
        .map(|name| {
            format!("its `{name}` is not written in lower case, as other programs compare it")
        })
        .collect()
}

fn unknown(payload: &Payload, error: &JsonError) -> (ExplainedPayload, Vec<String>) {
    let explained = ExplainedPayload::Unknown {
        members: members(payload),
    };
    (
        explained,
        vec![format!("its payload cannot be read: {error}")],
    )
}

fn members(payload: &Payload) -> Vec<String> {
    match serde_json::from_str(payload.json()) {
        Ok(Value::Object(object)) => object.into_iter().map(|(name, _)| name).collect(),
        _ => Vec::new(),
    }
}

const ENTRY_ALONE: &str = "its transaction is an authorization entry alone, where the whole envelope with that entry in it belongs";
