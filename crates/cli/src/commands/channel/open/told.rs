//! What is told of a channel that was opened.

use coinslot_channel_commitment::OpenChannel;
use coinslot_mpp_channel_stellar::ChannelFacts;
use serde::Serialize;

use super::super::calling::Landed;
use super::plan::{Plan, Way};
use crate::exit::Failure;
use crate::inspect::{Money, Sheet, ledgers_in_words};
use crate::output::Output;

/// A channel that was opened.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Opened {
    channel: String,
    funder: String,
    recipient: String,
    token: String,
    deposit: Money,
    commitment_key: String,
    /// The file with the secret of a new key.
    commitment_key_file: Option<String>,
    refund_waiting_period: u32,
    factory: Option<String>,
    salt: String,
    /// The transaction that stored the contract's code, if this network did not have it.
    code_transaction: Option<String>,
    /// The transaction that opened it; `null` when an earlier attempt did.
    transaction: Option<String>,
    ledger: u32,
}

impl Opened {
    pub(super) fn now(
        plan: &Plan,
        terms: &OpenChannel,
        landed: &Landed,
        code: Option<&Landed>,
    ) -> Self {
        Self {
            code_transaction: code.map(|code| code.transaction.to_string()),
            transaction: Some(landed.transaction.to_string()),
            ledger: landed.ledger,
            ..Self::of(plan, terms)
        }
    }

    pub(super) fn before(plan: &Plan, facts: &ChannelFacts) -> Result<Self, Failure> {
        Ok(Self {
            ledger: facts.ledger,
            ..Self::of(plan, &plan.terms()?)
        })
    }

    fn of(plan: &Plan, terms: &OpenChannel) -> Self {
        Self {
            channel: plan.channel.to_string(),
            funder: plan.funder.account_id().to_string(),
            recipient: terms.recipient.to_string(),
            token: terms.token.to_string(),
            deposit: Money::new(terms.deposit, &terms.token.to_string()),
            commitment_key: terms.commitment_key.to_string(),
            commitment_key_file: plan.key.file().map(|file| file.display().to_string()),
            refund_waiting_period: terms.refund_waiting_period,
            factory: match plan.way {
                Way::Direct => None,
                Way::Factory(factory) => Some(factory.to_string()),
            },
            salt: hex::encode(plan.salt),
            code_transaction: None,
            transaction: None,
            ledger: 0,
        }
    }

    /// The channel on standard output, and what comes next on standard error.
    pub(super) fn tell(&self, output: Output) -> Result<(), Failure> {
        let mut sheet = Sheet::default();
        sheet.line("channel", &self.channel);
        sheet.line("deposit", &self.deposit);
        sheet.line("recipient", &self.recipient);
        sheet.line("commitment key", &self.commitment_key);
        sheet.line(
            "waiting period",
            ledgers_in_words(self.refund_waiting_period),
        );
        sheet.maybe("transaction", self.transaction.as_ref());
        output.result(&sheet.to_string(), self)?;
        let channel = &self.channel;
        match &self.commitment_key_file {
            Some(file) => output.note(&format!(
                "  keep       {file}: its key signs every payment from the channel, and none can be made without it"
            )),
            None => output.note("  keep       the secret of the commitment key: no payment can be made without it"),
        }
        output.note(&format!("  look       coinslot channel state {channel}"));
        output.note(&format!(
            "  add        coinslot channel top-up {channel} '$5'"
        ));
        output.note(&format!(
            "  take back  coinslot channel close-start {channel}, and after {}: coinslot channel refund {channel}",
            ledgers_in_words(self.refund_waiting_period)
        ));
        Ok(())
    }
}
