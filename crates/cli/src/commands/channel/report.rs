//! `coinslot channel state`, and what the other commands tell of a channel that they changed.

use coinslot_channel_commitment::ONE_WAY_CHANNEL_CODE;
use coinslot_mpp_channel_stellar::ChannelFacts;
use serde::Serialize;

use super::seller::SellersView;
use super::{contract, reading, returned};
use crate::arguments::State;
use crate::exit::Failure;
use crate::inspect::{Money, Sheet, ledgers_in_words};
use crate::network::{self, Selected};
use crate::output::Output;

/// How a channel stands, as the ledger has it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Standing {
    channel: String,
    /// `open`, `closing` or `closed`.
    state: &'static str,
    token: String,
    funder: String,
    recipient: String,
    commitment_key: String,
    refund_waiting_period: u32,
    close_effective_at_ledger: Option<u32>,
    /// In all, whatever became of it; `null` when it is not known what went back.
    deposited: Option<Money>,
    withdrawn: Money,
    /// What went back to the funder; `null` when the RPC does not know any more.
    returned: Option<Money>,
    balance: Money,
    /// The SHA-256 of the contract's code.
    code: String,
    /// Whether that is the code that comes with this program.
    code_is_known: bool,
    live_until_ledger: u32,
    archived: bool,
    as_of_ledger: u32,
    /// With a store.
    #[serde(skip_serializing_if = "Option::is_none")]
    seller: Option<SellersView>,
}

/// What a call made of a channel.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Changed {
    /// `null` when there was nothing to do.
    transaction: Option<String>,
    #[serde(flatten)]
    standing: Standing,
}

pub(super) async fn run(arguments: State, output: Output) -> Result<(), Failure> {
    let channel = contract(&arguments.channel, "the channel")?;
    let selected = network::select(&arguments.network)?;
    network::must_serve(&selected).await?;
    let facts = reading::channel(&selected, &channel).await?;
    let mut standing = Standing::read(&selected, &facts).await;
    if let Some(store) = &arguments.store {
        standing.seller = Some(SellersView::read(&selected, &facts, store).await?);
    }
    let mut sheet = Sheet::default();
    standing.write(&mut sheet);
    output.result(&sheet.to_string(), &standing)
}

/// `open`, `closing` or `closed`.
pub(super) fn state_of(facts: &ChannelFacts) -> &'static str {
    match facts.close_effective_at_ledger() {
        None => "open",
        Some(at) if at > facts.ledger => "closing",
        Some(_) => CLOSED,
    }
}

impl Standing {
    async fn read(selected: &Selected, facts: &ChannelFacts) -> Self {
        let instance = &facts.instance;
        let token = instance.token.to_string();
        let returned = returned::to_funder(selected, facts).await;
        let deposited = returned.and_then(|returned| facts.deposited().checked_add(returned));
        Self {
            channel: instance.channel.to_string(),
            state: state_of(facts),
            funder: instance.funder.to_string(),
            recipient: instance.recipient.to_string(),
            commitment_key: instance.commitment_key.to_string(),
            refund_waiting_period: instance.refund_waiting_period,
            close_effective_at_ledger: facts.close_effective_at_ledger(),
            deposited: deposited.map(|units| Money::new(units, &token)),
            withdrawn: Money::new(instance.withdrawn, &token),
            returned: returned.map(|units| Money::new(units, &token)),
            balance: Money::new(facts.balance, &token),
            code: hex::encode(instance.wasm_hash),
            code_is_known: instance.wasm_hash == ONE_WAY_CHANNEL_CODE,
            live_until_ledger: facts.live_until_ledger,
            archived: facts.is_archived(),
            as_of_ledger: facts.ledger,
            seller: None,
            token,
        }
    }

    fn write(&self, sheet: &mut Sheet) {
        sheet.line("channel", &self.channel);
        sheet.line("state", self.in_words());
        sheet.line("funder", &self.funder);
        sheet.line("recipient", &self.recipient);
        sheet.line("token", &self.token);
        sheet.line("commitment key", &self.commitment_key);
        sheet.line(
            "waiting period",
            ledgers_in_words(self.refund_waiting_period),
        );
        self.write_money(sheet);
        if !self.code_is_known {
            sheet.line(
                "PROBLEM",
                format_args!(
                    "its code {} is not the one that comes with this program: a voucher may be worth nothing",
                    self.code
                ),
            );
        }
        let left = self.live_until_ledger.saturating_sub(self.as_of_ledger);
        if self.archived {
            sheet.line("PROBLEM", "it is archived; the next call restores it");
        } else {
            sheet.line(
                "lives",
                format_args!(
                    "{}, until ledger {}",
                    ledgers_in_words(left),
                    self.live_until_ledger
                ),
            );
        }
        sheet.line("as of ledger", self.as_of_ledger);
        if let Some(seller) = &self.seller {
            sheet.block("seller", |sheet| seller.write(sheet));
        }
    }

    fn write_money(&self, sheet: &mut Sheet) {
        sheet.maybe("deposited", self.deposited.as_ref());
        sheet.line("withdrawn", &self.withdrawn);
        match &self.returned {
            Some(returned) if self.state == CLOSED => sheet.line("returned", returned),
            Some(_) => {}
            None => sheet.line("returned", NOT_KNOWN),
        }
        sheet.line("balance", &self.balance);
    }

    fn in_words(&self) -> String {
        match self.close_effective_at_ledger {
            None => self.state.to_owned(),
            Some(at) => match at.checked_sub(self.as_of_ledger).filter(|left| *left > 0) {
                Some(left) => format!(
                    "closing: the funder can take back what is left in {}, from ledger {at} on",
                    ledgers_in_words(left)
                ),
                None if self.balance.is_zero() => format!("closed since ledger {at}"),
                None => format!(
                    "closed since ledger {at}; the funder takes the balance back with `coinslot channel refund`"
                ),
            },
        }
    }
}

impl Changed {
    pub(super) async fn by(
        transaction: impl Into<Option<String>>,
        selected: &Selected,
        facts: &ChannelFacts,
    ) -> Self {
        Self {
            transaction: transaction.into(),
            standing: Standing::read(selected, facts).await,
        }
    }

    pub(super) fn tell(&self, output: Output) -> Result<(), Failure> {
        let standing = &self.standing;
        let mut sheet = Sheet::default();
        sheet.maybe("transaction", self.transaction.as_ref());
        sheet.line("channel", &standing.channel);
        sheet.line("state", standing.in_words());
        standing.write_money(&mut sheet);
        output.result(&sheet.to_string(), self)
    }
}

/// The state of a channel that has ended.
pub(super) const CLOSED: &str = "closed";
/// What there is to say of what went back when the RPC does not have the channel's events.
pub(super) const NOT_KNOWN: &str = "the RPC does not know any more what went back to the funder";
