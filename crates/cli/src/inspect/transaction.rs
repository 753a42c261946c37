//! Transaction envelopes: one transfer, or what else is in them.

use coinslot_caip2_network::StellarNetwork;
use coinslot_client::ServerText;
use coinslot_soroban_authorization::{
    Envelope, InvocationEnvelope, MAX_DEPTH, MAX_ENVELOPE_BYTES, Memo, NotATransfer,
    TransferEnvelope,
};
use serde::Serialize;
use stellar_xdr::{Limits, ReadXdr, TransactionEnvelope};

use super::auth_entry::{self, ExplainedEntry, ExplainedTransfer};
use super::money::Money;
use super::sheet::Sheet;

/// A transaction.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExplainedTransaction {
    /// Its hash on each public network.
    hashes: Vec<Hash>,
    /// How many signatures it carries.
    pub(crate) signatures: u32,
    /// The transaction inside a fee bump.
    pub(crate) inner: Option<Box<ExplainedTransaction>>,
    source: Option<String>,
    operation_source: Option<String>,
    /// In stroops, the resource fee included.
    fee: Option<i64>,
    /// In decimal.
    sequence: Option<String>,
    /// In seconds since 1970; zero means no end.
    max_time: Option<u64>,
    memo: Option<String>,
    has_other_preconditions: bool,
    pub(crate) transfer: Option<ExplainedTransfer>,
    /// Why it is not a transfer.
    not_a_transfer: Option<String>,
    pub(crate) auth: Vec<ExplainedEntry>,
    resources: Option<Resources>,
}

#[derive(Debug, Serialize)]
struct Hash {
    network: String,
    hash: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Resources {
    instructions: u32,
    disk_read_bytes: u32,
    write_bytes: u32,
    /// In stroops.
    resource_fee: i64,
}

pub(crate) fn explain(envelope: &Envelope) -> ExplainedTransaction {
    let networks = [StellarNetwork::Pubnet, StellarNetwork::Testnet];
    let hash = |network: &StellarNetwork| Hash {
        network: network.chain_id().to_string(),
        hash: envelope.hash(&network.network_id()).to_string(),
    };
    let explained = ExplainedTransaction {
        hashes: networks.iter().map(hash).collect(),
        signatures: envelope.signature_count(),
        inner: envelope.inner().map(|inner| Box::new(explain(&inner))),
        source: None,
        operation_source: None,
        fee: None,
        sequence: None,
        max_time: None,
        memo: None,
        has_other_preconditions: false,
        transfer: None,
        not_a_transfer: None,
        auth: Vec::new(),
        resources: None,
    };
    if explained.inner.is_some() {
        return with_fee_bump(explained, envelope);
    }
    match TransferEnvelope::recognise(envelope) {
        Ok(transfer) => with_transfer(explained, &transfer),
        Err(why) => with_invocation(explained, envelope, &why),
    }
}

fn with_fee_bump(explained: ExplainedTransaction, envelope: &Envelope) -> ExplainedTransaction {
    let limits = Limits {
        depth: MAX_DEPTH,
        len: MAX_ENVELOPE_BYTES,
    };
    let Ok(TransactionEnvelope::TxFeeBump(outer)) =
        TransactionEnvelope::from_xdr(envelope.as_xdr(), limits)
    else {
        return explained;
    };
    ExplainedTransaction {
        source: Some(outer.tx.fee_source.to_string()),
        fee: Some(outer.tx.fee),
        ..explained
    }
}

fn with_transfer(
    explained: ExplainedTransaction,
    envelope: &TransferEnvelope,
) -> ExplainedTransaction {
    ExplainedTransaction {
        source: Some(envelope.source.to_string()),
        operation_source: envelope.operation_source.map(|source| source.to_string()),
        fee: Some(envelope.fee.into()),
        sequence: Some(envelope.sequence.to_string()),
        max_time: envelope.time_bounds.map(|bounds| bounds.max_time),
        memo: memo(&envelope.memo),
        has_other_preconditions: envelope.has_other_preconditions,
        transfer: Some(auth_entry::explain_transfer(&envelope.transfer)),
        auth: envelope.auth.iter().map(auth_entry::explain).collect(),
        resources: envelope.resources.as_ref().map(|resources| Resources {
            instructions: resources.instructions(),
            disk_read_bytes: resources.disk_read_bytes(),
            write_bytes: resources.write_bytes(),
            resource_fee: resources.resource_fee(),
        }),
        ..explained
    }
}

fn with_invocation(
    explained: ExplainedTransaction,
    envelope: &Envelope,
    why: &NotATransfer,
) -> ExplainedTransaction {
    let explained = ExplainedTransaction {
        not_a_transfer: Some(why.to_string()),
        ..explained
    };
    let Ok(invocation) = InvocationEnvelope::recognise(envelope) else {
        return explained;
    };
    ExplainedTransaction {
        source: Some(invocation.source().to_string()),
        operation_source: invocation
            .operation_source()
            .map(|source| source.to_string()),
        fee: Some(invocation.fee().into()),
        auth: invocation.auth().iter().map(auth_entry::explain).collect(),
        ..explained
    }
}

fn memo(memo: &Memo) -> Option<String> {
    match memo {
        Memo::None => None,
        Memo::Text(text) => Some(ServerText::new(&String::from_utf8_lossy(text)).to_string()),
        Memo::Id(id) => Some(id.to_string()),
        Memo::Hash(_) => Some("a hash".to_owned()),
        Memo::Return(_) => Some("the hash of a transaction whose money comes back".to_owned()),
    }
}

impl ExplainedTransaction {
    /// Where the signed transfer is not what `asked` ("was accepted") names.
    pub(crate) fn contradictions(&self, pay_to: &str, amount: &Money, asked: &str) -> Vec<String> {
        let mut problems = Vec::new();
        match &self.transfer {
            None => problems.push("its transaction is not one transfer".to_owned()),
            Some(transfer) => {
                if transfer.to != pay_to {
                    problems.push(format!("it pays somebody else than {asked}"));
                }
                if transfer.amount.as_ref() != Some(amount) {
                    problems.push(format!("it pays another amount or asset than {asked}"));
                }
            }
        }
        match self.auth.as_slice() {
            [entry] if entry.transfer != self.transfer || entry.allows_more => {
                problems.push("its authorization is not for this transfer alone".to_owned());
            }
            [_] => {}
            entries => problems.push(format!(
                "it has {} authorization entries, where one belongs",
                entries.len()
            )),
        }
        problems
    }

