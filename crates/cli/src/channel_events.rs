//! What happens to a seller's channels, for people and for machines.

use coinslot_client::ServerText;
use coinslot_settlement::{ChannelEvent, ChannelObserver};
use coinslot_stellar_address::ContractId;
use serde_json::{Value, json};

use crate::inspect::Money;
use crate::output::Output;

/// Tells what happens: as lines for a person or, if the program's events are results, as JSON for a machine.
pub(crate) struct ChannelTeller {
    pub(crate) output: Output,
    pub(crate) token: ContractId,
    pub(crate) as_results: bool,
}

impl ChannelObserver for ChannelTeller {
    fn on_event(&self, event: &ChannelEvent<'_>) {
        let Some((words, document)) = told(event, &self.token) else {
            return;
        };
        self.output.note(&words);
        if self.as_results
            && self.output.is_json()
            && let Err(failure) = self.output.line(&document)
        {
            tracing::error!(%failure, "an event could not be printed");
        }
    }
}

/// The name of an event, for machines.
pub(crate) const fn name(event: &ChannelEvent<'_>) -> &'static str {
    match event {
        ChannelEvent::Settled { .. } => "settled",
        ChannelEvent::Closing { .. } => "closing",
        ChannelEvent::Closed { .. } => "closed",
        ChannelEvent::Disputed { .. } => "disputed",
        ChannelEvent::Lost { .. } => "lost",
        ChannelEvent::Extended { .. } => "extended",
        ChannelEvent::Failed { .. } => "failed",
        _ => "other",
    }
}

fn told(event: &ChannelEvent<'_>, token: &ContractId) -> Option<(String, Value)> {
    let money = |units| Money::new(units, &token.to_string());
    let event_name = name(event);
    Some(match event {
        ChannelEvent::Settled {
            channel,
            withdrawn,
            transaction,
        } => {
            let withdrawn = money(*withdrawn);
            (
                format!(
                    "✓ channel {channel} settled, {} withdrawn in all, transaction {transaction}",
                    withdrawn.short()
                ),
                json!({ "event": event_name, "channel": channel.to_string(), "withdrawn": withdrawn, "transaction": transaction }),
            )
        }
        ChannelEvent::Closing { channel } => (
            format!("· channel {channel} is being closed, and takes no more vouchers"),
            json!({ "event": event_name, "channel": channel.to_string() }),
        ),
        ChannelEvent::Closed {
            channel,
            transaction,
        } => (
            format!("✓ channel {channel} closed, transaction {transaction}"),
            json!({ "event": event_name, "channel": channel.to_string(), "transaction": transaction }),
        ),
        ChannelEvent::Disputed {
            channel,
            effective_at_ledger,
        } => (
            format!(
                "! the funder of channel {channel} closes it: from ledger {effective_at_ledger} on it can take back what is left"
            ),
            json!({ "event": event_name, "channel": channel.to_string(), "effectiveAtLedger": effective_at_ledger }),
        ),
        ChannelEvent::Lost { channel, amount } => {
            let amount = money(*amount);
            (
                format!(
                    "! the funder of channel {channel} took back {} that was yours",
                    amount.short()
                ),
                json!({ "event": event_name, "channel": channel.to_string(), "amount": amount }),
            )
        }
        ChannelEvent::Extended { channel } => (
            format!("· the time to live of channel {channel} was extended"),
            json!({ "event": event_name, "channel": channel.to_string() }),
        ),
        ChannelEvent::Failed { channel, outage } => {
            let why = ServerText::new(&crate::exit::sentence_of(*outage)).to_string();
            (
                format!("! channel {channel}: {why}; it is tried again"),
                json!({ "event": event_name, "channel": channel.to_string(), "message": why }),
            )
        }
        _ => return None,
    })
}