    pub(crate) fn write(&self, sheet: &mut Sheet) {
        let heading = match (&self.inner, &self.transfer) {
            (Some(_), _) => "A fee bump: somebody else pays the fee of the transaction in it",
            (None, Some(_)) => "A transaction that transfers a token",
            (None, None) => "A transaction",
        };
        sheet.block(heading, |sheet| self.write_body(sheet));
    }

    fn write_body(&self, sheet: &mut Sheet) {
        sheet.maybe("not a transfer", self.not_a_transfer.as_ref());
        if let Some(transfer) = &self.transfer {
            transfer.write(sheet);
        }
        let source = if self.inner.is_some() {
            "who pays the fee"
        } else {
            "source"
        };
        sheet.maybe(
            source,
            self.source.as_deref().map(|source| match source {
                NOBODY => {
                    "nobody yet (the all-zeros account): a facilitator puts its own in its place"
                }
                source => source,
            }),
        );
        sheet.maybe("operation source", self.operation_source.as_ref());
        sheet.maybe("fee in stroops", self.fee);
        sheet.maybe("sequence", self.sequence.as_ref());
        sheet.maybe(
            "not valid after (seconds since 1970)",
            self.max_time.filter(|time| *time != 0),
        );
        sheet.maybe("memo", self.memo.as_ref());
        if self.has_other_preconditions {
            sheet.say("it has preconditions other than the time");
        }
        if let Some(resources) = &self.resources {
            sheet.line(
                "resources",
                format_args!(
                    "{} instructions, {} bytes read, {} bytes written, {} stroops",
                    resources.instructions,
                    resources.disk_read_bytes,
                    resources.write_bytes,
                    resources.resource_fee
                ),
            );
        }
        sheet.line("signatures on the transaction", self.signatures);
        for hash in &self.hashes {
            sheet.line(&format!("hash on {}", hash.network), &hash.hash);
        }
        for entry in &self.auth {
            entry.write(sheet);
        }
        if let Some(inner) = &self.inner {
            inner.write(sheet);
        }
    }
}

const NOBODY: &str = "GAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAWHF";
